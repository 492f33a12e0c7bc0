"""What is read of streams is what reading every packet and event in full gives."""

import numpy as np
import orjson
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core import keys, wire
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from workbench.bench.whole.follower import Follower
from workbench.bench.whole.streams import PacketForm, StreamFollower

FS = 100.0
START = 1000.0


def packet(n0: int, count: int = 25, seq: int = 0, boot: str = "b", gain: float = 200.0) -> Packet:
    samples = np.full((2, count), n0 % 999, np.int16)
    scales = (gain, gain), (0.0, 0.0)
    return Packet("bed-1", boot, seq, n0, START + n0 / FS, FS, ("II", "V1"), *scales, samples)


PACKETS = st.builds(
    packet,
    n0=st.integers(0, 2**43 - 1) | st.integers(0, 300),
    count=st.sampled_from((25, 50, 128)),
    seq=st.sampled_from((0, 23, 24, 255, 256, 70_000)),
    boot=st.sampled_from(("b", "c")),
    gain=st.sampled_from((200.0, 100.0)),
)


@given(PACKETS, PACKETS)
def test_a_form_gives_the_span_of_the_packets_that_have_it_and_of_no_others(
    first: Packet, second: Packet
) -> None:
    form = PacketForm(wire.encode_cbor(first), first)
    assert form.span(wire.encode_cbor(first)) == (first.n0, first.n1)
    same = (first.boot, first.gain, first.n_samples) == (
        second.boot, second.gain, second.n_samples,
    )  # fmt: skip
    expected = (second.n0, second.n1) if same else None
    assert form.span(wire.encode_cbor(second)) == expected


async def test_all_that_comes_is_accounted_for(redis_client: Store) -> None:
    starts = (0, 25, 75, 50, 100)
    in_full, follower = Follower(), Follower()
    for n0 in starts:
        sent = packet(n0, seq=n0)
        fields = {"d": "bed-1", "t": f"{START + 2}", "p": wire.encode_cbor(sent)}
        await redis_client.xadd(keys.wave(1), fields)
        in_full.packet(sent, START + 2, START + 3)
    beat = {"type": "beat", "n": 30, "decided_n": 60}
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
