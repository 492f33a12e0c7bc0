"""A day of a record, minute by minute."""

import numpy as np
import pytest

from ecg_monitor.archive.annotations.reviewer import Reviewer
from ecg_monitor.archive.day import folded, read_day
from tests.support.archive import DEVICE, FS, RR_N, T0, reviewed_record

FROM = T0 - T0 % 60


def test_minutes_count_what_holds_within_the_stay(tmp_path):
    made = reviewed_record(tmp_path, minutes=12)  # two segments
    day = read_day(tmp_path, DEVICE, FROM, FROM + 3600, (0.0, 1e11))
    assert day.counts.shape == (60, 5)
    assert day.counts.sum() == len(made.beats)
    assert day.counts[:, 2].sum() == sum(b.symbol == "V" for b in made.beats)
    # 75 a minute; the beat that is missed makes the lowest rate of four intervals.
    assert np.nanmax(day.highest) == pytest.approx(75, abs=0.1)
    assert np.nanmin(day.lowest) == pytest.approx(60, abs=0.1)
    one = Reviewer(tmp_path, DEVICE, 0.0, 1e11, "a")
    one.label([T0 + 4 * RR_N / FS], "S")
    one.delete([T0 + 850 * RR_N / FS])
    after = read_day(tmp_path, DEVICE, FROM, FROM + 3600, (0.0, 1e11))
    assert after.counts.sum() == len(made.beats) - 1
    assert (after.counts[:, 1].sum(), after.counts[:, 2].sum()) == (1, day.counts[:, 2].sum() - 1)
    theirs = read_day(tmp_path, DEVICE, FROM, FROM + 3600, (T0 + 60, T0 + 120))
    assert theirs.counts.sum() == 75


def test_holes_make_no_rate():
    times = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 40.0, 41.0])
    day = folded(times, np.zeros(7, np.int64), 0.0, 60.0)
    assert (day.lowest[0], day.highest[0]) == (60.0, 60.0)
    assert np.isnan(folded(times[:0], np.zeros(0, np.int64), 0.0, 60.0).lowest).all()
