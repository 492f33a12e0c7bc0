from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core.errors import CheckpointError
from models.beats.columns import FEATURES, N_FEATURES
from models.beats.context import BeatContexts
from models.beats.features.state import NEXT_LIMIT, PRE


def column(name):
    return FEATURES.index(name)


def describe_all(contexts, slots, beats):
    return contexts.describe(
        slots, beats["windows"], beats["peaks"], beats["before"], beats["after"]
    )


def test_batching_does_not_change_features(interleaved):
    """One call, many calls, or each track alone: the same bits."""
    contexts = BeatContexts(2)  # grows
    slots = np.array([contexts.add() for _ in range(3)])[interleaved["track"]]
    whole = describe_all(contexts, slots, interleaved)

    @settings(max_examples=20, deadline=None)
    @given(st.lists(st.integers(0, 120), max_size=12))
    def check(cuts):
        again = BeatContexts(4)
        slots = np.array([again.add() for _ in range(3)])[interleaved["track"]]
        edges = [0, *sorted(cuts), 120]
        parts = [
            describe_all(again, slots[a:b], {k: v[a:b] for k, v in interleaved.items()})
            for a, b in pairwise(edges)
        ]
        assert np.array_equal(np.concatenate(parts), whole)

    check()
    assert np.isfinite(whole).all()
    assert whole.shape == (120, N_FEATURES)


def test_checkpoint_continues_with_the_same_bits(stretches):
    beats = {name: getattr(stretches[0], name) for name in ("windows", "peaks", "before", "after")}
    first = {name: values[:20] for name, values in beats.items()}
    rest = {name: values[20:] for name, values in beats.items()}
    contexts = BeatContexts()
    slot = contexts.add()
    describe_all(contexts, np.full(20, slot), first)
    saved = contexts.save(slot)
    expected = describe_all(contexts, np.full(20, slot), rest)
    other = BeatContexts()
    other.add()
    slot = other.add()
    other.load(slot, saved)
    assert np.array_equal(describe_all(other, np.full(20, slot), rest), expected)


def test_damaged_checkpoint_is_refused():
    contexts = BeatContexts()
    slot = contexts.add()
    saved = contexts.save(slot)
    for bad in (saved[:-1], b"x" * 8 + saved[8:], b""):
        with pytest.raises(CheckpointError, match="beat context"):
            contexts.load(slot, bad)


def test_removed_slot_starts_anew(stretches):
    one = stretches[0]
    contexts = BeatContexts(1)
    slot = contexts.add()
    beats = (one.windows, one.peaks, one.before, one.after)
    fresh = contexts.describe(np.full(40, slot), *beats)
    contexts.remove(slot)
    assert contexts.add() == slot
    assert np.array_equal(contexts.describe(np.full(40, slot), *beats), fresh)


def test_a_next_beat_beyond_the_limit_counts_as_unknown(stretches):
    one = stretches[0]
    results = []
    for after in (one.peaks[0] + NEXT_LIMIT + 1, one.peaks[0] + 4 * NEXT_LIMIT, -1):
        contexts = BeatContexts(1)
        slots = np.array([contexts.add()])
        beat = (one.windows[:1], one.peaks[:1], one.before[:1], np.array([after]))
        results.append(contexts.describe(slots, *beat))
    assert np.array_equal(results[0], results[2])
    assert np.array_equal(results[1], results[2])


def test_early_wide_beats_stand_out(stretches):
    one = stretches[0]
    contexts = BeatContexts(1)
    slots = np.full(40, contexts.add())
    found = contexts.describe(slots, one.windows, one.peaks, one.before, one.after)[14:]
    wide = (np.arange(40) % 7 == 6)[14:]
    assert found[wide, column("log_rr")].max() < found[~wide, column("log_rr")].min()
    assert found[wide, column("log_width_normal")].min() > 0.5
    assert np.abs(found[~wide, column("log_width_normal")]).max() < 0.3
    assert found[~wide, column("p_corr")].min() > 0.8
    assert found[wide, column("own_regular")].max() < 0.1


@pytest.mark.parametrize("factor", [-1.0, 0.2, 5.0])
def test_shape_does_not_depend_on_amplitude_or_polarity(stretches, factor):
    """But for the signed columns, which turn, and the absolute peak."""
    one = stretches[0]
    found = []
    for scale in (1.0, factor):
        contexts = BeatContexts(1)
        slots = np.full(40, contexts.add())
        windows = (one.windows * np.float32(scale)).astype(np.float32)
        found.append(contexts.describe(slots, windows, one.peaks, one.before, one.after))
    unsigned = [
        column(name)
        for name in (
            *("spread_qrs", "width_15", "width_40", "p_corr", "p_gain", "qrs_corr"),
            *("beat_corr", "own_corr", "log_width_normal", "t_height", "own_log_rr"),
        )
    ]
    assert np.allclose(found[0][:, unsigned], found[1][:, unsigned], atol=0.03)


