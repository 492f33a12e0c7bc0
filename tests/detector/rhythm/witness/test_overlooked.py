"""A complex that was not found between two ventricular beats that are alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from detector.rhythm.alarms import AlarmRules
from detector.rhythm.beats import BeatLikeness
from detector.rhythm.waveform.quality import measure
from detector.rhythm.witness.overlooked import RATE, between
from ecg_monitor.core.types import Alarm

FloatArray = npt.NDArray[np.float64]
VENTRICULAR = BeatLikeness(ventricular=0.97, likeness=0.2, repeats=0.95)
NORMAL = BeatLikeness(ventricular=0.0, likeness=0.99, repeats=0.99)


def wave(seconds: float, at: list[float], width_s: float, height_mv: float) -> FloatArray:
    """A lead with a bump at each of some times, whose T wave points the other way."""
    t = np.arange(round(seconds * RATE)) / RATE
    lead = np.zeros(t.size)
    for middle in at:
        lead += height_mv * np.exp(-0.5 * ((t - middle) / width_s) ** 2)
        lead -= 0.4 * height_mv * np.exp(-0.5 * ((t - middle - 0.16) / (1.4 * width_s)) ** 2)
    return lead


def leads(at: list[float]) -> FloatArray:
    return np.stack([wave(4.0, at, 0.035, 1.2), wave(4.0, at, 0.03, -0.7)])


def found_at(window: FloatArray, first_s: float, last_s: float) -> float | None:
    """When the complex is that lies between two beats, s."""
    found = between(window, round(first_s * RATE), round(last_s * RATE))
    return None if found is None else last_s - found.back / RATE


def test_a_complex_like_the_beat_after_it_is_found():
    assert found_at(leads([1.0, 1.35, 1.7]), 1.0, 1.7) == pytest.approx(1.35, abs=0.02)


def test_t_waves_are_none():
    assert found_at(leads([1.0, 1.7]), 1.0, 1.7) is None


def test_what_one_lead_does_not_show_is_none():
    window = leads([1.0, 1.35, 1.7])
    window[1] = wave(4.0, [1.0, 1.7], 0.03, -0.7)
    assert found_at(window, 1.0, 1.7) is None


def test_a_lead_that_shows_no_beat_says_nothing():
    window = leads([1.0, 1.35, 1.7])
    window[1] = 0.0
    assert found_at(window, 1.0, 1.7) == pytest.approx(1.35, abs=0.02)
    window[0] = 0.0
    assert found_at(window, 1.0, 1.7) is None


def test_one_of_another_size_is_none():
    window = leads([1.0, 1.7]) + 0.3 * leads([1.35])
    assert found_at(window, 1.0, 1.7) is None


def test_beats_that_leave_no_room_have_none_between_them():
    assert found_at(leads([1.0, 1.18, 1.36]), 1.0, 1.36) is None


def told(complexes: list[float], beats: list[tuple[float, Any]]) -> list[str]:
    """Alarms of a signal with complexes at some times, and of the beats found in it."""
    rules, kinds = AlarmRules(float(RATE), leads=("II", "V1")), list[str]()
    seconds = 20
    signal = np.stack(
        [wave(seconds, complexes, 0.035, 1.2), wave(seconds, complexes, 0.03, -0.7)]
    ).astype(np.float32)
    waiting = list(beats)
    for end in range(1, seconds + 1):
        block, n = signal[:, (end - 1) * RATE : end * RATE], end * RATE
        events = list(rules.on_second(n, measure(block), block))
        while waiting and waiting[0][0] + 1.42 <= end:
            at, (label, looks) = waiting.pop(0)
            events += rules.on_beat(round(at * RATE), n, label, looks=looks)
        kinds += [one.kind for one in events if isinstance(one, Alarm) and one.present]
    return kinds


V, N = ("V", VENTRICULAR), ("N", NORMAL)
BEFORE = [(1.0 + 0.8 * i, N) for i in range(8)]
AFTER = [(9.6 + 0.8 * i, N) for i in range(8)]
RUN_S = [7.0, 7.4, 7.8, 8.2, 8.6]


def test_a_complex_overlooked_in_a_run_counts_in_it():
    beats = [(at, V) for at in RUN_S if at != 7.8]
    at = [one[0] for one in (*BEFORE, *AFTER)]
    assert "vt" in told([*at, *RUN_S], [*BEFORE, *beats, *AFTER])


def test_four_beats_without_one_between_them_are_a_run():
    beats = [(at, V) for at in RUN_S if at != 7.8]
    at = [one[0] for one in (*BEFORE, *beats, *AFTER)]
    kinds = told(at, [*BEFORE, *beats, *AFTER])
    assert "vt" not in kinds
    assert "ventricular_run" in kinds


def test_between_beats_that_are_not_alike_none_is_looked_for():
    movement = ("V", VENTRICULAR._replace(repeats=0.5))
    beats = [(at, movement) for at in RUN_S if at != 7.8]
    at = [one[0] for one in (*BEFORE, *AFTER)]
    assert "vt" not in told([*at, *RUN_S], [*BEFORE, *beats, *AFTER])


def test_a_tachycardia_of_which_every_second_complex_is_overlooked_goes_on() -> None:
    """Its rate is not that of the beats that were found; the waveform is not regular enough."""
    sway = (0.02, -0.015, 0.01, -0.02, 0.015, 0.0, -0.01)
    run = [7.0 + 0.45 * i + sway[i % len(sway)] for i in range(24)]
    kinds = told([*(at for at, _ in BEFORE), *run], [*BEFORE, *((at, V) for at in run[::2])])
    assert kinds[-1] == "vt"
