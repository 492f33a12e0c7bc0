"""An upgrade: checkpoints of the former format are told as such, and no alert is lost or doubled.

The former format numbered its versions by hand (6 was the last) and saved maps by name.
"""

from __future__ import annotations

import logging
from typing import Any

import cbor2
import numpy as np
import orjson
import pytest

from detector.analyzer.analyzer import Analyzer
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.errors import CheckpointError
from ecg_monitor.core.settings import Settings

FS = 360.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0
BED = "bed-01"
ANALYZER = {
    "version": 6,
    "signature": ["boot-1", FS, ["L0"], [200.0], [0.0]],
    "engine": bytes(5000),
    "alarms": {
        "conditions": {"present": {"asystole": 4243}, "until": {}, "told": {}, "ended": {}},
        "peaks": {"n": [], "labels": []},
        "rate": {"beyond": {}},
        "leadoff_since": None,
        "from_n": 0,
        "risen": [],
    },
    "pulses": {"since": None, "at": [], "shown": 0, "delays": []},
    "labels": [b"", b"", [[], []]],
    "waves": bytes(5000),
    "ordinal": 41,
    "past": [],
    "stale": 0,
    "order": {"next_n": 6120, "lost": [], "counts": {}, "waiting": []},
}
TREND = [START, ["boot-1", FS, 0, False, [[0, [[70.0], [17, 0, 0, 0], 0, [], [], {}, [], []]]]]]


def former(position: str) -> bytes:
    """A bed's checkpoint as the former format had it."""
    saved = {"position": position, "boot": "boot-1", "stay": "", "trend": TREND}
    return cbor2.dumps({**saved, "analyzer": cbor2.dumps(ANALYZER)})


def test_the_analyzer_tells_that_it_is_of_another_version() -> None:
    analyzer = Analyzer(networks=False)
    with pytest.raises(CheckpointError, match="another version"):
        analyzer.load(BED, cbor2.dumps(ANALYZER))
    assert analyzer.devices == [], "half a state is none"


async def test_a_running_system_is_upgraded_without_losing_an_alert(
    redis_client: Any,
    clock: Any,
    publish: Any,
    pulses: Any,
    packetize: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    signal = np.hstack([pulses(FS, 12, 70), 0 * pulses(FS, 12, 70), pulses(FS, 8, 70)])
    packets = packetize(signal, FS, 180)

    async def feed(start: float, end: float) -> PartitionRunner:
        clock.time = START + end
        await publish([p for p in packets if start * FS < p.n1 <= end * FS])
        runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
        while await runner.tick(block_ms=1):
            pass
        return runner

    async def asystoles() -> list[dict[str, Any]]:
        found = [orjson.loads(text) for text in await redis_client.hvals(keys.alerts(0))]
        return sorted((a for a in found if a["kind"] == "asystole"), key=lambda a: a["n"])

    async def events() -> list[tuple[int, int]]:
        entries = await redis_client.xrange(keys.events(0))
        return [(int(f[b"i"]), len(orjson.loads(f[b"j"]))) for _, f in entries]

    await (await feed(0, 17)).save_all()
    (before,) = await asystoles()
    assert before["present"]
    position = codec.opened(await redis_client.get(keys.state(0, BED)))["position"]
    await redis_client.set(keys.state(0, BED), former(position))
    told_before = len(await events())

    with caplog.at_level(logging.WARNING, "detector"):
        await (await feed(17, 23)).save_all()
    assert f"{BED} starts anew" in caplog.text
    assert "another version" in caplog.text
    ended, again = await asystoles()
    assert (ended["id"], ended["present"]) == (before["id"], False)
    assert again["present"], "it still holds, and is found again"
    ordinal = 0
    for first, count in (await events())[told_before:]:
        assert first == ordinal, "numbered anew, without a hole"
        ordinal += count

    caplog.clear()
    with caplog.at_level(logging.WARNING, "detector"):
        await feed(23, 32)  # it dies once more, and goes on from its new checkpoint
    assert "starts anew" not in caplog.text
    assert [a["id"] for a in await asystoles()] == [ended["id"], again["id"]]
    assert not any(a["present"] for a in await asystoles())
