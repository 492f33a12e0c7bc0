"""The layout of frames, both ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from dashboard.hub import frames
from ecg_monitor.core.types import Packet

FRAME = st.builds(
    frames.Frame,
    bed=st.integers(0, 65_535),
    tag=st.integers(0, 65_535),
    lead=st.integers(0, 15),
    n0=st.integers(0, 2**53 - 1),
    start=st.floats(0, 4e9),
    arrival=st.floats(0, 4e9),
    fs=st.floats(50, 2000),
    gain=st.floats(1, 1e4, width=32),
    baseline=st.floats(-3e4, 3e4, width=32),
    samples=npst.arrays(np.int16, st.integers(0, 200)),
    flags=st.integers(0, 3),
    pulses=st.lists(st.integers(0, 1999), max_size=5).map(tuple),
)


@given(st.lists(FRAME, max_size=4))
def test_inverse(sent: list[frames.Frame]) -> None:
    message = b"".join(map(frames.pack, sent))
    assert len(message) % 8 == 0
    received = list(frames.unpack(message))
    assert len(received) == len(sent)
    for one, other in zip(sent, received, strict=True):
        for name in frames.Frame.__slots__:
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


@given(st.lists(st.tuples(FRAME, st.integers(1, 3)), max_size=4), st.booleans())
def test_spans_are_those_of_the_frames(
    several: list[tuple[frames.Frame, int]], dated: bool
) -> None:
    sent = [frame for frame, times in several for _ in range(times)]
    message = (frames.date(5.0) if dated else b"") + b"".join(map(frames.pack, sent))
    found = [head for heads in frames.spans(message) for head in heads.tolist()]
    expected = [(1, one.flags, one.bed, one.n0, len(one.samples), len(one.pulses)) for one in sent]
    assert found == expected


@given(FRAME, st.integers(1, 60))
def test_cut_short(frame: frames.Frame, missing: int) -> None:
    packed = frames.pack(frame)
    padding = -2 * (len(frame.samples) + len(frame.pulses)) % 8
    for read in (frames.unpack, frames.spans):
        with pytest.raises(ValueError, match="byte 0"):
            list(read(packed[: max(1, len(packed) - padding - missing)]))


@given(FRAME, st.integers(1, 3), st.booleans())
def test_a_packet_is_packed_lead_by_lead(frame: frames.Frame, leads: int, detached: bool) -> None:
    names = tuple(f"V{i}" for i in range(leads))
    samples = np.stack([np.roll(frame.samples, i) for i in range(leads)])
    scales = (frame.gain,) * leads, (frame.baseline,) * leads
    stream = ("bed", "b", 1, frame.n0, 0.0, frame.fs, names, *scales, samples)
    packet = Packet(*stream, names[:1] if detached else (), frame.pulses)
    place = frame.bed, frame.tag, frame.start, frame.arrival
    packed = frames.PacketFrames(packet, *place)
    for flags in (0, frames.FLAG_HISTORY):
        for i in range(leads):
            alike = int(detached and i == 0) | flags
            expected = replace(frame, lead=i, flags=alike, samples=samples[i])
            assert packed.lead(i, flags) == frames.pack(expected)
            assert packed.lead(i, flags) is packed.lead(i, flags), "all pages share the bytes"
