"""Labels and anomaly scores of beats: all that became ready in a tick, of all beds, in one call.

Joins the networks of `models` to the engine's slots. Every beat passes once, in order of time per
device, so the running state that beats are held against is the same however the signal was cut.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from detector.analyzer.pulses import PulseOrigin
from detector.engine.resample import FS
from detector.engine.state import WINDOW_BEFORE, WINDOW_LEADS
from detector.rhythm.beats import BeatLikeness
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import BeatLabel
from models.autoencoder import calibration, inputs
from models.autoencoder.inference import Autoencoder
from models.autoencoder.intervals import Intervals
from models.beats.classifier import BeatClassifier, BeatLabeller
from models.beats.dataset import CLASSES

_SHAPE = slice(WINDOW_BEFORE - inputs.BEFORE, WINDOW_BEFORE + inputs.AFTER)
"""Where in the engine's window the autoencoder looks."""
_NO_PEAK = -1
_DIGITS = 3
_PACED: dict[str, float] = {name: float(name == "Q") for name in CLASSES}


class Verdict(NamedTuple):
    """What the networks say of one beat.

    Attributes:
        label: AAMI class.
        probabilities: by label, calibrated.
        anomaly: 0 .. 1, 0.5 the threshold; None when the first lead was of no use.
        looks: how it looks beside normal beats; None when no lead was of use, or a pacemaker's
            pulse brought it.
    """

    label: BeatLabel
    probabilities: dict[str, float]
    anomaly: float | None
    looks: BeatLikeness | None = None


def never_premature(probabilities: Mapping[str, float]) -> dict[str, float]:
    """Return probabilities by label with that of S given to N, where no beat can be premature."""
    if "S" not in probabilities:
        return dict(probabilities)
    normal = round(probabilities["N"] + probabilities["S"], _DIGITS)
    return {**probabilities, "N": normal, "S": 0.0}


class ReadyBeat(NamedTuple):
    """A beat whose surroundings are all there.

    Attributes:
        slot: device, as `Labelling.add` gave it.
        peak: R peak, engine samples.
        before: the R peak before it in the same stretch, or -1.
        after: the R peak after it, or -1 if none is known.
        usable: bit mask of leads that were attached and alive.
        origin: whether a pacemaker's pulse brought it, which makes it Q; if it looks ventricular,
            only where that is sure.
    """

    slot: int
    peak: int
    before: int
    after: int
    usable: int
    origin: PulseOrigin = PulseOrigin.NO


@dataclass(slots=True)
class NetworkState:
    """What the networks remember of one device.

    Attributes:
        contexts: what its beats are held against, as of `BeatLabeller.save`.
        calibration: its template and levels, as of `models.autoencoder.calibration.to_bytes`.
        intervals: its RR intervals.
    """

    contexts: bytes = b""
    calibration: bytes = b""
    intervals: Intervals = field(default_factory=Intervals)

    @classmethod
    def of(cls, saved: bytes) -> Self:
        """Return the state in a checkpoint of `Labelling.save`.

        Raises:
            CheckpointError: it comes from another version, or is damaged.
        """
        state = cls()
        codec.unpack(state, saved)
        return state


def _looks(seen: list[float]) -> BeatLikeness | None:
    """Return a row of `models.beats.classifier.Verdicts.looks`; None where no lead counts."""
    return None if math.isnan(seen[0]) else BeatLikeness(*seen)


@cache
def _classifier() -> BeatClassifier:
    """The network has no state: one serves all partitions of a process."""
    return BeatClassifier()


@cache
def _autoencoder() -> Autoencoder:
    return Autoencoder.load()


