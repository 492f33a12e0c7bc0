"""Complexes that become small are beats; P waves in their place are an asystole, in time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.analyzer.offline import timed_events
from ecg_monitor.core.types import Alarm, Beat
from ecg_monitor.records import Recording, read_record
from tests.support.cycles import Cycle, even, recorded, signal_of
from tests.support.places import shared

FS = 250.0
CHANGE_S, END_S = 30.0, 50.0
BUNDLE_BRANCH = Cycle(r_mv=1.2, r_s=0.067, t_mv=-0.35, t_s=0.13, r_to_t_s=0.36, q=0.0, s=0.0)


def asystoles(recording: Recording) -> list[Alarm]:
    events = [event for _, event in timed_events(recording)]
    return [e for e in events if isinstance(e, Alarm) and e.kind == "asystole" and e.present]


def changed(before: np.ndarray, after: np.ndarray) -> Recording:
    """One signal, and from `CHANGE_S` on another."""
    t = np.arange(len(before)) / FS
    return recorded(np.where(t < CHANGE_S, before, after), FS)


@pytest.mark.parametrize("bpm", [45.0, 70.0, 110.0])
@pytest.mark.parametrize("cycle", [Cycle(), BUNDLE_BRANCH], ids=["narrow", "wide"])
def test_a_tenth_of_the_height_is_no_asystole(bpm: float, cycle: Cycle) -> None:
    mv = signal_of(even(bpm, END_S), FS, END_S, cycle, noise_mv=0.004)
    assert asystoles(changed(mv, 0.1 * mv)) == []


@pytest.mark.parametrize("bpm", [45.0, 70.0, 110.0])
def test_r_of_4_mv_becomes_0_6_mv(bpm: float) -> None:
    beats = even(bpm, END_S)
    tall, small = (signal_of(beats, FS, END_S, Cycle(r_mv=r)) for r in (4.0, 0.6))
    recording = changed(tall, small)
    assert asystoles(recording) == []


@settings(deadline=None, max_examples=6)
@given(
    p_mv=st.floats(0.08, 0.2),
    bpm=st.floats(45, 110),
    wide=st.booleans(),
    t_part=st.floats(0.3, 1.0),
)
def test_p_waves_in_place_of_complexes_are_an_asystole(
    p_mv: float, bpm: float, wide: bool, t_part: float
) -> None:
    """A P wave as wide as the complex is told from a small one by its size alone."""
    cycle = BUNDLE_BRANCH if wide else Cycle()
    p_mv = min(p_mv, 0.13) if wide else p_mv
    beats = even(bpm, END_S)
    shape = (cycle.r_s, p_mv, 0.067 if wide else 0.055, t_part * cycle.t_mv, cycle.t_s)
    r_s, p, p_s, t_mv, t_s = shape
    full = Cycle(cycle.r_mv, r_s, p, p_s, t_mv, t_s, cycle.r_to_t_s, cycle.q, cycle.s)
    none = Cycle(0.0, r_s, p, p_s, 0.0, t_s, cycle.r_to_t_s)
    before, after = (signal_of(beats, FS, END_S, one, noise_mv=0.005) for one in (full, none))
    told = asystoles(changed(before, after))
    last = max(beat for beat in beats if beat < CHANGE_S)
    assert told
    assert told[0].decided_n / FS <= last + 5.0


@settings(deadline=None, max_examples=4)
@given(data=st.data(), name=st.sampled_from(["101", "115", "122", "205"]))
def test_gains_and_offsets_make_no_asystole(data: st.DataObject, name: str) -> None:
    """What an electrode or an amplifier does, on each lead by itself, while the heart beats on."""
    recording = read_record(shared("data/mitdb") / name)
    n = round(60 * recording.fs)
    mv = (recording.samples[:, :n] - 1024.0) / 200.0
    for lead in mv:
        at = 0
        while at < n:
            lasts = round(data.draw(st.floats(6, 25)) * recording.fs)
            gain = data.draw(st.sampled_from([0.15, 0.3, 1.0, 2.0]))
            lead[at : at + lasts] *= gain
            lead[at : at + lasts] += data.draw(st.floats(-2, 2))
            at += lasts
    assert asystoles(recorded(mv, recording.fs)) == []


def test_beats_that_were_denied_come_back_with_their_t_wave() -> None:
    """At 30 bpm no label is there in time: the asystole that is told must end."""
    mv = signal_of(even(32, END_S), FS, END_S, Cycle(), noise_mv=0.003)
    recording = changed(mv, 0.1 * mv)
    events = [event for _, event in timed_events(recording)]
    alarms = [e for e in events if isinstance(e, Alarm) and e.kind == "asystole"]
    assert [alarm.present for alarm in alarms[-2:]] in ([], [True, False])
    late = [e for e in events if isinstance(e, Beat) and e.n > (CHANGE_S + 8) * FS]
    assert len(late) >= 4
