"""`ecg-monitor check`, at a real broker and with files."""

from __future__ import annotations

import asyncio
import itertools
import json
import time

import pytest

from ecg_monitor.cli import main
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.stopping import cancel_all


@pytest.fixture
def packet():
    def making(index=0, **changes):
        samples = [1024 + 2 * i for i in range(90)]
        fields = {
            "v": 1, "boot": "b", "seq": index, "n0": index * 90, "t0": time.time(), "fs": 360,
            "gain": 200, "baseline": 1024, "leads": {"II": samples},
        }  # fmt: skip
        return json.dumps(fields | changes).encode()

    return making


def test_files(packet, tmp_path, capsys):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(packet())
    bad.write_bytes(packet(fs="360"))
    assert main(["check", str(good)]) == 0
    assert "1 packet in JSON, 360 Hz, 250 ms, II: all is well" in capsys.readouterr().out
    assert main(["check", str(good), str(bad)]) == 1
    assert "✗ refused once: fs: must be a number, got '360'" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "none.json")]) == 2
    assert "none.json: cannot be read" in capsys.readouterr().err


async def test_live(packet, broker_url, monkeypatch, capsys):
    monkeypatch.setenv("ECG_MQTT_URL", broker_url)

    async def publish():
        async with mqtt.connect(broker_url) as client:
            for leaf, content in (("status", b'{"state": "online"}'), ("meta", b"{}")):
                await client.publish(f"ecg/v1/checked/{leaf}", content, qos=1, retain=True)
            await client.publish("ecg/v1/silent-1/status", b'{"state": "online"}', retain=True)
            for i in itertools.count():
                await client.publish("ecg/v1/checked/wave", packet(i), qos=1)
                await client.publish("ecg/v1/checked/waves", packet(i), qos=1)
                await asyncio.sleep(0.2)

    task = asyncio.create_task(publish())
    words = ["check", "--device", "checked", "--seconds", "2"]
    assert await asyncio.to_thread(main, words) == 1
    await cancel_all([task])
    out = capsys.readouterr().out
    assert "360 Hz, 250 ms, II" in out
    assert "ecg/v1/checked/waves" in out
    assert await asyncio.to_thread(main, ["check", "--device", "silent-1", "--seconds", "0.5"]) == 1
    assert "no packet from silent-1: does it publish to the broker" in capsys.readouterr().out


def test_it_needs_a_broker(monkeypatch, capsys):
    monkeypatch.delenv("ECG_MQTT_URL", raising=False)
    assert main(["check"]) == 2
    assert "ECG_MQTT_URL is missing" in capsys.readouterr().err
