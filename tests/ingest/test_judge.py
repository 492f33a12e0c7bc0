"""What a message is, is decided without any I/O, and whatever comes in there is a decision."""

from __future__ import annotations

import json

import cbor2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core import wire
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.devices.refusal import NOBODY
from ingest.judge import AcceptedPacket, DeviceNews, Refusal, judge

PACKET = Packet(
    device="bed-1",
    boot="b",
    seq=3,
    n0=270,
    t0=1.5,
    fs=360.0,
    leads=("II", "V1"),
    gain=(200.0, 100.0),
    baseline=(1024.0, 0.0),
    samples=np.arange(180, dtype=np.int16).reshape(2, 90),
    leadoff=("V1",),
)

_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)
_FIELDS = ["v", "boot", "seq", "n0", "t0", "fs", "gain", "baseline", "leads", "leadoff", "device"]


def test_both_encodings_become_the_same_canonical_packet() -> None:
    from_json = judge("ecg/v1/bed-1/wave", wire.encode_json(PACKET))
    from_cbor = judge("ecg/v1/bed-1/wave", wire.encode_cbor(PACKET))
    assert isinstance(from_json, AcceptedPacket)
    assert from_json == from_cbor
    assert wire.read(from_json.packet, "bed-1") == PACKET


def test_status_and_meta() -> None:
    online = b'{"state": "online", "battery": 80}'
    assert judge("ecg/v1/x/status", online) == DeviceNews("x", "status", json.loads(online))
    assert judge("ecg/v1/x/meta", b'{"label": "Bed 1"}') == DeviceNews(
        "x", "meta", {"label": "Bed 1"}
    )
    assert judge("ecg/v1/x/meta", b"") == DeviceNews("x", "meta", None)


def test_topics_that_are_none_of_ours() -> None:
    for topic in ("ecg/v1/x/truth", "ecg/v1/x", "ecg/v2/x/wave", "ecg/v1//wave"):
        judgement = judge(topic, b"{}")
        assert isinstance(judgement, Refusal)
        assert judgement.reason == "topic"
        assert judgement.device in ("x", NOBODY)


@given(st.binary(max_size=200))
def test_any_bytes_are_judged(payload: bytes) -> None:
    for leaf in ("wave", "status", "meta"):
        judgement = judge(f"ecg/v1/x/{leaf}", payload)
        assert judgement.device == "x"
        assert getattr(judgement, "reason", "") != "internal"


@given(st.sampled_from(_FIELDS), _JUNK)
def test_any_value_of_any_field_is_judged(field: str, value: object) -> None:
    fields = cbor2.loads(wire.encode_cbor(PACKET)) | {field: value}
    judgement = judge("ecg/v1/bed-1/wave", cbor2.dumps(fields))
    assert isinstance(judgement, AcceptedPacket | Refusal)
    if isinstance(judgement, Refusal):
        assert judgement.reason != "internal", judgement.problem
        assert judgement.problem.startswith((field, "leads.", "payload: is not valid CBOR"))
        assert len(judgement.problem) < 1000
