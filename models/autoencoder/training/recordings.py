"""Beats of annotated recordings as the live stream would hand them over, for training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import signal

from ecg_monitor.core.types import BeatLabel
from ecg_monitor.records import read_record
from ecg_monitor.records.recording import Recording
from models.autoencoder import calibration
from models.autoencoder import inputs as seen
from models.autoencoder.inputs import FloatArray, Inputs
from models.scoring.databases import DE_CHAZAL

BASELINE_HZ = 0.5
"""The engine's baseline filter: second order, causal."""


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """Beats of one recording in order of time.

    Attributes:
        windows: mV, shape (n, WINDOW).
        rr: s, shape (n, 4), see `seen.RR_FIELDS`.
        labels: AAMI classes, shape (n,); for reports, never for training.
    """

    windows: FloatArray
    rr: npt.NDArray[np.float64]
    labels: npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedBeats:
    """Beats of several recordings, each calibrated from its own first beat on.

    Attributes:
        inputs: what the network sees.
        record: number of the recording, shape (n,).
        names: the recordings' names.
        labels: AAMI classes, shape (n,).
    """

    inputs: Inputs
    record: npt.NDArray[np.intp]
    names: tuple[str, ...]
    labels: npt.NDArray[np.str_]

    def take(self, rows: npt.NDArray[np.integer]) -> Inputs:
        """Return the inputs of some beats."""
        whole = self.inputs
        return Inputs(
            whole.beats[rows], whole.templates[rows], whole.rhythm[rows], whole.scale[rows]
        )


def beats_of(
    recording: Recording, lead: int = 0, labels: Mapping[str, BeatLabel] = DE_CHAZAL
) -> Beats:
    """Cut the reference beats of a recording.

    Args:
        recording: with reference beats.
        lead: row to look at.
        labels: WFDB symbol -> AAMI class; other symbols are not beats.
    """
    millivolts = (recording.samples[lead] - recording.baseline[lead]) / recording.gain[lead]
    ratio = Fraction(seen.FS / recording.fs).limit_denominator(1000)
    resampled = signal.resample_poly(millivolts - millivolts[0], ratio.numerator, ratio.denominator)
    high = signal.butter(2, BASELINE_HZ, "highpass", fs=seen.FS, output="sos")
    padded = np.pad(signal.sosfilt(high, resampled), (seen.BEFORE, seen.AFTER))
    marks = [mark for mark in recording.beats if mark.symbol in labels]
    times = np.array([mark.sample for mark in marks]) / recording.fs
    at = np.rint(times * seen.FS).astype(np.intp)
    windows = padded[at[:, None] + np.arange(seen.WINDOW)].astype(np.float32)
    classes = np.array([labels[mark.symbol] for mark in marks])
    return Beats(windows, rr_context(times), classes)


def rr_context(times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the RR context of beats at ``times`` (s, rising), shape (n, 4): `seen.RR_FIELDS`."""
    last = np.diff(times, prepend=np.nan)
    following = np.append(last[1:], np.nan)
    following[following > seen.NEXT_LIMIT_S] = np.nan
    total = np.concatenate(([0.0, 0.0], np.cumsum(last[1:])))
    upto = np.arange(len(times)) + 1

    def mean_from(start: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        start = np.maximum(start, 1)
        count = np.maximum(upto - start, 1)
        means: npt.NDArray[np.float64] = (total[upto] - total[np.minimum(start, upto)]) / count
        return np.where(upto > start, means, np.nan)

    return np.stack(
        (last, following, mean_from(upto - 10), mean_from(np.searchsorted(times, times - 300.0))),
        axis=1,
    )


def load(
    folder: Path, names: Iterable[str], progress: Callable[[str], None] = lambda _: None
) -> CalibratedBeats:
    """Read recordings and let a fresh calibration run over each.

    Args:
        folder: folder of the records.
        names: names of the records.
        progress: called with the name of each that is read.

    Raises:
        RecordError: a recording cannot be read.
    """
    names = tuple(names)
    parts: list[Inputs] = []
    labels: list[npt.NDArray[np.str_]] = []
    for name in names:
        progress(f"reading {name}")
        beats = beats_of(read_record(folder / name))
        state = calibration.fresh(1)
        # One beat per round of one device: the order is what counts, not the batching.
        rows = np.zeros(len(beats.rr), dtype=np.intp)
        parts.append(calibration.prepare(state, rows, beats.windows, beats.rr))
        labels.append(beats.labels)
    joined = Inputs(
        *(
            np.concatenate([getattr(part, field) for part in parts])
            for field in ("beats", "templates", "rhythm", "scale")
        )
    )
    record = np.repeat(np.arange(len(names)), [len(part) for part in labels])
    return CalibratedBeats(joined, record, names, np.concatenate(labels))
