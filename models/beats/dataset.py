"""Training data of the beat classifier, and how recordings are put into folds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.types import BeatLabel

CLASSES: tuple[BeatLabel, ...] = ("N", "S", "V", "F", "Q")
"""The classes in the order of all probabilities."""
NOT_A_BEAT = -1
"""Label of a detection where there is no beat: such beats are not trained on."""
PATIENTS = {"202": "201"}
"""Record -> record of the same patient, in the MIT-BIH Arrhythmia Database."""
REFERENCE = 0
"""The copy of a recording that is judged by: first lead, reference R peaks."""
SPLICED = 100
"""Copies from here on are made rhythms (`regimes.NAMES` in order)."""
OTHERS = 200
"""Copies from here on are recordings of other databases, known only to have hardly any ectopic
beat: they are examples of what is not S, and of nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class BeatSet:
    """Features of beats with their labels.

    Attributes:
        features: float32, shape (n, N_FEATURES).
        labels: index into `CLASSES`, or `NOT_A_BEAT`; int8, shape (n,).
        records: name of the record, shape (n,).
        variants: which copy of the record, int16, shape (n,); see `SPLICED` and `OTHERS`.
    """

    features: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int8]
    records: npt.NDArray[np.str_]
    variants: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> BeatSet:
        return BeatSet(*(getattr(self, field.name)[which] for field in fields(self)))

    @property
    def real(self) -> npt.NDArray[np.bool_]:
        """Mask of beats that stand in a record as it was recorded, or in a distorted copy of it."""
        return self.variants < SPLICED

    @property
    def spliced(self) -> npt.NDArray[np.bool_]:
        """Mask of beats that stand in a made rhythm."""
        return (self.variants >= SPLICED) & (self.variants < OTHERS)

    @property
    def others(self) -> npt.NDArray[np.bool_]:
        """Mask of beats that come from other databases."""
        return self.variants >= OTHERS

    @classmethod
    def join(cls, parts: Iterable[BeatSet]) -> BeatSet:
        """Put sets one after the other; at least one."""
        listed = list(parts)
        return cls(
            *(np.concatenate([getattr(p, field.name) for p in listed]) for field in fields(cls))
        )


def folds(
    beats: BeatSet, count: int
) -> Iterator[tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    """Split by patient, so that no patient is on both sides.

    Patients are dealt out in order of their number of S beats, then V beats, so that each fold
    holds some of both. Recordings of other databases are never held out.

    Args:
        beats: what to split.
        count: number of folds, at least 2.

    Yields:
        Masks of the beats to train on, and of those held out.
    """
    patients: dict[str, list[str]] = {}
    for record in np.unique(beats.records[~beats.others]):
        patients.setdefault(PATIENTS.get(str(record), str(record)), []).append(str(record))

    def wealth(patient: str) -> tuple[int, int, str]:
        labels = beats.labels[np.isin(beats.records, patients[patient]) & beats.real]
        return -int((labels == 1).sum()), -int((labels == 2).sum()), patient

    ordered = sorted(patients, key=wealth)
    for number in range(count):
        # There and back, so that the first fold does not get the richest of every round.
        held = {
            record
            for place, patient in enumerate(ordered)
            if min(place % (2 * count), 2 * count - 1 - place % (2 * count)) == number
            for record in patients[patient]
        }
        if not held:
            continue
        inside = np.isin(beats.records, sorted(held))
        yield ~inside, inside
