"""Reads ECG5000, the benchmark of the UCR archive: one heartbeat per line.

Source: Chen Y, Hao Y, Rakthanmanon T, et al. A general framework for never-ending learning from
time series streams. Data Min Knowl Disc 29(6), 2015, doi:10.1007/s10618-014-0388-4. The beats are
those of record chf07 of the BIDMC Congestive Heart Failure Database, interpolated to 140 samples
and z-normalised by the archive.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError

POINTS = 140
NORMAL = 1
"""Class of the normal beats; 2 to 5 are abnormal."""


@dataclass(frozen=True, slots=True, eq=False)
class SplitHalf:
    """One half of the standard split.

    Attributes:
        beats: float32, shape (n, 140).
        abnormal: shape (n,).
    """

    beats: npt.NDArray[np.float32]
    abnormal: npt.NDArray[np.bool_]


def read(folder: Path, part: str) -> SplitHalf:
    """Read ``TRAIN`` (500 beats) or ``TEST`` (4500).

    Raises:
        RecordError: the file is missing or is not ECG5000's.
    """
    path = folder / f"ECG5000_{part}.txt"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # numpy's, about an empty file
            table = np.loadtxt(path, ndmin=2)
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror or 'cannot be read'}") from error
    except ValueError as error:
        raise RecordError(f"{path}: is not a table of numbers: {error}") from error
    if not len(table) or table.shape[1] != POINTS + 1:
        raise RecordError(f"{path}: has {table.shape[1]} columns, ECG5000 has {POINTS + 1}")
    classes = table[:, 0]
    if not np.isin(classes, (1, 2, 3, 4, 5)).all():
        raise RecordError(f"{path}: the first column must hold classes 1 .. 5")
    return SplitHalf(table[:, 1:].astype(np.float32), classes != NORMAL)
