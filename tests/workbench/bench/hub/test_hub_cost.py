"""The hub is measured as it runs: a real process, a real Redis, screens that get every sample."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from workbench.bench.guard import patient
from workbench.bench.hub import command
from workbench.bench.hub.ward import STREAMS, Ward, record


async def test_what_is_recorded_is_played_by_more_devices(
    redis_client: Store, redis_url: str
) -> None:
    (part,) = await record(redis_client, Settings(), [patient()], 4.0)
    assert {"wave", "events"} <= {one.stream for one in part.moments} <= set(STREAMS)
    assert [one.at_s for one in part.moments] == sorted(one.at_s for one in part.moments)
    assert await redis_client.dbsize() == 0
    ward = Ward.of(redis_url, 1, [part], 5)
    try:
        await ward.open(3.0)
        packets = await redis_client.xrange("ecg:{0}:wave")
        devices = {fields[b"d"].decode() for _, fields in packets}
        assert devices == {one.name for one in ward.devices}
        assert len(packets) == pytest.approx(5 * 3.0 / 0.25, abs=5)
        assert len(await redis_client.hgetall("ecg:{0}:patients")) == 5
        assert not ward.is_over
    finally:
        await ward.close()


def test_units_are_differences_of_cases() -> None:
    shares = {(1, 1, 1): 2.0, (64, 64, 1): 5.15, (2000, 64, 1): 8.054}
    found = [
        {"beds": beds, "watched": watched, "screens": screens, "cpu_percent": share}
        for (beds, watched, screens), share in shares.items()
    ]
    assert command.unit_costs(found) == {
        "fixed_us": 20_000.0, "watched_us": 500.0, "unwatched_us": 15.0,
    }  # fmt: skip


@pytest.mark.parametrize("words", [("--watched", "3"), ("--watched", "0"), ("--screens", "0")])
def test_a_case_that_cannot_be_is_refused(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["hub", "--beds", "2", *words])
    assert command.main() == 1
    assert "--watched must be" in capsys.readouterr().err


@pytest.mark.serial
def test_screens_get_every_sample(
    mitdb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "hub.json"
    case = ("--beds", "6", "--watched", "2", "--screens", "3", "--seconds", "4")
    monkeypatch.setattr(sys, "argv", ["hub", *case, "--data", str(mitdb), "--json", str(out)])
    assert command.main() == 0
    found = orjson.loads(out.read_bytes())["cases"]["2 of 6 beds, 3 screens"]
    assert found["seen"] == pytest.approx(1.0, abs=0.15)
    assert found["dropped"] == 0
    assert found["cpu_percent"] > 0
