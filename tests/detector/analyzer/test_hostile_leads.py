"""A lead that shows no heart neither hides the beats of a good one nor makes any up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.analyzer.offline import timed_events
from ecg_monitor.core.types import Alarm, Event, RPeak
from ecg_monitor.records import Recording
from tests.support.cycles import LEADS, even, signal_of

FS = 250.0
SECONDS = 40.0
SETTLED_S = 6.0
"""What is too large is told by the fifth second."""
TRUE = even(75, SECONDS)
HEART = signal_of(TRUE, FS, SECONDS)
T = np.arange(len(HEART)) / FS
LARGEST = 32_000
"""Most units of a converter of 16 bits that a lead reaches here."""

FloatArray = npt.NDArray[np.float64]


def saw(rise: float, half: float) -> FloatArray:
    """A ramp of so many mV/s from rail to rail, again and again."""
    return (rise * T) % (2 * half) - half


def steps(half: float, lasts: float) -> FloatArray:
    """To one level and to the other, mV, each for so long, s."""
    return np.where((T // lasts) % 2 == 0, -half, half)


HOSTILE: Mapping[str, Callable[[np.random.Generator], FloatArray]] = MappingProxyType(
    {
        "noise of 50 mV": lambda rng: rng.uniform(-50, 50, len(T)),
        "noise of 10 mV": lambda rng: rng.uniform(-10, 10, len(T)),
        "noise of 3 mV": lambda rng: rng.uniform(-3, 3, len(T)),
        "noise now and then": lambda rng: np.where(
            (T // 7) % 2 == 0, rng.uniform(-50, 50, len(T)), HEART
        ),
        "slow swing of 50 mV": lambda _: 50 * np.sin(2 * np.pi * 1.2 * T),
        "constant": lambda _: np.full(len(T), 100.0),
        "kilovolts": lambda rng: rng.choice([-1e6, 1e6], len(T)),
        "ramp": lambda _: saw(1, 10),
        "steep ramp": lambda _: saw(50, 10),
        "steps": lambda _: steps(40, 1.3),
    }
)


def beside_a_good_lead(other: FloatArray, *, first: bool) -> list[Event]:
    """Analyse `HEART` and another lead, in mV, which is the first or the second of them."""
    rows = [other, HEART] if first else [HEART, other]
    gain = [min(200.0, LARGEST / max(1.0, float(np.abs(row).max()))) for row in rows]
    samples = [np.round(row * one).astype(np.int16) for row, one in zip(rows, gain, strict=True)]
    recording = Recording("made", FS, LEADS[:2], tuple(gain), (0.0, 0.0), np.stack(samples))
    return [event for _, event in timed_events(recording, networks=False)]


def misses(events: list[Event]) -> tuple[int, int]:
    """How many beats are missed, and how many invented, once the lead is known for what it is."""
    found = np.array([event.n for event in events if isinstance(event, RPeak)]) / FS
    true = TRUE[(TRUE > SETTLED_S) & (TRUE < SECONDS - 1.0)]
    found = found[(found > SETTLED_S - 0.1) & (found < SECONDS - 0.9)]
    apart = np.abs(true[:, None] - found[None, :])
    return int((apart.min(axis=1) > 0.1).sum()), int((apart.min(axis=0) > 0.1).sum())


def of_the_heart(events: list[Event]) -> set[str]:
    """Alarms that mean a heart which does not pump, or beats too fast for it."""
    fatal = {"asystole", "vf", "vt", "vt_sustained", "extreme_tachycardia", "extreme_bradycardia"}
    return {event.kind for event in events if isinstance(event, Alarm)} & fatal


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_lead_without_a_heart_costs_no_beat(kind: str) -> None:
    events = beside_a_good_lead(HOSTILE[kind](np.random.default_rng(1)), first=False)
    lost, invented = misses(events)
    most = 2 if kind == "noise now and then" else 0  # it is known after a second, each time
    assert lost <= most
    assert invented <= most
    assert not of_the_heart(events)


@settings(max_examples=4)
@given(
    half=st.floats(2.5, 1000),
    held=st.integers(1, 8),
    first=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_noise_of_any_size_and_pace_costs_no_beat(
    half: float, held: int, first: bool, seed: int
) -> None:
    """Each value of it lasts for some samples."""
    rng = np.random.default_rng(seed)
    noise = np.repeat(rng.uniform(-half, half, len(T)), held)[: len(T)]
    events = beside_a_good_lead(noise, first=first)
    assert misses(events) == (0, 0)
    assert not of_the_heart(events)
