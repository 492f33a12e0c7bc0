"""What becomes of alarms when the signal has holes."""

from dataclasses import replace

import numpy as np
import pytest

from ecg_monitor.records import Recording, read_record
from workbench.alarm_review.holes import Loss, compare, cut, outcome, render, spans


@pytest.fixture(scope="module")
def tachycardia(mitdb) -> Recording:
    """75 s of record 223, first lead, with a ventricular tachycardia."""
    record = read_record(mitdb / "223")
    first, last = 565 * 360, 640 * 360
    return replace(
        record, leads=("MLII",), gain=record.gain[:1], baseline=record.baseline[:1],
        samples=np.ascontiguousarray(record.samples[:1, first:last]), beats=(), rhythms=(),
    )  # fmt: skip


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3])
def test_the_share_that_is_asked_for_is_missing(tachycardia, share):
    off = [p.n_samples for p in Loss(share).apply(tachycardia) if p.leadoff]
    assert sum(off) == pytest.approx(share * tachycardia.n_samples, rel=0.4)
    assert max(off) <= 72
    packets = list(Loss(share, packets=True).apply(tachycardia))
    assert len(packets) == pytest.approx((1 - share) * tachycardia.n_samples / 36, rel=0.08)
    assert not any(packet.leadoff for packet in packets)


def test_without_loss_all_arrives(tachycardia):
    packets = list(Loss(0.0).apply(tachycardia))
    assert sum(packet.n_samples for packet in packets) == tachycardia.n_samples
    assert not any(packet.leadoff for packet in packets)


def test_outcomes():
    assert outcome((10, 20), [(25, 40)], []) == "kept"
    assert outcome((10, 20), [(31, 40)], [(45, 60)]) == "limited"
    assert outcome((10, 20), [(31, 40)], [(51, 60)]) == "lost"


def test_spans_of_kinds_are_joined():
    alarms = [("vt", 10, 20), ("vt_sustained", 15, None), ("vf", 1, 2)]
    analysis = {
        "duration_s": 60,
        "alarms": [dict(kind=k, onset_s=a, cleared_s=b) for k, a, b in alarms],  # noqa: C408
    }
    assert spans(analysis, ("vt", "vt_sustained")) == [(10, 60)]
    assert spans(analysis, ("af",)) == []


def test_a_comparison(tachycardia):
    found = compare(tachycardia, Loss(0.01))
    assert found.tachycardia == {"kept": 1}
    assert found.limited == 0
    assert render({"223": found}).row_count == 2


def test_a_recording_without_a_ventricular_rhythm_is_not_cut(tachycardia):
    assert cut(tachycardia, 10) is tachycardia
