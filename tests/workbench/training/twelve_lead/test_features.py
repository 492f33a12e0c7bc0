"""What an expert would measure is measured: on beats whose rate, intervals and axis are known."""

import numpy as np
import pytest

from models.diagnosis import inputs
from tests.support.twelve_leads import millivolts
from workbench.training.twelve_lead.features import NAMES, features_of


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    cut = inputs.windows(millivolts(10, 500, bpm=75), 500)
    return dict(
        zip(NAMES, features_of(cut.ecg[0], inputs.about(60, "F", voltage=True)), strict=True)
    )


def test_rate_and_rhythm(measured):
    assert measured["rate"] == pytest.approx(75, abs=1)
    assert measured["rmssd"] < 0.02
    assert measured["odd_beats"] == 0


def test_intervals_and_axis(measured):
    assert 110 < measured["pr_ms"] < 190
    assert 40 < measured["qrs_ms"] < 110
    assert 280 < measured["qt_ms"] < 420
    angle = np.degrees(np.arctan2(measured["axis_sin"], measured["axis_cos"]))
    assert angle == pytest.approx(8, abs=5)  # R waves of 0.8 mV in I, 0.5 mV in II


def test_heights_are_in_mv_only_where_they_are_known(measured):
    assert measured["r_mv_V4"] == pytest.approx(1.5, rel=0.25)
    assert measured["s_mv_V1"] == pytest.approx(-0.8, rel=0.25)
    cut = inputs.windows(millivolts(10, 500), 500)
    unknown = features_of(cut.ecg[0] * 7, inputs.about(None, None, voltage=False))
    values = dict(zip(NAMES, unknown, strict=True))
    assert np.isnan(values["r_mv_V4"])
    assert values["r_II"] == pytest.approx(measured["r_II"], rel=0.2)


def test_a_signal_without_beats_has_no_features():
    values = features_of(np.zeros((12, 1000), np.float32), inputs.about(None, None, voltage=False))
    assert np.isnan(values[NAMES.index("rate")])