def test_r_peak_placement_hardly_matters(stretches):
    """Shapes are aligned by the middle of the QRS slopes: 20 ms off changes little."""
    one = stretches[0]
    contexts = BeatContexts(2)
    here, moved = contexts.add(), contexts.add()
    rest = (one.peaks, one.before, one.after)
    straight = contexts.describe(np.full(40, here), one.windows, *rest)
    late = contexts.describe(np.full(40, moved), np.roll(one.windows, -5, axis=1), *rest)
    for name in ("spread_qrs", "qrs_corr", "p_corr", "own_corr"):
        assert np.allclose(straight[3:, column(name)], late[3:, column(name)], atol=0.06), name


@pytest.mark.parametrize("value", [0.0, 1.0, 300.0])
def test_flat_windows_give_finite_features(value):
    contexts = BeatContexts(1)
    slots = np.full(3, contexts.add())
    windows = np.full((3, 320), value, np.float32)
    peaks = np.array([1000, 1001, 9000])
    found = contexts.describe(slots, windows, peaks, np.array([-1, 1000, 1001]), np.full(3, -1))
    assert np.isfinite(found).all()


def test_wrong_shapes_are_refused():
    contexts = BeatContexts(1)
    one = np.zeros(1, np.int64)
    with pytest.raises(ValueError, match="windows"):
        contexts.describe(one, np.zeros((1, PRE), np.float32), one, one, one)


def rhythm_of(intervals, ectopic_p):
    """Beats with P waves; those whose place is in ``ectopic_p`` have an inverted P wave."""
    peaks = 1000 + np.cumsum(intervals)
    time = (np.arange(320) - PRE) / 250.0
    qrs = np.exp(-((time / 0.012) ** 2)) + 0.25 * np.exp(-(((time - 0.26) / 0.05) ** 2))
    p_wave = 0.15 * np.exp(-(((time + 0.15) / 0.025) ** 2))
    noise = 0.004 * np.random.default_rng(0).standard_normal((len(peaks), 320))
    sign = np.where(ectopic_p, -1.0, 1.0)[:, None]
    contexts = BeatContexts(1)
    return contexts.describe(
        np.full(len(peaks), contexts.add()),
        (qrs + sign * p_wave + noise).astype(np.float32),
        peaks,
        np.concatenate([[-1], peaks[:-1]]),
        np.concatenate([peaks[1:], [-1]]),
    )


def test_late_beats_say_what_the_sinus_p_wave_is_where_ectopy_prevails():
    """Three of four beats are ectopic, so the most frequent P wave is the wrong one."""
    ectopic = np.arange(200) % 4 != 0
    intervals = np.where(ectopic, 225, 320)
    found = rhythm_of(intervals, ectopic)[100:]
    ectopic = ectopic[100:]
    late = found[:, column("late_corr")]
    assert late[~ectopic].min() > 0.8
    assert late[ectopic].max() < -0.5
    usual = found[:, column("p_corr")]
    assert usual[ectopic].mean() > usual[~ectopic].mean()  # what is frequent misleads
    assert found[ectopic, column("log_rr_upper")].max() < -0.3


def test_ventricular_escapes_are_not_taken_for_late_sinus_beats(stretches):
    one = stretches[0]
    wide = np.arange(40) % 7 == 6
    intervals = np.where(wide, 330, 200)
    peaks = 1000 + np.cumsum(intervals)
    contexts = BeatContexts(1)
    found = contexts.describe(
        np.full(40, contexts.add()),
        one.windows,
        peaks,
        np.concatenate([[-1], peaks[:-1]]),
        np.concatenate([peaks[1:], [-1]]),
    )[14:]
    assert found[~wide[14:], column("late_corr")].min() > 0.8
    assert found[wide[14:], column("late_corr")].max() < 0.5


def test_a_p_wave_hidden_in_the_t_wave_is_seen():
    """The beat before an early one has a P wave on its T wave."""
    intervals = np.full(60, 200)
    intervals[50] = 130
    peaks = 1000 + np.cumsum(intervals)
    time = (np.arange(320) - PRE) / 250.0
    windows = np.tile(np.exp(-((time / 0.012) ** 2)), (60, 1))
    windows += 0.25 * np.exp(-(((time - 0.26) / 0.05) ** 2))
    windows[49] += 0.15 * np.exp(-(((time - 0.36) / 0.025) ** 2))
    contexts = BeatContexts(1)
    found = contexts.describe(
        np.full(60, contexts.add()),
        windows.astype(np.float32),
        peaks,
        np.concatenate([[-1], peaks[:-1]]),
        np.concatenate([peaks[1:], [-1]]),
    )
    top = found[20:, column("hidden_top")]
    assert top[30] > 0.3
    assert np.abs(np.delete(top, 30)).max() < 0.1
