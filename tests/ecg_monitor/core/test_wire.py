"""The wire format: round trips, and a defined answer to everything that is wrong."""

import ast
import math
import re
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any

import cbor2
import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core import keys, wire
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.types import Packet
from tests.support.places import ROOT
from tests.test_layout import PACKAGES

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6", "MLII")
finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-32768, max_value=32767)


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    leads = tuple(draw(st.lists(st.sampled_from(LEADS), min_size=1, max_size=12, unique=True)))
    n = draw(st.integers(1, 50))
    rows = draw(
        st.lists(
            st.lists(st.integers(-32768, 32767), min_size=n, max_size=n),
            min_size=len(leads),
            max_size=len(leads),
        )
    )
    count = len(leads)
    return Packet(
        device=draw(st.from_regex(keys.DEVICE_ID, fullmatch=True)),
        boot=draw(st.from_regex(keys.DEVICE_ID, fullmatch=True)),
        seq=draw(st.integers(0, 2**53 - 1)),
        n0=draw(st.integers(0, 2**43 - 1)),
        t0=draw(st.floats(0, 4e9)),
        fs=draw(st.floats(50, 2000)),
        leads=leads,
        gain=tuple(draw(st.lists(st.floats(1e-3, 1e5), min_size=count, max_size=count))),
        baseline=tuple(draw(st.lists(finite, min_size=count, max_size=count))),
        samples=np.array(rows, np.int16),
        leadoff=tuple(draw(st.lists(st.sampled_from(leads), unique=True))),
        pacer=draw(
            st.none()
            | st.sets(st.integers(0, n - 1), max_size=32).map(lambda one: tuple(sorted(one)))
        ),
    )


@given(packets())
def test_json_and_cbor_round_trips(packet):
    assert wire.read(wire.encode_json(packet), packet.device) == packet
    assert wire.read(wire.encode_cbor(packet), packet.device) == packet


@given(st.binary(max_size=200))
def test_any_bytes_give_a_packet_or_a_wire_error(payload):
    try:
        wire.read(payload, "bed")
    except WireError as error:
        assert error.field
        assert error.reason


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def good() -> dict[str, Any]:
    return {
        "v": 1,
        "boot": "a1",
        "seq": 7,
        "n0": 1800,
        "t0": 1.7e9,
        "fs": 360,
        "gain": 200,
        "baseline": 1024,
        "leads": {"II": [1024] * 90, "V1": [1000] * 90},
    }


@given(st.sampled_from(sorted(good())), json_values)
def test_any_value_in_any_field_gives_a_packet_or_a_wire_error(name, value):
    try:
        wire.read(cbor2.dumps({**good(), name: value}), "bed")
    except WireError as error:
        assert error.field.split(".")[0].split("[")[0] == name or name == "leads"


def test_the_documented_example_is_read():
    packet = wire.read(orjson.dumps({**good(), "leadoff": ["V1"], "unknown": 1}), "bed-01")
    assert packet.leads == ("II", "V1")
    assert packet.gain == (200.0, 200.0)
    assert packet.leadoff == ("V1",)
    assert packet.n1 == 1890


def test_no_pulses_found_is_something_else_than_not_looked_for():
    found = [{"pacer": [4, 61]}, {"pacer": []}, {}]
    packets = [wire.read(orjson.dumps({**good(), **fields}), "bed-01") for fields in found]
    assert [packet.pacer for packet in packets] == [(4, 61), (), None]
    assert [packet.pulses for packet in packets] == [(1804, 1861), (), None]
    assert [b"pacer" in wire.encode_json(packet) for packet in packets] == [True, True, False]


