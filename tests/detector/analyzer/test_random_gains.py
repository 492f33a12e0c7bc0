"""Gains and offsets that wander, lead by lead, never make an asystole of a heart that beats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.analyzer.offline import timed_events
from ecg_monitor.core.types import Alarm, Event, RPeak
from ecg_monitor.records import Recording, read_record
from tests.support.cycles import LEADS, even, signal_of

UNITS_PER_MV = 500.0
LARGEST_OFFSET_MV = 20.0
SECONDS = 60.0
FS = 250.0
TRUE = even(75, SECONDS)
HEART = signal_of(TRUE, FS, SECONDS)

FloatArray = npt.NDArray[np.float64]


def wandering(
    rng: np.random.Generator, samples: int, fs: float, reach: float, every_s: float
) -> FloatArray:
    """A curve between -reach and reach, with another level every so many seconds."""
    levels = rng.uniform(-reach, reach, int(samples / fs / every_s) + 2)
    return np.interp(np.arange(samples) / fs, np.arange(len(levels)) * every_s, levels)


def spoilt(rows: FloatArray, fs: float, seed: int, decades: float = 1.0) -> npt.NDArray[np.int16]:
    """Signals in mV, each amplified by 0.1 to 10 and moved by up to 20 mV, as converter units."""
    rng = np.random.default_rng(seed)
    out = []
    for row in rows:
        gain = 10.0 ** wandering(rng, len(row), fs, decades, float(rng.choice([5, 15, 40])))
        offset = wandering(rng, len(row), fs, LARGEST_OFFSET_MV, float(rng.choice([10, 30])))
        out.append(np.clip(np.round((row * gain + offset) * UNITS_PER_MV), -32767, 32767))
    return np.stack(out).astype(np.int16)


def events_of(samples: npt.NDArray[np.int16], fs: float, leads: tuple[str, ...]) -> list[Event]:
    many = len(leads)
    recording = Recording("spoilt", fs, leads, (UNITS_PER_MV,) * many, (0.0,) * many, samples)
    return [event for _, event in timed_events(recording)]


def asystoles(events: list[Event]) -> list[Alarm]:
    return [event for event in events if isinstance(event, Alarm) and event.kind == "asystole"]


@pytest.mark.parametrize("name", ["101", "109", "119", "207", "215"])
def test_no_record_stands_still_for_its_gains(mitdb: Path, name: str) -> None:
    """The annotators have beats all through the first minute of each of these records of DS1."""
    record = read_record(mitdb / name)
    length = int(SECONDS * record.fs)
    beats = np.array([beat.sample for beat in record.beats if beat.sample < length]) / record.fs
    assert np.diff(beats).max() < 4.0 or name == "207"  # whose flutter has no beats
    offsets, gains = np.array(record.baseline[:2]), np.array(record.gain[:2])
    rows = (record.samples[:2, :length] - offsets[:, None]) / gains[:, None]
    events = events_of(spoilt(rows, record.fs, seed=int(name)), record.fs, record.leads[:2])
    assert not asystoles(events)
    found = sum(isinstance(event, RPeak) for event in events)
    assert found > 0.9 * len(beats)


@settings(max_examples=5)
@given(seed=st.integers(0, 100_000), many=st.integers(1, 2))
def test_no_made_heart_does(seed: int, many: int) -> None:
    """One lead alone stays above the 0.15 mV below which no QRS complex has to be found (EC13)."""
    samples = spoilt(np.stack([HEART] * many), FS, seed, decades=1.0 if many > 1 else 0.7)
    events = events_of(samples, FS, LEADS[:many])
    assert not asystoles(events)


def test_a_heart_that_stands_still_is_told_all_the_same() -> None:
    silent = np.where(np.arange(len(HEART)) < 40 * FS, HEART, 0.0)
    silent += np.random.default_rng(1).normal(0, 0.005, len(silent))
    samples = np.round(np.stack([silent, silent]) * UNITS_PER_MV).astype(np.int16)
    assert asystoles(events_of(samples, FS, LEADS[:2]))
