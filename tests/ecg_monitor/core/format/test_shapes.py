"""A packet that is read by the one before it is the packet that is read in full."""

from __future__ import annotations

from dataclasses import replace

import cbor2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core import wire
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.format.shapes import MOST_SHAPES, Shape, Shapes
from ecg_monitor.core.types import Packet

N = 4
indices = st.integers(0, 2**53 + 1)
rows = st.lists(st.integers(-32768, 32767), min_size=2 * N, max_size=2 * N)


def packet_of(seq: int, n0: int, t0: float, values: list[int]) -> Packet:
    samples = np.array(values, np.int16).reshape(2, N)
    scales = ((200.0, 150.0), (0.0, 12.5))
    return Packet("bed", "b", seq, n0, t0, 360.0, ("II", "aVR"), *scales, samples, ("II",))


FIRST = packet_of(300, 70_000, 1.7e9, [0] * 2 * N)


def in_full(payload: bytes) -> Packet | None:
    """Read a payload as one of a device that has sent nothing before."""
    try:
        packet = wire.decode(payload, "bed")
        wire.check_scales(packet)
    except WireError:
        return None
    return packet


def after_first(payload: bytes, first: bytes) -> tuple[Packet, bool] | None:
    shapes = Shapes()
    shapes.note(first, FIRST, is_canonical=first == wire.encode_cbor(FIRST))
    return shapes.read(payload, "bed")


@given(indices, indices, st.floats(), rows)
def test_any_numbers_and_samples_are_read_as_in_full(seq, n0, t0, values):
    packet = packet_of(seq, n0, t0, values)
    payload = wire.encode_cbor(packet)
    found = after_first(payload, wire.encode_cbor(FIRST))
    assert found is None or found == (in_full(payload), True)
    same_widths = 256 <= seq < 2**16 <= n0 < 2**32
    assert (found is not None) == (same_widths and 0 <= t0 <= 253_402_300_799)


@given(indices, st.integers(0, 2**43 - 1), st.floats(0, 2**38), rows)
def test_a_shape_writes_what_the_wire_format_does_or_nothing(seq, n0, t0, values):
    shape = Shape.of(wire.encode_cbor(FIRST), FIRST, is_canonical=True)
    packet = packet_of(seq, n0, t0, values)
    payload, same_widths = wire.encode_cbor(packet), 256 <= seq < 2**16 <= n0 < 2**32
    assert shape.write(packet) == (payload if same_widths else None)
    assert shape.span(payload) == ((n0, n0 + N) if same_widths else None)


def test_a_packet_of_another_length_or_power_up_is_of_another_shape():
    shape = Shape.of(wire.encode_cbor(FIRST), FIRST, is_canonical=True)
    for other in (replace(FIRST, boot="c"), replace(FIRST, samples=FIRST.samples[:, :2])):
        assert shape.span(wire.encode_cbor(other)) is None


@given(st.data())
def test_any_byte_may_be_another(data):
    first = wire.encode_cbor(FIRST)
    at = data.draw(st.integers(0, len(first) - 1))
    payload = first[:at] + bytes([data.draw(st.integers(0, 255))]) + first[at + 1 :]
    found = after_first(payload, first)
    if found is not None:
        packet, is_canonical = found
        assert packet == in_full(payload)
        assert not is_canonical or wire.encode_cbor(packet) == payload


def test_fields_in_another_order_and_unknown_ones_are_no_hindrance():
    fields = {"more": [1, {"a": b"x"}], **cbor2.loads(wire.encode_cbor(FIRST)), "device": "bed"}
    fields = dict(reversed(fields.items()))
    first, second = (cbor2.dumps({**fields, "n0": n0}) for n0 in (70_000, 70_004))
    assert after_first(second, first) == (replace(FIRST, n0=70_004), False)


def test_a_number_in_more_bytes_than_it_needs_is_read_but_not_canonical():
    first = wire.encode_cbor(FIRST)
    at = first.index(b"\x19" + (300).to_bytes(2))
    payload = first[: at + 1] + (7).to_bytes(2) + first[at + 3 :]
    found = after_first(payload, first)
    assert found == (replace(FIRST, seq=7), False)
    assert wire.read_canonical(payload, "bed")[1] == wire.encode_cbor(replace(FIRST, seq=7))


def test_a_device_may_change_its_shape_and_change_back():
    shapes = Shapes()
    forms = [replace(FIRST, fs=100.0 + i) for i in range(MOST_SHAPES)]
    for form in forms:
        shapes.note(wire.encode_cbor(form), form, is_canonical=True)
    for form in forms:
        assert shapes.read(wire.encode_cbor(form), "bed") == (form, True)
    assert shapes.read(wire.encode_cbor(FIRST), "another") is None


def test_pulses_are_always_read_in_full():
    paced = replace(FIRST, pacer=(1,))
    shapes = Shapes()
    shapes.note(wire.encode_cbor(paced), paced, is_canonical=True)
    assert shapes.read(wire.encode_cbor(paced), "bed") is None
