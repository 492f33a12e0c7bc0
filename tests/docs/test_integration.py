"""The programs of docs/INTEGRATION.md do what the page says, as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from detector.analyzer.warm import warm
from ecg_monitor.cli import main
from ecg_monitor.ward.alerts.exchange.messages import webhook_headers
from ingest.judge import AcceptedPacket, judge
from ingest.receipts import Receipts
from simulator.device import truth_message
from simulator.events import Truth
from tests.support.places import ROOT
from tests.support.waiting import PATIENCE_S, allowed_s

PAGE = (ROOT / "docs" / "INTEGRATION.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL))
SAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)


def test_no_program_is_left_out() -> None:
    assert set(PROGRAMS) == {"device.py", "keep.py", "test_asystole.py", "receiver.py"}
    assert PAGE.count("```python") == len(PROGRAMS)


def test_the_device_is_all_right(
    broker_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ECG_MQTT_URL", broker_url)
    program = tmp_path / "device.py"
    program.write_text(PROGRAMS["device.py"], encoding="utf-8")
    environment = {**os.environ, "PACKETS": "16"}
    with subprocess.Popen([sys.executable, program], env=environment) as device:
        status = main(["check", "--device", "mine-1", "--seconds", "7"])
        assert device.wait(allowed_s(PATIENCE_S)) == 0
    said = capsys.readouterr().out
    assert "in JSON, 250 Hz, 500 ms, II: all is well" in said
    assert status == 0


@pytest.mark.timeout(600)
def test_the_integration_test_passes(tmp_path: Path) -> None:
    warm()  # after an update, the detector's first start takes minutes, and the page allows two
    program = tmp_path / "test_asystole.py"
    program.write_text(PROGRAMS["test_asystole.py"], encoding="utf-8")
    environment = {
        k: v for k, v in os.environ.items() if k not in ("ECG_MQTT_URL", "ECG_REDIS_URL")
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:dash", program],
        env={**environment, "ECG_STATE": str(tmp_path / "state")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=allowed_s(200),
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_receiver_knows_our_posts() -> None:
    names: dict[str, Any] = {}
    exec(PROGRAMS["receiver.py"], names)  # noqa: S102 - the page's own words
    headers = webhook_headers("0/1-0", b"{}", "secret", 1.7e9)
    assert names["is_ours"]("secret", headers, b"{}")
    assert not names["is_ours"]("other", headers, b"{}")
    assert not names["is_ours"]("secret", headers, b"{ }")


def test_the_receipt_looks_as_shown() -> None:
    _, shown, _ = SAMPLE.findall(PAGE)
    receipts = Receipts()
    for n0, n1 in json.loads(shown)["stored"]:
        receipts.stored("mine-1", "k3f9", n0, n1, 0.0)
    ((topic, payload),) = receipts.due(0.0)
    assert topic == "ecg/v1/mine-1/receipt"
    assert json.loads(payload) == json.loads(shown)


def test_the_keeper_sends_again_what_is_not_stored() -> None:
    names: dict[str, Any] = {}
    exec(PROGRAMS["keep.py"], names)  # noqa: S102 - the page's own words
    clock = SimpleNamespace(now=0.0)
    names["time"] = SimpleNamespace(monotonic=lambda: clock.now)
    keeper = names["Keeper"]()
    packets = [{"boot": "b", "n0": 10 * n, "leads": {"II": [0] * 10}} for n in range(4)]
    for packet in packets:
        keeper.sent(packet)

    def receipt(*stored: tuple[int, int], boot: str = "b") -> list[int]:
        said = json.dumps({"v": 1, "boot": boot, "stored": stored})
        again = keeper.receipt(said)
        for packet in again:
            keeper.sent(packet)
        return [packet["n0"] for packet in again]

    assert receipt((0, 10), (30, 40)) == []
    clock.now = 4.0
    assert receipt((100, 110), boot="other") == []
    assert receipt((40, 50)) == [10, 20]
    clock.now = 5.0
    assert receipt((10, 20)) == []
    for _ in range(9):
        clock.now += 4.0
        receipt((50, 60))
    assert not keeper.kept


def test_the_packet_that_is_shown_is_accepted() -> None:
    shown, *_ = SAMPLE.findall(PAGE)
    judged = judge("ecg/v1/mine-1/wave", shown.encode())
    assert isinstance(judged, AcceptedPacket), judged


def test_the_device_of_the_readme_sends_what_is_accepted() -> None:
    (program,) = re.findall(r"```python\n# device\.py\n(.*?)```", README, re.DOTALL)
    client = mock.Mock()
    converter = SimpleNamespace(read=lambda samples: [1024] * samples)
    with mock.patch("paho.mqtt.client.Client", return_value=client):
        exec(program, {"adc": converter})  # noqa: S102 - the page's own words
    calls = client.publish.call_args_list
    assert len(calls) == 20
    for call in calls:
        topic, payload = call.args
        assert isinstance(judge(topic, payload.encode()), AcceptedPacket)
        assert call.kwargs == {"qos": 1}


def test_the_truth_looks_as_shown() -> None:
    *_, shown = (json.loads(text) for text in SAMPLE.findall(PAGE))
    beats = tuple((beat["n"], beat["symbol"]) for beat in shown["beats"])
    rhythms = tuple((one["n"], one["aux"]) for one in shown["rhythms"])
    spoken = Truth(1.0, shown["boot"], shown["fs"], shown["n0"], shown["n1"], beats, rhythms)
    assert json.loads(truth_message(spoken)) == shown
