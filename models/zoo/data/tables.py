"""Beats of 187 samples from the tables that Kachuee 2018 distributes: 187 values, then the class.

``mitbih_train.csv`` with ``mitbih_test.csv`` (0 to 4: N S V F Q) or ``ptbdb_normal.csv`` with
``ptbdb_abnormal.csv`` (0 and 1). They do not say which patient a beat is of, so they can be split
at random alone, and their figures are as optimistic as that makes them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ecg_monitor.core.errors import RecordError, SettingsError
from models.zoo.data.examples import DataOptions, Examples, ExamplesError, SplitData
from models.zoo.data.files import digest

SAMPLES = 187
ARRHYTHMIA = ("mitbih_train.csv", "mitbih_test.csv")
INFARCTION = ("ptbdb_normal.csv", "ptbdb_abnormal.csv")
FILES = ARRHYTHMIA + INFARCTION
TEST_PART = 0.2
"""Part of the beats of the PTB tables, which come undivided, that is reported on."""
VALIDATION_PART = 0.1
"""Part of the training side that decides when to stop."""


def load(folder: Path, options: DataOptions) -> SplitData:
    """Read the tables of a folder.

    Raises:
        RecordError: a table is missing or cannot be read.
        ExamplesError: a table has other columns, no numbers or unknown classes.
        SettingsError: a split by patients is asked for.
    """
    if options.split not in ("", "mixed"):
        raise SettingsError(
            f"--split: {options.split} cannot be made of these tables, which do not name patients; "
            "take mixed, or the WFDB records of MIT-BIH"
        )
    random = np.random.default_rng(options.seed)
    names: tuple[str, ...]
    labels: tuple[str, ...]
    if (folder / ARRHYTHMIA[0]).is_file():
        names, labels = ARRHYTHMIA, ("N", "S", "V", "F", "Q")
        train, test = (read(folder / name, len(labels)) for name in names)
        order = random.permutation(len(train))
    else:
        names, labels = INFARCTION, ("normal", "abnormal")
        whole = _join(*(read(folder / name, len(labels)) for name in names))
        order = random.permutation(len(whole))
        tested, order = np.split(order, [round(TEST_PART * len(order))])
        train, test = whole, whole[np.sort(tested)]
    chosen, rest = np.split(order, [round(VALIDATION_PART * len(order))])
    files = [folder / name for name in names]
    validation, train = train[np.sort(chosen)], train[np.sort(rest)]
    return SplitData("mixed", labels, train, validation, test, digest(files))


def read(path: Path, classes: int) -> Examples:
    """Read one table.

    Args:
        path: the file.
        classes: how many there are; the last column must hold 0 to one less.

    Raises:
        RecordError: it is missing, or not a table of numbers.
        ExamplesError: it has other columns, a value that is no number, or an unknown class.
    """
    try:
        table = np.loadtxt(path, delimiter=",", ndmin=2, dtype=np.float32)
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror or 'is missing or cannot be read'}") from error
    except ValueError as error:
        raise RecordError(f"{path}: is not a table of numbers: {error}") from error
    if not len(table) or table.shape[1] != SAMPLES + 1:
        raise ExamplesError(
            "{path}: has {found} columns, a beat has {samples} values and a class",
            path=path,
            found=table.shape[1],
            samples=SAMPLES,
        )
    bad = np.flatnonzero(~np.isfinite(table).all(axis=1))
    if len(bad):
        raise ExamplesError(
            "{path}: {count} rows hold values that are no numbers, the first is row {row}; drop "
            "them or fill the gaps",
            path=path,
            count=len(bad),
            row=int(bad[0]) + 1,
        )
    targets = table[:, -1].astype(np.int64)
    if not np.isin(table[:, -1], np.arange(classes)).all():
        raise ExamplesError(
            "{path}: the last column must hold classes 0 to {last}", path=path, last=classes - 1
        )
    return Examples(table[:, None, :-1], targets, np.full(len(table), path.stem))


def _join(*parts: Examples) -> Examples:
    return Examples(
        np.concatenate([part.inputs for part in parts]),
        np.concatenate([part.targets for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )
