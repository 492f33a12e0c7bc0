"""Holes in the signal: beats are found over short ones, and what they hide is marked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.engine.intake import HIDES, HOLE_S
from detector.engine.resample import FS as ENGINE_FS
from detector.engine.rows import BeatRow, PeakRow, Row, SecondRow, TickRow
from tests.support.engine import GAIN, Hole, ecg, rows_of

FS = 360.0
SECONDS = 30.0
TRUE = np.arange(0.7, SECONDS - 1, 0.8)
SIGNAL = np.round(ecg(FS, TRUE, SECONDS) * GAIN).astype(np.int16)


def run(leads: np.ndarray, holes: list[Hole], fs: float = FS, step: int = 90) -> list[Row]:
    """Rows of the engine over leads, shape (n_leads, n), with these holes."""
    return rows_of(leads, holes, fs, step=step)


def peaks(rows: list) -> np.ndarray:
    return np.array([row.k / ENGINE_FS for row in rows if isinstance(row, PeakRow)])


def beats(rows: list) -> list[BeatRow]:
    return [row for row in rows if isinstance(row, BeatRow)]


def hides(holes: list[Hole], at: float, margin_s: float = 0.05) -> bool:
    return any(a / FS - margin_s < at < (a + n) / FS + margin_s for _, a, n in holes)


@pytest.mark.parametrize("phase", range(0, 36, 5))
def test_one_missing_sample_a_second_changes_nothing_whatever_its_phase(phase):
    whole = run(SIGNAL[None], [])
    holed = run(SIGNAL[None], [(0, n + phase, 1) for n in range(100, len(SIGNAL) - 50, 360)])
    assert peaks(holed) == pytest.approx(peaks(whole), abs=0.009)
    assert [row.before >= 0 for row in beats(holed)] == [row.before >= 0 for row in beats(whole)]
    assert all(row.usable and not row.hidden for row in beats(holed))


@st.composite
def some_holes(draw: st.DrawFn) -> list[Hole]:
    lengths = draw(st.lists(st.integers(1, 72), min_size=1, max_size=12))  # up to 200 ms
    return [(0, draw(st.integers(720, len(SIGNAL) - 400)), length) for length in lengths]


@settings(max_examples=40)
@given(some_holes())
def test_beats_beside_holes_are_found_and_none_is_invented(holes):
    rows = run(SIGNAL[None], holes)
    found = peaks(rows)
    for at in found:
        assert np.abs(TRUE - at).min() < 0.06 or hides(holes, at, 0.2)  # P for a hidden R
    for at in TRUE:
        assert np.abs(found - at).min() < 0.06 or hides(holes, at)
    ticks = [row for row in rows if isinstance(row, TickRow)]
    assert max(row.silent_s for row in ticks) < 2.6


@settings(max_examples=30)
@given(some_holes())
def test_no_interval_is_measured_over_a_beat_that_a_hole_hides(holes):
    intervals = [row.rr_s for row in run(SIGNAL[None], holes) if isinstance(row, PeakRow)]
    assert not [rr for rr in intervals if rr is not None and rr > 1.2]


@settings(max_examples=25)
@given(some_holes(), st.integers(7, 200))
def test_what_is_found_does_not_depend_on_the_packets(holes, step):
    assert run(SIGNAL[None], holes, step=step) == run(SIGNAL[None], holes)


@settings(max_examples=30)
@given(some_holes())
def test_a_lead_without_holes_makes_up_for_one_with(holes):
    both = np.stack([SIGNAL, SIGNAL])
    whole, holed = run(both, []), run(both, holes)
    assert len(peaks(holed)) == len(peaks(whole))
    assert peaks(holed) == pytest.approx(peaks(whole), abs=0.021)
    for row in beats(holed):
        assert row.usable & 2
        assert not row.hidden
    assert [row.unseen_s for row in holed if isinstance(row, TickRow)] == [0.0] * 60


def test_a_hole_of_all_leads_is_seen_in_ticks_and_seconds():
    rows = run(SIGNAL[None], [(0, 3600, 180)])
    ticks = {row.k: row for row in rows if isinstance(row, TickRow)}
    assert ticks[2750].unseen_s == pytest.approx(0.5, abs=0.02)
    assert ticks[3000].unseen_s == 0.0
    seconds = {row.k: row for row in rows if isinstance(row, SecondRow)}
    assert (seconds[2750].holed, seconds[3000].holed) == (1, 0)


def test_a_complex_in_a_hole_leaves_the_interval_unknown_and_cut_ones_unclassified():
    at = round(TRUE[20] * FS)
    hole = (0, at - 40, 80)
    rows = run(SIGNAL[None], [hole])
    after = next(row for row in beats(rows) if row.k > (at + 40) / FS * ENGINE_FS)
    assert after.before == -1
    cut = run(SIGNAL[None], [(0, at - 5, 40)])
    near = [row for row in beats(cut) if abs(row.k / ENGINE_FS - TRUE[20]) < 0.1]
    assert [row.hidden for row in near] in ([], [True])


def test_silence_is_counted_over_short_holes_and_not_over_a_detached_lead():
    still = SIGNAL.copy()
    still[10 * 360 :] = still[10 * 360]
    flicker = [(0, n, 36) for n in range(10 * 360, len(still) - 100, 720)]
    silent = [r.silent_s for r in run(still[None], flicker) if isinstance(r, TickRow)]
    assert silent[-1] == pytest.approx(0.95 * 20, abs=1.2)
    detached = run(still[None], [(0, 12 * 360, 10 * 360)])
    ticks = {row.k: row for row in detached if isinstance(row, TickRow)}
    assert ticks[round(21 * ENGINE_FS)].quality == 3
    assert ticks[round(23 * ENGINE_FS)].silent_s < 2


def test_a_hole_does_not_end_in_a_step():
    slope = np.round(np.linspace(0, 3000, len(SIGNAL))).astype(np.int16) + SIGNAL
    holes = [(0, n, 72) for n in range(720 + 130, len(SIGNAL) - 300, 1440)]
    found = peaks(run(slope[None], holes))
    assert not [at for at in found if np.abs(TRUE - at).min() > 0.06]


@pytest.mark.parametrize("fs", [50.0, 125.0, 250.0, 500.0, 1000.0, 2000.0])
def test_holes_are_bridged_at_every_rate(fs):
    signal = np.round(ecg(fs, TRUE, SECONDS) * GAIN).astype(np.int16)
    length = max(1, round(0.1 * fs))
    holes = [(0, round((at + 0.3) * fs), length) for at in TRUE[3:-3]]
    found = peaks(run(signal[None], holes, fs, max(1, round(fs / 4))))
    assert found == pytest.approx(peaks(run(signal[None], [], fs, max(1, round(fs / 4)))), abs=0.01)
    assert HIDES / ENGINE_FS < 0.1 < HOLE_S
