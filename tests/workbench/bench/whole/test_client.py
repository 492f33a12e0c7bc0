"""What a client that watches the hub makes of its messages."""

import json

import numpy as np

from dashboard.hub import frames
from ecg_monitor.core.types import Packet
from workbench.bench.whole.client import Watcher
from workbench.bench.whole.follower import Follower

FS = 100.0
START = 1000.0


def watcher() -> Watcher:
    """Knows bed-1, of which 50 samples have passed through Redis."""
    follower = Follower()
    samples = np.zeros((1, 50), np.int16)
    packet = Packet("bed-1", "b", 0, 0, START, FS, ("II",), (200.0,), (0.0,), samples)
    follower.packet(packet, START + 0.5, START + 0.5)
    return Watcher(follower)


def frame(bed: int, flags: int = 0) -> bytes:
    samples = np.zeros(25, np.int16)
    one = frames.Frame(bed, 1, 0, 25, START, START, FS, 200.0, 0.0, samples, flags)
    return frames.date(START + 0.6) + frames.pack(one)


def texts(*said: dict) -> str:
    return json.dumps([{"t": "sent", "now": START, "dropped": 3}, *said], separators=(",", ":"))


def test_frames_of_a_known_bed_are_late_by_what_comes_after_their_last_sample():
    found = watcher()
    found.take(frame(7), START + 0.6)
    assert found.follower.stages["frame"].total == 0
    found.take(texts({"t": "bed", "bed": 7, "device": "bed-1"}), START)
    assert found.joined.is_set()
    assert found.dropped == 3
    found.take(frame(7), START + 0.6)
    assert found.follower.stages["frame"].percentiles_ms() == {
        **{"p50": 100.0, "p95": 100.0, "p99": 100.0, "count": 1}
    }


def test_what_the_hub_remembers_is_not_late_and_a_bed_that_is_gone_is_forgotten():
    found = watcher()
    found.take(texts({"t": "bed", "bed": 7, "device": "bed-1"}), START)
    found.take(frame(7, frames.FLAG_HISTORY), START + 9.0)
    found.take(texts({"t": "gone", "bed": 7}), START)
    found.take(frame(7), START + 0.6)
    assert found.follower.stages["frame"].total == 0
