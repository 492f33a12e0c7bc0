"""What the rule of intervals without order makes of the networks' classes, beat by beat."""

import numpy as np
import pytest

from models.beats.columns import FEATURES, N_FEATURES
from models.beats.dataset import CLASSES, BeatSet
from workbench.fits.prematurity import called_anew, scored, table

N, S, V = (CLASSES.index(name) for name in "NSV")


def track(rr_s: list[float], labels: list[int], record: str = "r") -> BeatSet:
    """Beats of a record with their intervals; the first one's is not known."""
    n = len(rr_s)
    features = np.zeros((n, N_FEATURES), np.float32)
    features[:, FEATURES.index("rr")] = rr_s
    features[1:, FEATURES.index("has_rr")] = 1.0
    variants = np.zeros(n, np.int16)
    return BeatSet(features, np.array(labels, np.int8), np.full(n, record), variants)


DISORDER = [
    0.5,
    0.9,
    0.6,
    1.0,
    0.7,
    0.5,
    0.8,
    1.1,
    0.6,
    0.9,
    0.5,
    0.7,
    1.0,
    0.6,
    0.8,
    0.5,
    0.9,
    0.7,
]


def test_in_intervals_without_order_the_earliest_alone_stay_premature():
    beats = track([*DISORDER, 0.7, 0.45], [N] * len(DISORDER) + [N, S])
    found = np.array([N] * len(DISORDER) + [S, S])
    assert called_anew(beats, found).tolist() == [N] * len(DISORDER) + [N, S]
    figures = scored(beats, called_anew(beats, found))
    assert figures["s"] == {"se": 1.0, "ppv": 1.0, "f1": 1.0}
    assert figures["records"] == {"r": {"true": 1, "found": 1, "false": 0}}
    before = scored(beats, found)
    assert before["s"]["ppv"] == 0.5
    assert table(before, figures)["rows"][0][1:4] == ["100.0", "50.0", "66.7"]


def test_an_interval_beside_a_ventricular_beat_says_nothing_and_a_new_track_knows_none():
    rr_s = [0.8, *([0.8, 0.4, 1.2] * 8), 0.6]
    found = np.array([N, *([N, V, N] * 8), S])
    assert called_anew(track(rr_s, [N] * len(rr_s)), found)[-1] == S
    one = track([*DISORDER, 0.7], [N] * (len(DISORDER) + 1), "a")
    other = track([0.8, 0.7], [N, N], "b")
    both = BeatSet.join([one, other])
    classes = np.array([N] * len(DISORDER) + [S, N, S])
    assert called_anew(both, classes)[-3:].tolist() == [N, N, S]


def test_figures_leave_a_record_out_by_name():
    beats = BeatSet.join([track([0.8] * 3, [N, S, N], "201"), track([0.8] * 3, [N, S, N], "209")])
    found = np.array([N, N, N, N, S, N])
    assert scored(beats, found)["s"]["se"] == pytest.approx(0.5)
    assert scored(beats, found)["s_without_201"]["se"] == 1.0
