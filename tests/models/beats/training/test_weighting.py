from __future__ import annotations

import numpy as np
import pytest

from models.beats.columns import N_FEATURES
from models.beats.dataset import OTHERS, SPLICED, BeatSet
from models.beats.training import weighting


def beats_of(*groups):
    """Groups of (record, variant, label, count)."""
    records = np.concatenate([[record] * count for record, _, _, count in groups])
    variants = np.concatenate([[variant] * count for _, variant, _, count in groups])
    labels = np.concatenate([[label] * count for _, _, label, count in groups])
    features = np.zeros((len(labels), N_FEATURES), np.float32)
    return BeatSet(features, labels.astype(np.int8), records, variants.astype(np.int16))


@pytest.fixture
def beats():
    return beats_of(
        ("209", 0, 0, 9000),
        ("209", 0, 1, 4000),
        ("220", 0, 0, 9000),
        ("220", 0, 1, 500),
        ("101", 0, 0, 9000),
        ("101", 0, 1, 24),
        ("209", SPLICED, 0, 300),
        ("209", SPLICED, 1, 900),
        ("220", SPLICED, 1, 300),
        ("220", SPLICED + 2, 0, 600),
        ("A1", OTHERS, 0, 1000),
    )


def total(beats, weights, record, label, kind):
    return weights[(beats.records == record) & (beats.labels == label) & kind].sum()


def test_records_rich_in_a_class_count_alike(beats):
    weights = weighting.timing(beats, weighting.TIMING)
    assert total(beats, weights, "209", 1, beats.real) == pytest.approx(800)
    assert total(beats, weights, "220", 1, beats.real) == pytest.approx(800)
    assert total(beats, weights, "101", 1, beats.real) == pytest.approx(80)
    assert total(beats, weights, "209", 0, beats.real) == pytest.approx(1500)


def test_other_recordings_count_a_fixed_part(beats):
    weights = weighting.timing(beats, weighting.TIMING)
    normal = weights[(beats.labels == 0) & ~beats.others].sum()
    assert weights[beats.others].sum() == pytest.approx(weighting.TIMING.others * normal)
    assert not weighting.origin(beats)[beats.others].any()


def test_judging_caps_rich_records_and_balances_made_rhythms(beats):
    judged = beats[~beats.others]
    weights = weighting.judging(judged)
    assert total(judged, weights, "209", 1, judged.real) == pytest.approx(weighting.MOST)
    assert total(judged, weights, "101", 1, judged.real) == pytest.approx(24)
    made, real = judged.spliced, judged.real
    early = judged.labels == 1
    assert weights[made & early].sum() == pytest.approx(weights[real & early].sum())
    assert total(judged, weights, "209", 1, made) == total(judged, weights, "220", 1, made)
    assert weights[made & ~early].sum() == pytest.approx(5 * weights[made & early].sum())
    assert (weights[real & ~early] == 1).all()


def test_where_beats_arise_is_learnt_from_records_as_they_are(beats):
    weights = weighting.origin(beats)
    assert not weights[beats.spliced].any()
    early = beats.real & (beats.labels == 1)
    rich, poor = (weights[early & (beats.records == name)][0] for name in ("209", "101"))
    assert poor / rich == pytest.approx((4000 / 30) ** weighting.BALANCE)
    assert weights[beats.real & (beats.labels == 0)].mean() == pytest.approx(1.0)
