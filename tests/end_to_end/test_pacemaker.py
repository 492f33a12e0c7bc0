"""A pacemaker that loses capture, live: from the device's packets to the alert and its evidence."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import redis

from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.alerts.evidence import unpack
from tests.support.waiting import allowed_s, wait_until

COMPILED_WITHIN_S = 300.0
"""After an update the detector compiles its engine first."""
pytestmark = pytest.mark.timeout(COMPILED_WITHIN_S + 180)
SCENARIO = """
loop = false

[[segments]]
rhythm = "paced"
rate = 70
duration_s = 20

[[segments]]
rhythm = "paced"
rate = 70
capture = 0.0
duration_s = 3

[[segments]]
rhythm = "paced"
rate = 70
duration_s = 20
"""


def test_loss_of_capture_is_told_with_its_evidence(system, tmp_path: Path):
    scenario = tmp_path / "losing.toml"
    scenario.write_text(SCENARIO)
    system.start("ingest")
    detector = system.start("detect")
    words = ("--scenario", str(scenario), "--once", "--duration", "43", "--speed", "4")
    simulator = system.start("simulate", *words, "--no-progress")
    assert simulator.wait(allowed_s(90)) == 0, system.log("simulate")
    settings: Settings = system.settings
    client = redis.Redis.from_url(settings.require("redis_url"))
    partition = keys.partition_of("bed-01", settings.partitions)

    def alerts() -> dict[str, dict]:
        found = map(orjson.loads, client.hvals(keys.alerts(partition)))
        return {alert["kind"]: alert for alert in found}

    def is_told() -> bool:
        assert detector.poll() is None, system.log("detect")
        return bool(alerts().get("pacer_not_capture", {}).get("evidence", False))

    wait_until(is_told, COMPILED_WITHIN_S)
    try:
        alert = alerts()["pacer_not_capture"]
        strip = unpack(client.get(keys.strip(partition, alert["id"])))
        packets = [
            wire.read(fields[b"p"], "bed-01") for _, fields in client.xrange(keys.wave(partition))
        ]
        events = [
            event
            for _, fields in client.xrange(keys.events(partition))
            for event in orjson.loads(fields[b"j"])
        ]
    finally:
        client.close()
    assert alert["priority"] == "medium"
    pulses = [n for packet in packets for n in packet.pulses]
    assert alert["n"] in pulses  # the first that was lost
    assert strip["rule"].startswith("no QRS complex for longer than the limit")
    assert strip["limit"] is not None
    assert {beat["label"] for beat in strip["beats"]} == {"Q"}
    assert "paced" in {event["rhythm"] for event in events if event["type"] == "vitals"}
    assert "asystole" not in alerts()
