"""Labels beats as live does, and keeps what the autoencoder made of the most unusual ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.analyzer.labelling import Labelling, ReadyBeat, Verdict
from detector.engine.state import WINDOW_BEFORE
from models.autoencoder.inference import Autoencoder, BeatScores
from models.autoencoder.inputs import AFTER, BEFORE, Inputs

MOST_OF_A_CLASS = 4
"""Beats of one class that are kept: a dozen premature beats of one form tell no more than a few."""
_SHAPE = slice(WINDOW_BEFORE - BEFORE, WINDOW_BEFORE + AFTER)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class UnusualBeat:
    """A beat beside what the autoencoder expected of it.

    Attributes:
        peak: its R peak, samples at the engine's 250 Hz.
        label: AAMI class.
        score: anomaly, 0 .. 1.
        window: the first lead around it, mV at 250 Hz, shape (`BEFORE` + `AFTER`,).
        rebuilt: what the autoencoder made of it, likewise.
    """

    peak: int
    label: str
    score: float
    window: Floats
    rebuilt: Floats


class _Listening(Autoencoder):
    """Passes beats on to the autoencoder, and keeps what it rebuilt of the last call."""

    def __init__(self, inner: Autoencoder) -> None:
        self.fusion = inner.fusion
        self.version = inner.version
        self.rebuilt: list[Floats] = []
        self._inner = inner

    def score(self, inputs: Inputs) -> BeatScores:
        scored = self._inner.score(inputs)
        self.rebuilt += list(scored.reconstruction)
        return scored


class UnusualBeats(Labelling):
    """The labelling of live analysis, which remembers the beats of the highest anomaly scores."""

    def __init__(self) -> None:
        super().__init__()
        self._listening = _Listening(self._autoencoder)
        self._autoencoder = self._listening
        self._kept: dict[str, list[UnusualBeat]] = {}

    def label(self, beats: Sequence[ReadyBeat], windows: Floats) -> list[Verdict]:
        """Label the beats; see `Labelling.label`."""
        self._listening.rebuilt.clear()
        verdicts = super().label(beats, windows)
        rebuilt = iter(self._listening.rebuilt)
        for i, (beat, verdict) in enumerate(zip(beats, verdicts, strict=True)):
            if beat.usable & 1:
                self._take(beat, verdict, windows[i, 0, _SHAPE], next(rebuilt))
        return verdicts

    def highest(self) -> list[UnusualBeat]:
        """Return the most unusual beats of each class, the highest score first."""
        return sorted((one for some in self._kept.values() for one in some), key=_rank)

    def _take(self, beat: ReadyBeat, verdict: Verdict, window: Floats, rebuilt: Floats) -> None:
        kept = self._kept.setdefault(verdict.label, [])
        score = verdict.anomaly
        if score is None or (len(kept) == MOST_OF_A_CLASS and score <= kept[-1].score):
            return
        # Copies: the windows are the engine's own, and written over.
        kept.append(UnusualBeat(beat.peak, verdict.label, score, window.copy(), rebuilt.copy()))
        kept.sort(key=_rank)
        del kept[MOST_OF_A_CLASS:]


def _rank(beat: UnusualBeat) -> tuple[float, int]:
    return -beat.score, beat.peak