@pytest.mark.parametrize("form", [[200, 100], {"V1": 100, "II": 200}])
def test_gain_per_lead_as_list_or_map(form):
    assert wire.read(orjson.dumps({**good(), "gain": form}), "bed").gain == (200.0, 100.0)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"v": 2}, "v", "version"),
    ({"v": True}, "v", "version"),
    ({"v": 1.0}, "v", "version"),
    ({"boot": ""}, "boot", "type"),
    ({"boot": "a b"}, "boot", "type"),
    ({"boot": "x" * 65}, "boot", "type"),
    ({"seq": -1}, "seq", "range"),
    ({"seq": 1.5}, "seq", "type"),
    ({"n0": "12"}, "n0", "type"),
    ({"n0": 2**43}, "n0", "range"),
    ({"boot": ".."}, "boot", "type"),
    ({"n0": True}, "n0", "type"),
    ({"t0": math.nan}, "t0", "range"),
    ({"t0": -1}, "t0", "range"),
    ({"t0": 1.7e12}, "t0", "range"),
    ({"t0": None}, "t0", "type"),
    ({"fs": 49.9}, "fs", "range"),
    ({"fs": 1e9}, "fs", "range"),
    ({"fs": math.inf}, "fs", "range"),
    ({"gain": 0}, "gain", "range"),
    ({"gain": -200}, "gain", "range"),
    ({"gain": 1e-38}, "gain", "range"),
    ({"gain": 5e-324}, "gain", "range"),
    ({"gain": 1e300}, "gain", "range"),
    ({"gain": [200, 1e7]}, "gain.V1", "range"),
    ({"gain": {"II": 1e-4, "V1": 1}}, "gain.II", "range"),
    ({"baseline": 1e100}, "baseline", "range"),
    ({"baseline": -1e300}, "baseline", "range"),
    ({"baseline": [0, 2**31]}, "baseline.V1", "range"),
    ({"baseline": [0, 1_000_000_000]}, "leads.V1", "range"),
    ({"gain": [200]}, "gain", "mismatch"),
    ({"gain": {"II": 200}}, "gain", "mismatch"),
    ({"gain": [200, "x"]}, "gain[1]", "type"),
    ({"baseline": math.nan}, "baseline", "range"),
    ({"leads": {}}, "leads", "range"),
    ({"leads": []}, "leads", "type"),
    ({"leads": {f"L{i}": [0] for i in range(17)}}, "leads", "range"),
    ({"leads": {"II": [0] * 90, "V1": [0] * 89}}, "leads", "length"),
    ({"leads": {"II": []}}, "leads", "length"),
    ({"leads": {"II": [0] * 361}}, "leads", "length"),
    ({"leads": {"lead two": [0]}}, "leads", "type"),
    ({"leads": {"II": [0, 1.5]}}, "leads.II", "type"),
    ({"leads": {"II": [0, None]}}, "leads.II", "type"),
    ({"leads": {"II": [0, True]}}, "leads.II", "type"),
    ({"leads": {"II": [0, math.nan]}}, "leads.II", "type"),
    ({"leads": {"II": [32768]}}, "leads.II", "range"),
    ({"leads": {"II": "AAAA"}}, "leads.II", "type"),
    ({"leads": {"II": b"\0\0\0"}}, "leads.II", "length"),
    ({"leadoff": ["V9"]}, "leadoff", "mismatch"),
    ({"leadoff": "V1"}, "leadoff", "type"),
    ({"leadoff": ["V1"] * 17}, "leadoff", "length"),
    ({"leadoff": [["V1"]]}, "leadoff", "mismatch"),
    ({"pacer": None}, "pacer", "type"),
    ({"pacer": 4}, "pacer", "type"),
    ({"pacer": [4.0]}, "pacer", "type"),
    ({"pacer": [True]}, "pacer", "type"),
    ({"pacer": [-1]}, "pacer", "range"),
    ({"pacer": [4, 90]}, "pacer", "range"),
    ({"pacer": [2**64 - 1]}, "pacer", "range"),
    ({"pacer": [4, 4]}, "pacer", "range"),
    ({"pacer": [5, 4]}, "pacer", "range"),
    ({"pacer": list(range(33))}, "pacer", "length"),
]


@pytest.mark.parametrize(("change", "field", "reason"), WRONG)
def test_wrong_fields_are_named(change, field, reason):
    with pytest.raises(WireError) as caught:
        wire.read(cbor2.dumps({**good(), **change}), "bed")
    assert (caught.value.field, caught.value.reason) == (field, reason)
    assert len(str(caught.value)) < 200


SCALES: list[dict[str, Any]] = [
    {"gain": 1e-38},
    {"gain": 5e-324},
    {"gain": -200},
    {"gain": 1e300},
    {"baseline": 1e100},
    {"baseline": -1e300},
    {"baseline": 1_000_000_000},
]


@pytest.mark.parametrize("scale", SCALES)
def test_the_form_alone_passes_voltages_that_no_heart_has(scale):
    payload = orjson.dumps({**good(), **scale})
    packet = wire.decode(payload, "bed")
    ((name, value),) = scale.items()
    assert getattr(packet, name) == (float(value),) * 2
    with pytest.raises(WireError) as caught:
        wire.read(payload, "bed")
    assert caught.value.reason == "range"


