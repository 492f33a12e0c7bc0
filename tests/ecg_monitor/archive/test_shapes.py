"""Beats laid over each other."""

import numpy as np

from ecg_monitor.archive.annotations.folding import ReviewedBeat
from ecg_monitor.archive.shapes import POINTS, forms_of
from ecg_monitor.records.recording import INVALID_SAMPLE, Recording

FS = 250.0


def test_a_class_is_divided_by_form_and_what_is_not_whole_is_left_out():
    rng = np.random.default_rng(1)
    samples = rng.normal(0, 2, (1, 12_000)).astype(np.int16)
    places = range(200, 11_000, 200)
    for i, at in enumerate(places):
        width = 3 if i % 3 else 15  # two forms of V
        samples[0, at - width : at + width] += np.int16(200)
    samples[0, 990:1010] = INVALID_SAMPLE
    beats = [ReviewedBeat(at, "V", "V") for at in places]
    beats[3] = ReviewedBeat(beats[3].sample, "", "V")  # deleted
    beats.append(ReviewedBeat(11_990, "V", "V"))  # its end is not there
    recording = Recording("x", FS, ("II",), (200.0,), (0.0,), samples)
    first, second = forms_of(recording, beats, 0)
    wide = {i for i in range(len(places)) if i % 3 == 0}
    assert set(second.members) == wide - {3}
    assert set(first.members) == set(range(len(places))) - wide - {4}  # 4 lacks samples
    assert (first.label, first.mean.shape, first.drawn.shape[1]) == ("V", (POINTS,), POINTS)
    assert len(first.drawn) <= 40
    assert forms_of(recording, [], 0) == []
