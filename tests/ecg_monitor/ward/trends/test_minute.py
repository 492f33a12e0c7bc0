"""Minutes and their bytes."""

import cbor2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.errors import TrendError
from ecg_monitor.ward.trends.minute import (
    BEAT,
    Minute,
    MinuteBeats,
    first_sample,
    number_of,
    pack,
    pack_beats,
    unpack,
    unpack_beats,
)

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def minute(**changes) -> Minute:
    fields = {
        "boot": "k3f9", "number": 4711, "fs": 360.0, "heart_rate": (71.2, 66.0, 88.4),
        "counts": (68, 2, 1, 0, 0), "anomaly": (0.123, 0.912), "unusual": 2,
        "quality": (58, 2, 0, 0), "af_s": 12, "st_mv": {"II": -0.112, "V1": 0.05},
        "qrs_ms": 92.0, "qtc_ms": 411.5, "pr_ms": 158.0, "qt_ms": 392.5,
    }  # fmt: skip
    return Minute(**(fields | changes))


@pytest.mark.parametrize("blank", [{}, {"heart_rate": None, "anomaly": None, "qrs_ms": None}])
def test_a_minute_comes_back_as_it_was(blank):
    assert unpack(pack(minute(**blank))) == minute(**blank)


def test_a_minute_is_small():
    assert len(pack(minute(st_mv={}))) < 110
    assert len(pack(minute(st_mv=dict.fromkeys(LEADS, -0.123)))) < 200


def test_a_minute_that_was_kept_before_pr_and_qt_were_is_read():
    _, *values = cbor2.loads(pack(minute()))
    assert unpack(cbor2.dumps([1, *values[:-2]])) == minute(pr_ms=None, qt_ms=None)
    with pytest.raises(TrendError, match="version 1"):
        unpack(cbor2.dumps([1, *values]))


@given(st.sampled_from([50.0, 128.0, 250.0, 257.3, 360.0, 2000.0]), st.integers(0, 10**9))
def test_every_sample_lies_in_one_minute(fs, n):
    number = number_of(n, fs)
    assert first_sample(number, fs) <= n < first_sample(number + 1, fs)


def test_beats_come_back_as_they_were():
    beats = np.array([(5, 800, 0, 12), (100_000, 0, 2, 255)], BEAT)
    found = unpack_beats(pack_beats(MinuteBeats("b", 3, 250.0, beats)))
    assert (found.boot, found.number, found.fs) == ("b", 3, 250.0)
    assert found.beats.tolist() == beats.tolist()


@pytest.mark.parametrize("read", [unpack, unpack_beats])
@pytest.mark.parametrize(
    "blob", [b"", b"\x80", cbor2.dumps([99, 1, 2, 3, 4]), cbor2.dumps(7), cbor2.dumps([1, 2])]
)
def test_damage_is_told(read, blob):
    with pytest.raises(TrendError):
        read(blob)
