"""Signals to train on, at the engine's rate: what is in them, and where it is known."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import wfdb
from scipy import signal

from detector.engine.resample import FS
from models import scoring as ec57
from models.scoring.databases import label_map

Signals = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A stretch of ECG.

    Attributes:
        group: record or patient; all of a group are in one fold.
        signals: mV at `FS`, shape (n_leads, n).
        beats: R peaks.
        ignored: stretches whose beats are not known.
    """

    group: str
    signals: Signals
    beats: Indices
    ignored: tuple[tuple[int, int], ...] = ()


def resample(signals: npt.NDArray[np.float64], fs: float) -> Signals:
    """Bring signals of any rate to the engine's."""
    ratio = Fraction(FS / fs).limit_denominator(200)
    resampled: Signals = signal.resample_poly(
        signals, ratio.numerator, ratio.denominator, axis=-1
    ).astype(np.float32)
    return resampled


def arrhythmia(folder: Path, name: str) -> Source:
    """Read a record of MIT-BIH; ventricular flutter and unreadable stretches are ignored."""
    record = wfdb.rdrecord(str(folder / name))
    beats = ec57.read_beats(folder / name, "atr", label_map("de_chazal"))
    scale = FS / record.fs
    margin = int(0.3 * FS)
    ignored = tuple(
        (int(first * scale) - margin, int(last * scale) + margin)
        for first, last in (*beats.flutter, *beats.shutdown)
    )
    at = np.round(beats.samples * scale).astype(np.int64)
    return Source(name, resample(record.p_signal.T, record.fs), at, ignored)


def delineated(folder: Path) -> list[Source]:
    """Read LUDB, each lead on its own; what lies outside its first and last mark is ignored."""
    sources = []
    for header in sorted(folder.glob("data/*.hea")):
        record = wfdb.rdrecord(str(header.with_suffix("")))
        signals = resample(record.p_signal.T, record.fs)
        for i, lead in enumerate(record.sig_name):
            marks = wfdb.rdann(str(header.with_suffix("")), lead)
            is_qrs = np.array(marks.symbol) == "N"
            at = np.round(marks.sample[is_qrs] * FS / record.fs).astype(np.int64)
            if len(at) > 2:
                margin = int(0.12 * FS)
                outside = ((0, int(at[0]) - margin), (int(at[-1]) + margin, signals.shape[1]))
                group = f"ludb-{header.stem}"
                sources.append(Source(group, signals[i : i + 1], at, outside))
    return sources


def without_beats(folder: Path) -> list[Source]:
    """Read VFDB, each lead on its own; all but fibrillation and asystole is ignored."""
    sources = []
    for header in sorted(folder.glob("*.hea")):
        record = wfdb.rdrecord(str(header.with_suffix("")))
        marks = wfdb.rdann(str(header.with_suffix("")), "atr")
        rhythms = [note.strip("\0") for note in marks.aux_note]
        known = np.zeros(record.sig_len, np.bool_)
        ends = [*marks.sample[1:], record.sig_len]
        for start, end, rhythm in zip(marks.sample, ends, rhythms, strict=True):
            # The marks are rough: 2 s after a change and 1 s before the next are left out.
            if rhythm in ("(VF", "(VFIB", "(ASYS"):
                known[start + int(2 * FS) : max(0, end - int(FS))] = True
        edges = np.flatnonzero(np.diff(np.concatenate([[False], ~known, [False]])))
        ignored = tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2))
        signals = resample(np.nan_to_num(record.p_signal.T), record.fs)
        if known.any():
            none = np.zeros(0, np.int64)
            for i in range(len(signals)):
                group = f"vfdb-{header.stem}"
                sources.append(Source(group, signals[i : i + 1], none, ignored))
    return sources


def noises(folder: Path) -> dict[str, Signals]:
    """Read NSTDB's noises: electrode motion, muscle, baseline wander."""
    found = {}
    for kind in ("em", "ma", "bw"):
        record = wfdb.rdrecord(str(folder / kind))
        found[kind] = resample(record.p_signal.T, record.fs)
    return found
