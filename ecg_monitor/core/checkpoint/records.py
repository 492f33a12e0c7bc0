"""State that lies in arrays of records: its bytes under a hash of their layout. Pure."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import CheckpointError

DIGITS = 8
"""Bytes of the hash."""


class RecordState:
    """The layout of some records of one or two dtypes, and how their bytes are kept."""

    def __init__(self, name: str, *dtypes: np.dtype[Any], meaning: object = None) -> None:
        """Describe the records.

        Args:
            name: what they are, for errors.
            dtypes: of the records.
            meaning: what else must be the same for old bytes to be of use (a rate, say).
        """
        self._name = name
        self._dtypes = dtypes
        layout = repr((tuple(dtype.descr for dtype in dtypes), meaning))
        self.version = hashlib.sha256(layout.encode()).digest()[:DIGITS]

    def pack(self, *records: npt.NDArray[Any] | np.void) -> bytes:
        """Return the bytes of records, or of arrays of them, one for each dtype."""
        return b"".join((self.version, *(np.ascontiguousarray(one).data for one in records)))

    def unpack(self, saved: Any, *counts: int) -> list[npt.NDArray[Any]]:
        """Return arrays of so many records of each dtype, not to be written to.

        Raises:
            CheckpointError: the bytes come from another version, or are cut.
        """
        sizes = [n * dtype.itemsize for n, dtype in zip(counts, self._dtypes, strict=True)]
        fits = isinstance(saved, bytes) and len(saved) == DIGITS + sum(sizes)
        if not fits or saved[:DIGITS] != self.version:
            raise CheckpointError(f"{self._name}: of another version, or cut short")
        found, offset = [], DIGITS
        for dtype, count, size in zip(self._dtypes, counts, sizes, strict=True):
            found.append(np.frombuffer(saved, dtype, count, offset))
            offset += size
        return found


def grown(records: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a copy of an array of records with twice the room; what is new is zero.

    Records that nobody has used yet take no memory: the system maps zeros at their first use.
    """
    made = np.zeros(2 * len(records), records.dtype)
    made[: len(records)] = records
    return made