def test_nothing_that_follows_a_heart_looks_at_the_form_alone():
    """Compiled code must never see a voltage that is no number: `wire.read` guards every door."""
    doors = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(doors) > 300
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in doors
        if path != Path(wire.__file__) and "wire" in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Attribute) and ast.unparse(node).endswith("wire.decode"))
        or (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").endswith("wire")
            and "decode" in {name.name for name in node.names}
        )
    ]
    assert not found, "call wire.read: it refuses the voltages that no heart has"


@pytest.mark.parametrize("name", sorted(good()))
def test_missing_fields_are_named(name):
    fields = good()
    del fields[name]
    with pytest.raises(WireError, match=f"{name}: is missing"):
        wire.read(orjson.dumps(fields), "bed")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "encoding"),
        (b"\xff\xfe", "encoding"),
        (b'{"v": NaN}', "encoding"),
        (b'{"v": 1', "encoding"),
        (b'{"boot": "\xff"}', "encoding"),
        (b"[1]", "type"),
        (b"null", "type"),
        (b"\xa1\x61v", "encoding"),
        (b"\xbf" * 100_000, "encoding"),
        (b"[" * 100_000, "encoding"),
        (b" " * 10_000_000, "size"),
        (cbor2.dumps({"v": 10**5000}), "encoding"),
        (cbor2.dumps({"v": {1: 2}}), "encoding"),
        (b"\xa1\x61v" + b"\x81" * 1000, "encoding"),
        (b"\xa1\x61v\x9a" + (500_000).to_bytes(4) + b"\x01" * 500_000, "encoding"),
        (struct.pack(">BQ", 0xBB, 2**60), "encoding"),
    ],
)
def test_payloads_that_are_no_packet(payload, reason):
    with pytest.raises(WireError) as caught:
        wire.read(payload, "bed")
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (orjson.dumps({**good(), "t0": None}), "must be a number, got null"),
        (orjson.dumps({**good(), "seq": True}), "must be an integer, got true"),
        (orjson.dumps({**good(), "fs": {}}), "must be a number, got a map"),
        (b'{"v": 1, "t0": NaN}', "JSON has no NaN"),
    ],
)
def test_errors_speak_of_json_not_of_python(payload, said):
    with pytest.raises(WireError, match=said):
        wire.read(payload, "bed-01")


def test_a_device_field_must_agree_with_the_topic():
    payload = orjson.dumps({**good(), "device": "bed-2"})
    assert wire.read(payload, "bed-2").device == "bed-2"
    with pytest.raises(WireError) as caught:
        wire.read(payload, "bed-1")
    assert (caught.value.field, caught.value.reason) == ("device", "mismatch")


def twice(payload: bytes) -> bytes:
    """The packet with its second lead named as the first, in JSON or CBOR."""
    return payload.replace(b"V1", b"II")


@pytest.mark.parametrize(
    "payload",
    [
        twice(orjson.dumps(good())),
        twice(cbor2.dumps(good())),
        orjson.dumps(good()).replace(b'"V1"', b'"I\\u0049"'),
        orjson.dumps({**good(), "of": "ward 3: bed 2"}).replace(b'"V1"', b'"II"'),
        orjson.dumps(good()).replace(b'"fs"', b'"seq":7,"fs"'),
        orjson.dumps({**good(), "x": "y"}).replace(
            b'"y"', b"[" * 990 + b'{"a":1,"a":2}' + b"]" * 990
        ),
    ],
    ids=["JSON", "CBOR", "escaped", "a colon in a text", "a field", "far down"],
)
def test_a_name_that_stands_twice_is_refused(payload):
    """Decoders keep the last of two, and a lead would be gone without a word."""
    with pytest.raises(WireError) as caught:
        wire.read(payload, "bed")
    assert caught.value.reason == "encoding"
    assert re.search("twice|in one another", str(caught.value))


def test_colons_and_maps_that_the_format_does_not_know_are_ignored():
    more = {"of": "ward 3: bed 2", "x": [{"a": 1}, {"a": {"a": 2}}]}
    for encode in (orjson.dumps, cbor2.dumps):
        assert wire.read(encode({**good(), **more}), "bed").leads == ("II", "V1")


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "value",
    [Unshowable(), 10**5000, "\ud800" * 1000, b"\xff" * 10**6, Decimal("sNaN"), object],
    ids=["unshowable", "huge", "surrogates", "bytes", "signalling", "class"],
)
def test_an_offending_value_is_always_shown_and_briefly(value):
    assert len(wire.shown(value)) <= 60
