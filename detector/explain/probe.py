"""Labelling that stops to look when the beat in question comes by."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.analyzer.labelling import Labelling, NetworkState, ReadyBeat, Verdict
from detector.engine.resample import FS
from detector.engine.state import WINDOW_BEFORE, WINDOW_LEADS
from models.autoencoder import calibration, inputs
from models.autoencoder.intervals import Intervals

Floats = npt.NDArray[np.float64]

REMEMBERED = 60
"""Normal beats whose median is the patient's own: about a minute, as the autoencoder keeps."""
TOLERANCE_S = 0.05
"""The replay begins in the middle of the signal: an R peak may lie a few samples elsewhere."""
SHAPE = slice(WINDOW_BEFORE - inputs.BEFORE, WINDOW_BEFORE + inputs.AFTER)
"""Where in the window the autoencoder looks."""


@dataclass(frozen=True, slots=True, eq=False)
class Rebuilt:
    """What the autoencoder made of a beat.

    Attributes:
        reconstruction: mV at 250 Hz, over `SHAPE` of the window.
        error: root mean square of what it missed, in sizes of the patient's template.
        usual: the patient's usual error before this beat.
        spread: how far errors usually lie from it.
    """

    reconstruction: Floats
    error: float
    usual: float
    spread: float


@dataclass(frozen=True, slots=True, eq=False)
class BeatContext:
    """What labelling saw of the beat in question, and what it knew before.

    Attributes:
        beat: the beat and its neighbours, engine samples.
        window: signal around it, mV at 250 Hz, shape (WINDOW_LEADS, WINDOW).
        verdict: what was said of it.
        state: the running state before it, see `Labelling.save`.
        rr: its row of `models.autoencoder.inputs.RR_FIELDS`, s.
        normals: signal around the normal beats before it, shape (n, WINDOW_LEADS, WINDOW).
        anomalies: scores of all beats before it.
    """

    beat: ReadyBeat
    window: Floats
    verdict: Verdict
    state: bytes
    rr: tuple[float, ...]
    normals: Floats
    anomalies: list[float]


class Probe(Labelling):
    """Labels the beats of one device, and keeps what it knew when a certain beat came.

    Attributes:
        opened: what it found, None until the beat has come.
    """

    def __init__(self, n: int, fs: float, n_leads: int) -> None:
        """Look for the beat at sample ``n`` of a device with ``n_leads`` leads at ``fs`` Hz."""
        super().__init__()
        self.opened: BeatContext | None = None
        self._peak = n * FS / fs
        self._leads = n_leads
        self._normals: deque[Floats] = deque(maxlen=REMEMBERED)
        self._anomalies: list[float] = []

    def label(self, beats: Sequence[ReadyBeat], windows: npt.NDArray[np.float32]) -> list[Verdict]:
        """Label beats, the one in question in a call alone: what was known before it is kept."""
        place = next((i for i, beat in enumerate(beats) if self._is_wanted(beat)), None)
        if place is None:
            return self._all(beats, windows)
        after = place + 1
        return [
            *self._all(beats[:place], windows[:place]),
            self._wanted(beats[place], windows[place:after]),
            *self._all(beats[after:], windows[after:]),
        ]

    def probabilities(self, beats: Sequence[ReadyBeat], windows: Floats) -> Floats:
        """What would be said of other beats in the place of the one that was opened.

        Args:
            beats: with their neighbours, in any order; their slots do not matter.
            windows: their signal, shape (n, WINDOW_LEADS, WINDOW).

        Returns:
            probabilities in the order of `models.beats.dataset.CLASSES`, shape (n, 5).
        """
        if self.opened is None:
            raise ValueError("nothing has been opened yet")
        slots = [self.add(self._leads) for _ in beats]
        try:
            for slot in slots:
                self.load(slot, self.opened.state)
            table = np.array([(b.peak, b.before, b.after, b.usable) for b in beats], np.int64)
            peaks, before, after = (np.ascontiguousarray(table[:, i]) for i in range(3))
            usable = (table[:, 3:] >> np.arange(WINDOW_LEADS)) & 1 == 1
            verdicts = self._labeller.label(
                np.array(slots), windows.astype(np.float32), usable, peaks, before, after
            )
        finally:
            for slot in slots:
                self.remove(slot)
        return verdicts.probabilities.astype(np.float64)

    def rebuild(self) -> Rebuilt | None:
        """Let the autoencoder rebuild the beat; None if its lead was of no use."""
        if self.opened is None or not self.opened.beat.usable & 1:
            return None
        states = calibration.from_bytes(NetworkState.of(self.opened.state).calibration)
        usual, spread = float(states["level"][0]), float(states["spread"][0])
        row = np.zeros(1, np.int64)
        window = self.opened.window[None, 0, SHAPE]
        seen = calibration.prepare(states, row, window, np.array([self.opened.rr]))
        scored = self._autoencoder.score(seen)
        rebuilt = scored.reconstruction[0].astype(np.float64)
        return Rebuilt(rebuilt, float(scored.errors[0]), usual, spread)

    def _is_wanted(self, beat: ReadyBeat) -> bool:
        return self.opened is None and abs(beat.peak - self._peak) <= TOLERANCE_S * FS

    def _wanted(self, beat: ReadyBeat, window: npt.NDArray[np.float32]) -> Verdict:
        state = self.save(beat.slot)
        normals = np.array(self._normals).reshape(-1, WINDOW_LEADS, window.shape[2])
        anomalies = list(self._anomalies)
        (verdict,) = self._all([beat], window)
        self.opened = BeatContext(
            beat,
            window[0].astype(np.float64),
            verdict,
            state,
            self._row(NetworkState.of(state).intervals, beat),
            normals,
            anomalies,
        )
        return verdict

    def _all(self, beats: Sequence[ReadyBeat], windows: npt.NDArray[np.float32]) -> list[Verdict]:
        if not beats:
            return []
        verdicts = super().label(beats, windows)
        for verdict, window in zip(verdicts, windows, strict=True):
            if verdict.label == "N":
                self._normals.append(window.astype(np.float64))
            if verdict.anomaly is not None:
                self._anomalies.append(verdict.anomaly)
        return verdicts

    @staticmethod
    def _row(intervals: Intervals, beat: ReadyBeat) -> tuple[float, ...]:
        last = None if beat.before < 0 else (beat.peak - beat.before) / FS
        following = None if beat.after < 0 else (beat.after - beat.peak) / FS
        return intervals.add(beat.peak / FS, last, following)
