"""Finds the data sets of twelve leads in a folder, in whatever form they lie there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from models.diagnosis.data import folders, ptbxl
from models.diagnosis.data.collection import Collection, join

LABELS = "ptbxl_labels.csv.gz"
"""Table beside the compact forms of PTB-XL."""
COMPACT = ("ptbxl_100hz_*.npz",)


def places(folder: Path) -> list[Path]:
    """Return a folder and the folders in it.

    Raises:
        RecordError: it is no folder.
    """
    if not folder.is_dir():
        raise RecordError(f"{folder}: there is no such folder; it should hold PTB-XL or CPSC2018")
    return [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]


def read_ptbxl(folder: Path) -> tuple[Collection, npt.NDArray[np.float32]] | None:
    """Read PTB-XL at 100 Hz: the official folder, or compact files; None if neither is there.

    Of a recording that is there with and without voltage, training has both; validation and test
    have the one with voltage alone.

    Returns:
        Windows, and whether each statement of `ptbxl.AUXILIARY` holds, shape (n, statements).
    """
    for place in places(folder):
        if (place / "ptbxl_database.csv").is_file():
            entries = ptbxl.read_database(place)
            return ptbxl.collect(ptbxl.official_signals(place, entries), entries)
    tables = [place / LABELS for place in places(folder) if (place / LABELS).is_file()]
    files = [file for place in places(folder) for name in COMPACT for file in place.glob(name)]
    if not tables or not files:
        return None
    entries = ptbxl.read_labels(tables[0])
    files.sort(key=lambda file: file.name)
    read = [ptbxl.collect(ptbxl.compact_signals(file), entries) for file in files]
    both = join([found for found, _ in read])
    statements = np.concatenate([held for _, held in read])
    volts = {name for name in both.record.tolist() if not name.endswith("z")}
    kept = np.array(
        [
            part == "train" or not (name.endswith("z") and name[:-1] in volts)
            for name, part in zip(both.record.tolist(), both.part.tolist(), strict=True)
        ]
    )
    return both.where(kept), statements[kept]


def challenge_folders(folder: Path) -> list[Path]:
    """Return which of a folder and the folders in it hold recordings with a `#Dx:` line."""
    found = []
    for place in places(folder):
        first = next(iter(sorted(place.glob("*.hea"))), None)
        if first is not None and "dx:" in first.read_text(errors="replace").lower():
            found.append(place)
    return found


def read_all(folder: Path) -> tuple[Collection, npt.NDArray[np.float32]]:
    """Read every data set of twelve leads that lies in a folder.

    Returns:
        Windows; statements of PTB-XL, NaN for other sets, shape (n, statements).

    Raises:
        RecordError: there is none.
    """
    sets: list[Collection] = []
    statements: list[npt.NDArray[np.float32]] = []
    found = read_ptbxl(folder)
    if found is not None:
        sets.append(found[0])
        statements.append(found[1])
    for place in challenge_folders(folder):
        windows = folders.collect(folders.read_headers(place), source=place.name)
        sets.append(windows)
        unknown = np.full((len(windows), len(ptbxl.AUXILIARY)), np.nan, np.float32)
        statements.append(unknown)
    if not sets:
        raise RecordError(
            f"{folder}: holds no twelve-lead set that is known: PTB-XL (ptbxl_database.csv, or "
            f"{COMPACT[0]} beside {LABELS}) or recordings whose .hea files have a #Dx: line"
        )
    return join(sets), np.concatenate(statements)


def digest(data: Collection) -> str:
    """Return the first 16 digits of a SHA-256 over records, parts and labels of a collection."""
    return hashlib.sha256(data.fingerprint().encode()).hexdigest()[:16]


def listing_digest(headers: Sequence[folders.Header]) -> str:
    """Return the first 16 digits of a SHA-256 over names and labels of recordings."""
    listing = "\n".join(f"{one.name} {' '.join(one.labels)}" for one in headers)
    return hashlib.sha256(listing.encode()).hexdigest()[:16]
