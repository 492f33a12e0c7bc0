"""What is read of streams is what reading every packet and event in full gives."""

import numpy as np
import orjson

from ecg_monitor.core import keys, wire
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from workbench.bench.whole.follower import Follower
from workbench.bench.whole.streams import StreamFollower

FS = 100.0
START = 1000.0


def packet(n0: int, seq: int) -> Packet:
    samples = np.full((2, 25), n0 % 999, np.int16)
    scales = (200.0, 200.0), (0.0, 0.0)
    return Packet("bed-1", "b", seq, n0, START + n0 / FS, FS, ("II", "V1"), *scales, samples)


async def test_all_that_comes_is_accounted_for(redis_client: Store) -> None:
    starts = (300, 325, 375, 350, 400)
    in_full, follower = Follower(), Follower()
    for n0 in starts:
        sent = packet(n0, seq=n0)
        fields = {"d": "bed-1", "t": f"{START + 5}", "p": wire.encode_cbor(sent)}
        await redis_client.xadd(keys.wave(1), fields)
        in_full.packet(sent, START + 5, START + 6)
    beat = {"type": "beat", "n": 330, "decided_n": 360}
    for event in ({"type": "vitals", "n": 5}, beat):
        entry = {"d": "bed-1", "b": "b", "s": "{}", "i": "0", "j": orjson.dumps([event])}
        await redis_client.xadd(keys.events(1), entry)
    streams = StreamFollower(follower, 2)
    await streams.read(redis_client)
    found, expected = follower.devices["bed-1"], in_full.devices["bed-1"]
    for name in ("fs", "start", "first", "next_n", "missing", "repeated", "ends"):
        assert getattr(found, name) == getattr(expected, name), name
    assert found.analysed
    assert (follower.beats, follower.stages["label"].total) == (1, 1)
    assert follower.stages["ingest"].counts == in_full.stages["ingest"].counts
