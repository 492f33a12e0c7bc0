"""Made-up twelve-lead recordings: arrays in mV, Recordings, and WFDB files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ecg_monitor.records import Recording
from ecg_monitor.records.recording import stretches
from models.diagnosis.leads import FROM_I_AND_II, STANDARD

INDEPENDENT_AT = (0, 1, 6, 7, 8, 9, 10, 11)
"""Where I, II and V1 to V6 stand among the twelve."""
HEIGHTS = (0.8, 0.5, -0.8, 0.9, 1.2, 1.5, 1.2, 0.9)
"""Of the R waves in I, II, V1 .. V6, mV; that in V1 points down."""


def millivolts(seconds: float = 10.0, fs: float = 500.0, *, bpm: float = 72.0) -> np.ndarray:
    """Return beats with P, QRS and T in twelve leads that obey Einthoven, shape (12, n)."""
    time = np.arange(round(seconds * fs)) / fs
    beat = (time + 0.4) % (60 / bpm)

    def wave(at: float, width: float) -> np.ndarray:
        return np.exp(-0.5 * ((beat - at) / width) ** 2)

    p, qrs, t = wave(0.2, 0.02), wave(0.38, 0.012), wave(0.62, 0.04)
    eight = np.stack([0.1 * p + height * qrs + 0.25 * abs(height) * t for height in HEIGHTS])
    return np.concatenate([FROM_I_AND_II @ eight[:2], eight[2:]])


def recording(
    signal: np.ndarray,
    fs: float = 500.0,
    leads: Sequence[str] = STANDARD,
    *,
    comments: tuple[str, ...] = (),
    gain: float = 1000.0,
) -> Recording:
    """Return an array in mV as a recording; NaN is a sample without a value."""
    valid = np.isfinite(signal)
    samples = np.where(valid, np.rint(np.nan_to_num(signal) * gain), -32768).astype(np.int16)
    count = len(leads)
    return Recording(
        name="made-up",
        fs=fs,
        leads=tuple(leads),
        gain=(gain,) * count,
        baseline=(0.0,) * count,
        samples=samples,
        invalid=stretches(valid),
        comments=comments,
    )


def write_wfdb(
    folder: Path,
    name: str,
    signal: np.ndarray,
    fs: int = 500,
    leads: Sequence[str] = STANDARD,
    *,
    comments: Sequence[str] = (),
) -> None:
    """Write a recording as the Challenges do: a MATLAB file of int16, and a header."""
    counts = np.rint(signal * 1000).astype("<i2")
    n = counts.shape[1]
    head = np.array([30, len(leads), n, 0, 4], "<i4").tobytes() + b"val\0"
    (folder / f"{name}.mat").write_bytes(head + counts.T.tobytes())
    lines = [f"{name} {len(leads)} {fs} {n}"]
    for lead, row in zip(leads, counts, strict=True):
        check = int(row.astype(np.int64).sum()) & 0xFFFF
        check -= 0x10000 if check > 0x7FFF else 0
        lines.append(f"{name}.mat 16+24 1000/mV 16 0 {row[0]} {check} 0 {lead}")
    lines += [f"#{comment}" for comment in comments]
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n", encoding="utf-8")
