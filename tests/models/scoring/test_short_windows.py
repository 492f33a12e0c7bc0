"""Detection in windows of ten seconds."""

import numpy as np
import pytest

from models.scoring import Beats, Case, ShortWindows, evaluate, match
from models.scoring.short_windows import area_under_ecdf

FS = 100.0


def beats(*seconds: float) -> Beats:
    return Beats.from_labels([round(at * FS) for at in seconds], "N" * len(seconds))


def test_misses_that_come_together_show():
    """Four windows of ten beats; the third misses half of its beats, the first invents one."""
    every = [0.5 + at for at in range(40)]
    found = [0.2, *every[:20], *every[25:]]
    short = ShortWindows.of(match(beats(*every), beats(*found), FS))
    assert short.se.tolist() == [1.0, 1.0, 0.5, 1.0]
    assert short.ppv == pytest.approx([10 / 11, 1.0, 1.0, 1.0])
    told = short.as_map()
    assert told["se"]["auecdf"] == pytest.approx(0.5 / 4)
    assert told["se"]["worst"] == 0.5
    assert told["se"]["below"] == {"0.5": 0.0, "0.75": 0.25, "0.9": 0.25, "0.95": 0.25, "1": 0.25}
    assert told["ppv"]["windows"] == 4


def test_windows_begin_after_the_learning_period_and_those_without_beats_are_left_out():
    short = ShortWindows.of(match(beats(4.0, 16.0, 48.0), beats(16.0), FS), start_s=15.0)
    assert short.se.tolist() == [1.0, 0.0]
    assert short.ppv.tolist() == [1.0]


@pytest.mark.parametrize(
    ("rates", "area"), [([1.0, 1.0], 0.0), ([0.0], 1.0), ([0.0, 0.5, 1.0], 0.5), ([], None)]
)
def test_the_area_is_one_less_the_mean(rates, area):
    found = area_under_ecdf(np.array(rates))
    assert found is None if area is None else found == pytest.approx(area)


def test_a_report_pools_the_windows_of_all_records():
    every = beats(*(0.5 + at for at in range(20)))
    half = beats(*(0.5 + at for at in range(10)))
    report = evaluate(
        [Case("a", every, every, FS, 20.0), Case("b", every, half, FS, 20.0)], learning_s=10.0
    )
    assert report["full"]["ten_seconds"]["se"]["auecdf"] == pytest.approx(0.25)
    assert report["ec57"]["ten_seconds"]["se"]["auecdf"] == pytest.approx(0.5)
    assert evaluate([])["full"]["ten_seconds"]["se"] == {
        **{"windows": 0, "auecdf": None, "worst": None, "below": {}}
    }
