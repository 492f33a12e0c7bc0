"""From the leads that a clinical file holds to a `Recording`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.recording import Recording, lead_names, stretches, to_int16


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead as a file holds it.

    Attributes:
        name: as the file has it.
        values: ADC values, shape (n,).
        gain: units per mV.
        baseline: value at 0 mV.
        missing: value that stands for none; None: each is one.
    """

    name: str
    values: npt.NDArray[Any]
    gain: float
    baseline: float = 0.0
    missing: int | None = None


def recording_of(path: Path, fs: float, leads: Sequence[Lead], notes: Sequence[str]) -> Recording:
    """Return the leads as a recording, cut to the length of the shortest.

    Raises:
        RecordError: there is no lead, no sample or no sampling rate.
    """
    if not (math.isfinite(fs) and fs > 0):
        raise RecordError(f"{path}: the sampling rate must be greater than 0, got {fs}")
    if not leads:
        raise RecordError(f"{path}: holds no ECG{': ' * bool(notes)}{'; '.join(notes)}")
    length = min(lead.values.size for lead in leads)
    if not length:
        raise RecordError(f"{path}: the signals are empty")
    told = list(notes)
    if any(lead.values.size != length for lead in leads):
        told.append(f"leads of different length: the first {length / fs:.3g} s are read")
    rows, gains, baselines, valid = [], [], [], []
    for lead in leads:
        gain, zero, values = lead.gain, lead.baseline, lead.values[:length]
        good = np.ones(length, np.bool_) if lead.missing is None else values != lead.missing
        if gain < 0:
            values, gain, zero = -values.astype(np.int64), -gain, 0.0 - zero
        row, gain, zero = to_int16(values, good, gain, zero)
        rows.append(row)
        valid.append(good)
        gains.append(gain)
        baselines.append(zero)
    return Recording(
        name=path.stem,
        fs=fs,
        leads=lead_names(lead.name for lead in leads),
        gain=tuple(gains),
        baseline=tuple(baselines),
        samples=np.stack(rows),
        invalid=stretches(np.stack(valid)),
        notes=tuple(told),
    )


def read_bytes(path: Path) -> bytes:
    """Return what a file holds.

    Raises:
        RecordError: the file is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise RecordError(f"{path}: no such recording") from None
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