@dataclass(slots=True)
class Labelling:
    """The networks, and the running state of every device that they see."""

    _labeller: BeatLabeller = field(default_factory=lambda: BeatLabeller(_classifier()))
    _autoencoder: Autoencoder = field(default_factory=_autoencoder)
    _calibrations: npt.NDArray[np.void] = field(default_factory=lambda: calibration.fresh(16))
    _intervals: dict[int, Intervals] = field(default_factory=dict)

    def add(self, n_leads: int) -> int:
        """Make room for a device; return its slot."""
        slot = self._labeller.add(n_leads)
        if slot >= len(self._calibrations):
            more = calibration.fresh(slot + 1)
            self._calibrations = np.concatenate([self._calibrations, more])
        self._calibrations[slot] = calibration.fresh(1)[0]
        self._intervals[slot] = Intervals()
        return slot

    def remove(self, slot: int) -> None:
        """Give a slot back."""
        self._labeller.remove(slot)
        del self._intervals[slot]

    def save(self, slot: int) -> bytes:
        """Return a checkpoint of one device."""
        labeller, levels = self._labeller.save(slot), calibration.to_bytes(self._calibrations[slot])
        return codec.pack(NetworkState(labeller, levels, self._intervals[slot]))

    def load(self, slot: int, saved: bytes) -> None:
        """Put a device's state back; it must have been added with as many leads.

        Raises:
            CheckpointError: it comes from another version, or is damaged.
        """
        state = NetworkState.of(saved)
        self._labeller.load(slot, state.contexts)
        self._calibrations[slot] = calibration.from_bytes(state.calibration)[0]
        self._intervals[slot] = state.intervals

    def label(self, beats: Sequence[ReadyBeat], windows: npt.NDArray[np.float32]) -> list[Verdict]:
        """Label beats of any devices; each device's in order of time, each beat once.

        Args:
            beats: the beats.
            windows: the engine's signal around them, mV, shape (n, WINDOW_LEADS, WINDOW).
        """
        if not beats:
            return []
        table = np.array(beats, np.int64)
        slots, peaks, before, after = (np.ascontiguousarray(table[:, i]) for i in range(4))
        usable = (table[:, 4:5] >> np.arange(WINDOW_LEADS)) & 1 == 1
        verdicts = self._labeller.label(slots, windows, usable, peaks, before, after)
        rounded = np.round(verdicts.probabilities.astype(np.float64), _DIGITS).tolist()
        looks = np.round(verdicts.looks.astype(np.float64), _DIGITS).tolist()
        anomalies = self._score(beats, slots, windows, usable[:, 0])
        return [
            Verdict("Q", _PACED, anomaly)
            if beat.origin >= (PulseOrigin.SURELY if label == "V" else PulseOrigin.PERHAPS)
            else Verdict(label, dict(zip(CLASSES, shares, strict=True)), anomaly, _looks(seen))
            for beat, label, shares, anomaly, seen in zip(
                beats, verdicts.labels(), rounded, anomalies, looks, strict=True
            )
        ]

    def _score(
        self,
        beats: Sequence[ReadyBeat],
        slots: npt.NDArray[np.int64],
        windows: npt.NDArray[np.float32],
        usable: npt.NDArray[np.bool_],
    ) -> list[float | None]:
        """Anomaly of each beat on the first lead; None where that is of no use."""
        context = np.array([self._context(beat) for beat in beats])
        scores: list[float | None] = [None] * len(beats)
        chosen = np.flatnonzero(usable)
        if len(chosen):
            rows = slots[chosen]
            seen = calibration.prepare(
                self._calibrations, rows, windows[chosen, 0, _SHAPE], context[chosen]
            )
            scored = self._autoencoder.score(seen)
            judged = calibration.judge(self._calibrations, rows, scored, self._autoencoder.fusion)
            for i, score in zip(chosen.tolist(), judged.tolist(), strict=True):
                scores[i] = round(score, 3)
        return scores

    def _context(self, beat: ReadyBeat) -> tuple[float, ...]:
        last = None if beat.before == _NO_PEAK else (beat.peak - beat.before) / FS
        following = None if beat.after == _NO_PEAK else (beat.after - beat.peak) / FS
        return self._intervals[beat.slot].add(beat.peak / FS, last, following)
