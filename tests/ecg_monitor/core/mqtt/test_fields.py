"""Lengths are those of the standard, whole or not yet; texts carry their size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import fields

LONGEST = 268_435_455


@given(value=st.integers(0, LONGEST), before=st.binary(max_size=3), after=st.binary(max_size=3))
def test_a_length_is_read_as_it_was_written(value: int, before: bytes, after: bytes) -> None:
    written = fields.length(value)
    assert fields.read_length(before + written + after, len(before)) == (value, len(written))
    assert fields.read_length(before + written[:-1], len(before)) == (0, 0)


@pytest.mark.parametrize(
    ("value", "written"),
    [(127, b"\x7f"), (128, b"\x80\x01"), (16_384, b"\x80\x80\x01"), (LONGEST, b"\xff\xff\xff\x7f")],
)
def test_lengths_at_the_edges_of_the_standard(value: int, written: bytes) -> None:
    assert fields.length(value) == written


def test_a_length_of_five_bytes_is_refused() -> None:
    with pytest.raises(ServiceError, match="four bytes"):
        fields.read_length(b"\xff\xff\xff\xff\x01", 0)


def test_texts_and_packets() -> None:
    assert fields.text("é") == b"\x00\x02\xc3\xa9"
    assert fields.packet(0x10, b"x" * 128) == b"\x10\x80\x01" + b"x" * 128


def test_connect_tells_what_was_given() -> None:
    bare = fields.connect("", keepalive_s=10, flags=fields.CLEAN_SESSION)
    assert bare == b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00"
    whole = fields.connect(
        "me", keepalive_s=258, username="u", password="p", level=5, properties=b"\x00", will=b"W"
    )
    assert whole == b"\x10\x16\x00\x04MQTT\x05\xc0\x01\x02\x00\x00\x02meW\x00\x01u\x00\x01p"


@pytest.mark.parametrize(("level", "flags"), [(4, 0), (5, 0x40)])
def test_a_password_without_a_user_is_for_5_alone(level: int, flags: int) -> None:
    """3.1.1 forbids it (3.1.2.9 there)."""
    packet = fields.connect("me", keepalive_s=10, password="p", level=level)
    assert packet[9] == flags
    assert packet.endswith(b"\x01p") == (level == 5)
