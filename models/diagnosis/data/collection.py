"""Labelled windows in memory, as training and scoring take them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from models.diagnosis.labels import NAMES

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """Windows of many recordings, one row each.

    Attributes:
        record: name of the recording, with the data set, shape (n,).
        ecg: as of `models.diagnosis.inputs.Windows`, float32, shape (n, 12, SAMPLES).
        mask: float32, shape (n, 12).
        about: as of `models.diagnosis.inputs.about`, float32, shape (n, 5).
        labels: 1 where a label holds, float32, shape (n, len(names)).
        known: 1 where the data set says whether it holds, float32, as `labels`.
        part: name of the part of the split, shape (n,).
        names: of the columns of `labels`.
    """

    record: npt.NDArray[np.str_]
    ecg: npt.NDArray[np.float32]
    mask: npt.NDArray[np.float32]
    about: npt.NDArray[np.float32]
    labels: npt.NDArray[np.float32]
    known: npt.NDArray[np.float32]
    part: npt.NDArray[np.str_]
    names: tuple[str, ...] = NAMES

    def __len__(self) -> int:
        return len(self.record)

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Collection:
        """Return the chosen rows."""
        return Collection(
            self.record[chosen],
            self.ecg[chosen],
            self.mask[chosen],
            self.about[chosen],
            self.labels[chosen],
            self.known[chosen],
            self.part[chosen],
            self.names,
        )

    def of(self, part: Part) -> Collection:
        """Return the rows of one part of the split."""
        return self.where(self.part == part)

    def fingerprint(self) -> str:
        """Return the SHA-256 of what is in here, names, parts and labels, in hex."""
        digest = hashlib.sha256()
        for row in sorted(zip(self.record, self.part, self.labels.tolist(), strict=True)):
            digest.update(repr(row).encode())
        return digest.hexdigest()


def join(sets: Sequence[Collection]) -> Collection:
    """Return the rows of several collections with the same labels, one after the other.

    Raises:
        RecordError: there is none, or their labels differ.
    """
    if not sets:
        raise RecordError("no data set was given; name a folder with PTB-XL or CPSC2018")
    if len({one.names for one in sets}) > 1:
        raise RecordError("data sets with different labels cannot be joined")
    columns = ("record", "ecg", "mask", "about", "labels", "known", "part")
    joined: dict[str, Any] = {
        column: np.concatenate([getattr(one, column) for one in sets]) for column in columns
    }
    return Collection(names=sets[0].names, **joined)
