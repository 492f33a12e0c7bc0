"""Twelve leads, live: from the packets of several beds to diagnoses, findings and the ST alarm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.ward.alerts.evidence import unpack
from ecg_monitor.ward.signal.diagnosis import parse_diagnosis, parse_finding
from tests.support.waiting import allowed_s, wait_until

COMPILED_WITHIN_S = 300.0
"""After an update the detector compiles its engine first."""
pytestmark = pytest.mark.timeout(COMPILED_WITHIN_S + 240)
INFARCTION, BLOCK, TWO_LEADS = "bed-01", "bed-02", "two-01"
LAST = 3
"""Windows of ten seconds that 43 s of signal have behind them, the first being number 0."""


def test_each_bed_is_diagnosed_and_an_infarction_raises_its_alarm(system: Any, tmp_path: Path):
    system.start("ingest")
    detector = system.start("detect")
    replay = ("--duration", "43", "--once", "--speed", "4", "--no-progress")
    scenarios = ("--scenario", "stemi-inferior", "--scenario", "lbbb")
    simulators = [
        system.start("simulate", *scenarios, "--leads", "12", *replay),
        system.start("simulate", "--scenario", "sinus", "--device-prefix", "two", *replay),
    ]
    assert [one.wait(allowed_s(90)) for one in simulators] == [0, 0], system.log("simulate")
    with redis.Redis.from_url(system.settings.require("redis_url")) as client:

        def diagnosis(device: str) -> Any:
            partition = keys.partition_of(device, system.settings.partitions)
            text = client.hget(keys.diagnoses(partition), device)
            return None if text is None else parse_diagnosis(text)

        def judged() -> bool:
            assert detector.poll() is None, system.log("detect")
            newest = [diagnosis(device) for device in (INFARCTION, BLOCK)]
            return all(one is not None and one.number >= LAST for one in newest)

        wait_until(judged, COMPILED_WITHIN_S)
        infarction, block = diagnosis(INFARCTION), diagnosis(BLOCK)
        assert diagnosis(TWO_LEADS) is None, "two leads are not twelve"
        partition = keys.partition_of(INFARCTION, system.settings.partitions)

        def elevation() -> dict[str, Any]:
            alerts = map(orjson.loads, client.hvals(keys.alerts(partition)))
            (alert,) = (one for one in alerts if one["kind"] == "st_elevation")
            return alert

        wait_until(lambda: elevation()["evidence"])
        alert = elevation()
        strip = unpack(client.get(keys.strip(partition, alert["id"])))
        partition = keys.partition_of(BLOCK, system.settings.partitions)
        told = [
            parse_finding(fields[b"j"])
            for _, fields in client.xrange(keys.findings(partition))
            if fields[b"d"] == BLOCK.encode()
        ]
    assert set(infarction.st_elevated) == {"II", "III", "aVF"}
    assert (infarction.reason, block.reason) == (None, None)
    assert (alert["device"], alert["priority"], alert["lead"]) == (INFARCTION, "medium", "III")
    assert strip["rule"]
    assert "LBBB" in block.decisions
    assert block.st_reason == "wide_qrs", "nothing is decided on ST with a bundle branch block"
    assert [(one.label, one.present) for one in told if one.label == "LBBB"] == [("LBBB", True)]
