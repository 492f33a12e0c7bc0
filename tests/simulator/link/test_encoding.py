"""The encoder of a device writes what the wire format's own encoder writes, byte for byte."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core import wire
from ecg_monitor.core.types import Packet
from simulator.link.encoding import CborEncoder

LEADS = (("II",), ("II", "V1"), ("n0", "t0", "seq"))


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    leads = draw(st.sampled_from(LEADS))
    count = draw(st.sampled_from((1, 3, 200)))
    kind = draw(st.sampled_from(("<i2", ">i2")))
    samples = np.arange(len(leads) * count).reshape(len(leads), count) - draw(st.integers(0, 9))
    scale = draw(st.sampled_from((200.0, 100.5)))
    off = draw(st.sampled_from(((), leads[:1])))
    return Packet(
        "d", draw(st.sampled_from(("b", "seqn0t0leads"))),
        draw(st.integers(0, 70_000)), draw(st.integers(0, 2**43 - 1)),
        draw(st.floats(0, 2**38)), draw(st.sampled_from((360.0, 250.0))),
        leads, (scale,) * len(leads), tuple(map(float, range(len(leads)))),
        samples.astype(kind), off, draw(st.sampled_from((None, (), (0,)))),
    )  # fmt: skip


@given(st.lists(packets(), min_size=1, max_size=8))
def test_bytes_are_those_of_the_wire_format(stream: list[Packet]) -> None:
    encode = CborEncoder()
    for packet in stream:
        for seq in (packet.seq, packet.seq + 1):  # like the one before, and like none
            one = Packet(packet.device, packet.boot, seq, *_rest(packet))
            assert encode(one) == wire.encode_cbor(one)


def _rest(packet: Packet) -> tuple[object, ...]:
    names = ("n0", "t0", "fs", "leads", "gain", "baseline", "samples", "leadoff", "pacer")
    return tuple(getattr(packet, name) for name in names)
