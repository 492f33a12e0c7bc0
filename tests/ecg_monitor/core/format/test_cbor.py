"""CBOR is walked over before it is decoded: what costs a decoder much is refused."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from unittest import mock

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core import wire
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.format import cbor


def dear(digits: int) -> bytes:
    """CBOR of few bytes, or many, whose decoding takes time that grows with the square."""
    number = b"\x5a" + digits.to_bytes(4) + b"\xff" * digits
    return b"\xa2\x61v\x01\x62t0\xc4\x82\x1a" + (10**7).to_bytes(4) + b"\xc2" + number


@pytest.mark.parametrize(
    "payload",
    [
        dear(510_000),
        cbor2.dumps({"v": 1, "t0": 2 ** (8 * 500_000)}),
        cbor2.dumps({"v": 1, "t0": Decimal("1e9999999")}),
        cbor2.dumps({"v": 1, "t0": Fraction(1, 3)}),
        cbor2.dumps({"v": 1, "t0": datetime(2026, 1, 1, tzinfo=UTC)}),
        cbor2.dumps({"v": 1, "x": re.compile("(a+)+$")}),
        cbor2.dumps({"v": 1, "x": [[cbor2.CBORTag(4000, 1)]]}),
    ],
    ids=["quadratic", "big number", "decimal", "rational", "date", "pattern", "tag"],
)
def test_what_the_format_does_not_have_is_refused_before_it_is_decoded(payload):
    with (
        mock.patch.object(cbor2, "loads", side_effect=AssertionError("decoded")),
        pytest.raises(WireError, match="tags") as caught,
    ):
        wire.read(payload, "bed")
    assert caught.value.reason == "encoding"


tagless = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats() | st.text()
    | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)  # fmt: skip


@given(tagless)
def test_cbor_of_the_formats_kinds_is_read_as_it_is(value):
    found = cbor.loads(cbor2.dumps(value))
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b"\xbf\x61v\x01\x61w\x9f\x01\x02\xff\xff", {"v": 1, "w": [1, 2]}),
        (b"\xa1\x61v\x7f\x62ab\x61c\xff", {"v": "abc"}),
        (b"\xa1\x61v\xf9\x3e\x00", {"v": 1.5}),
    ],
)
def test_containers_and_text_without_a_length_are_read(payload, value):
    assert cbor.loads(payload) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_as_a_decoder_would_or_refused(payload):
    try:
        found = cbor.loads(payload)
    except ValueError:
        return
    assert repr(found) == repr(cbor2.loads(payload))
