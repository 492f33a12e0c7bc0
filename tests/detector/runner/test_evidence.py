"""The strip of an alert: exactly the samples that came, and gaps where none did."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.runner.evidence import REMEMBERED_S, WHOLE_S, Recent, build, span_of
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.types import Beat, Packet
from ecg_monitor.ward.alerts.evidence import pack, unpack
from ecg_monitor.ward.alerts.model import Alert

FS = 100.0
ONSET = 1200


def make_alert(
    n: int = ONSET, boot: str = "b", kind: str = "asystole", decided_n: int | None = None
) -> Alert:
    return Alert(
        **{"id": f"bed/{boot}/{kind}/{n}", "device": "bed", "boot": boot, "kind": kind},
        **{"priority": "high", "n": n, "value": 4.1, "limit": 4.0, "present": True},
        **{"onset_at": 12.0, "raised_at": 16.0, "cleared_at": None, "announced_at": 16.0},
        **{"decided_n": n + 400 if decided_n is None else decided_n, "latching": True},
    )


def packet(n0: int, n1: int, *, boot: str = "b", gain: float = 200.0, add: int = 0, **kw) -> Packet:
    samples = np.arange(n0, n1, dtype=np.int16)
    return Packet(
        *("bed", boot, n0, n0, 0.0, FS, ("II", "V1"), (gain, gain), (0.0, 10.0)),
        samples=np.stack([samples + add, -samples]),
        **kw,
    )


def unfolded(evidence: dict, lead: int) -> dict[int, int]:
    """Samples of a lead by index, having checked that none is given twice."""
    found: dict[int, int] = {}
    for segment in evidence["leads"][lead]["segments"]:
        for i, value in enumerate(segment["adc"]):
            assert segment["n"] + i not in found
            found[segment["n"] + i] = value
    return found


def test_a_whole_strip():
    beat = Beat(1190, "V", {}, None, 0.8, 1640)
    far = Beat(100, "N", {}, None, None, 550)
    evidence = build(make_alert(), [packet(600, 1300), packet(1300, 1800)], [beat, far], FS)
    assert (evidence["from_n"], evidence["to_n"], evidence["fs"]) == (700, 1700, FS)
    assert evidence["gaps"] == []
    (segment,) = evidence["leads"][0]["segments"]
    assert segment == {"n": 700, "adc": list(range(700, 1700))}
    assert evidence["leads"][1]["baseline"] == 10.0
    assert evidence["beats"] == [{"n": 1190, "label": "V", "rr_s": 0.8}]
    assert (evidence["value"], evidence["limit"]) == (4.1, 4.0)
    assert "QRS" in evidence["rule"]
    assert unpack(pack(evidence))["leads"] == evidence["leads"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(500, 1900), st.integers(1, 300)), max_size=14),
    st.randoms(use_true_random=False),
)
def test_samples_that_came_are_there_once_and_the_rest_is_gaps(spans, rng):
    packets = [packet(n0, n0 + length) for n0, length in spans]
    rng.shuffle(packets)
    evidence = build(make_alert(), packets, [], FS)
    came = {n for n0, length in spans for n in range(n0, n0 + length) if 700 <= n < 1700}
    gaps = {n for a, b in evidence["gaps"] for n in range(a, b)}
    assert gaps == set(range(700, 1700)) - came
    if packets:
        assert unfolded(evidence, 0) == {n: n for n in came}
        assert unfolded(evidence, 1) == {n: -n for n in came}
        segments = evidence["leads"][0]["segments"]
        for one, other in pairwise(segments):
            assert one["n"] + len(one["adc"]) < other["n"], "joined over a gap, or cut for nothing"


def test_of_samples_that_came_twice_the_first_are_taken():
    evidence = build(make_alert(), [packet(700, 1200), packet(1100, 1700, add=5)], [], FS)
    found = unfolded(evidence, 0)
    assert found[1150] == 1150
    assert found[1250] == 1255


def test_another_boot_or_another_gain_is_a_gap():
    packets = [packet(700, 1100, gain=100.0), packet(1100, 1400), packet(1400, 1700, boot="c")]
    evidence = build(make_alert(), packets, [], FS)
    assert evidence["gaps"] == [(700, 1100), (1400, 1700)]
    assert evidence["leads"][0]["gain"] == 200.0


def test_nothing_came():
    evidence = build(make_alert(), [], [], FS)
    assert evidence["leads"] == []
    assert evidence["gaps"] == [(700, 1700)]
    assert build(make_alert(), [], [], None)["fs"] is None


def test_a_detached_lead_is_told():
    packets = [packet(700, 1000), packet(1000, 1700, leadoff=("V1",))]
    evidence = build(make_alert(), packets, [], FS)
    assert evidence["leadoff"] == [{"lead": "V1", "n": 1000, "to_n": 1700}]


def test_a_strip_does_not_begin_before_the_device():
    assert span_of(make_alert(200), FS) == (0, 700)


@pytest.mark.parametrize("kind", ["bigeminy", "trigeminy"])
def test_a_slow_pattern_is_whole_on_its_strip(kind: str) -> None:
    """Nine beats at 40 bpm: the third PVC comes 12 s after the first beat."""
    slow = make_alert(kind=kind, decided_n=ONSET + 1340)
    assert span_of(slow, FS) == (ONSET - 500, ONSET + 1340)
    beats = [Beat(ONSET + 150 * i, "V" if i % 3 == 2 else "N", {}, None, 1.5, 0) for i in range(9)]
    evidence = build(slow, [packet(600, 3000)], beats, FS)
    assert [one["label"] for one in evidence["beats"]].count("V") == 3
    assert evidence["to_n"] == ONSET + 1340
    quick = make_alert(kind=kind, decided_n=ONSET + 300)
    assert span_of(quick, FS) == (ONSET - 500, ONSET + 500), "never shorter than others"
    endless = make_alert(kind=kind, decided_n=ONSET + 100_000)
    assert span_of(endless, FS) == (ONSET - 500, ONSET + round(WHOLE_S * FS))
    assert span_of(make_alert(decided_n=ONSET + 1340), FS) == (ONSET - 500, ONSET + 500)


def test_the_last_minute_is_remembered():
    recent = Recent("b", FS)
    for i in range(200):
        recent.note(f"{i}-0", 100 * i, 100 * i + 100, float(i))
        recent.note_beat(Beat(100 * i, "N", {}, None, 1.0, 100 * i + 50))
    assert len(recent.packets) == REMEMBERED_S + 1
    assert len(recent.beats) == REMEMBERED_S + 1
    assert recent.entries(19_000, 19_150) == ["190-0", "191-0"]
    assert recent.entries(13_900, 14_000) == ["139-0"]
    assert recent.entries(13_899, 14_000) is None


def test_a_damaged_blob_is_told():
    with pytest.raises(AlertError, match="damaged"):
        unpack(b"rubbish")
