"""Folders of WFDB recordings whose headers carry the diagnosis: CPSC2018, Challenge 2020 and 2021.

Each `.hea` has lines `#Age:`, `#Sex:` and `#Dx:`; the last holds words of CPSC2018 (`AF`, `I-AVB`)
or SNOMED CT codes. Where a folder has `reference.csv` (columns `Recording, First_label, ...`, the
numbers 1 .. 9 of CPSC2018), it decides instead. `write_index` writes `labels.csv`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecg_monitor.core.errors import RecordError
from models.diagnosis import inputs
from models.diagnosis.data.collection import PARTS, Collection, Part
from models.diagnosis.labels import LABELS, NINE, of_dx
from models.diagnosis.leads import FloatArray, arrange

NUMBERS = ("SNR", "AF", "IAVB", "LBBB", "RBBB", "PAC", "PVC", "STD", "STE")
"""Labels by the numbers 1 .. 9 of CPSC2018's `REFERENCE.csv`."""
SPLIT = {0: PARTS[2], 1: PARTS[1]}
"""Every fifth recording is for the test, every fifth for validation, the others train."""
MOST_WINDOWS = 3
"""Windows taken of one recording: CPSC2018 has recordings of 6 .. 60 s."""


@dataclass(frozen=True, slots=True)
class Header:
    """A recording of the folder.

    Attributes:
        name: of the recording, ``"A0001"``.
        path: without suffix.
        age: years; None if unknown.
        sex: ``"F"``, ``"M"`` or None.
        labels: those of `NINE` that hold.
        unmapped: codes that stand for none of them.
    """

    name: str
    path: Path
    age: float | None
    sex: str | None
    labels: tuple[str, ...]
    unmapped: tuple[str, ...] = ()


def read_headers(folder: Path) -> list[Header]:
    """Read the headers of a folder and of those within it, in the order of their names.

    Raises:
        RecordError: there is no recording, or none has a `#Dx:` line or a row of `reference.csv`.
    """
    if not folder.is_dir():
        raise RecordError(f"{folder}: is no folder; give one with .hea files")
    reference = _reference(folder)
    headers = []
    for path in sorted(folder.rglob("*.hea")):
        found = _header(path, reference)
        if found is not None:
            headers.append(found)
    if not headers:
        raise RecordError(
            f"{folder}: no .hea file with a #Dx: line and no reference.csv that names one"
        )
    return headers


def _header(path: Path, reference: dict[str, tuple[str, ...]]) -> Header | None:
    fields: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, mark, value = line.lstrip("# ").partition(":")
        if line.startswith("#") and mark:
            fields[name.strip().lower()] = value.strip()
    labels, unmapped = of_dx(fields.get("dx", ""))
    labels = reference.get(path.stem, labels)
    if path.stem not in reference and not fields.get("dx"):
        return None
    try:
        age = float(fields.get("age", ""))
    except ValueError:
        age = float("nan")
    sex = fields.get("sex", "")[:1].upper()
    return Header(
        path.stem,
        path.with_suffix(""),
        age if np.isfinite(age) else None,
        sex if sex in {"F", "M"} else None,
        labels,
        unmapped,
    )


def _reference(folder: Path) -> dict[str, tuple[str, ...]]:
    paths = [p for p in folder.iterdir() if p.name.lower() == "reference.csv"]
    if not paths:
        return {}
    with paths[0].open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    found = {}
    for number, row in enumerate(rows, start=1):
        if number == 1 and not any(cell.strip().isdigit() for cell in row[1:]):
            continue
        try:
            marks = [int(cell) for cell in row[1:] if cell.strip()]
            found[row[0].strip()] = tuple(NUMBERS[mark - 1] for mark in marks if mark > 0)
        except (ValueError, IndexError) as error:
            raise RecordError(
                f"{paths[0]}: row {number} is {','.join(row)!r}; "
                f"a name and numbers 1 .. {len(NUMBERS)} are needed"
            ) from error
    return found


def write_index(headers: list[Header], path: Path) -> None:
    """Write `labels.csv`: recording, age, sex, one column of 0 and 1 per label, codes left over."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        names = [label.name for label in NINE]
        out.writerow(["record", "age", "sex", *names, "unmapped"])
        for header in headers:
            marks = [int(name in header.labels) for name in names]
            age = "" if header.age is None else f"{header.age:g}"
            row = [header.name, age, header.sex or "", *marks, " ".join(header.unmapped)]
            out.writerow(row)


def millivolts(path: Path) -> tuple[FloatArray, float]:
    """Return twelve leads in mV, NaN where there is no value, shape (12, n), and their rate in Hz.

    Raises:
        RecordError: the recording cannot be read, or has none of the twelve leads.
    """
    from ecg_monitor.records import read_record  # noqa: PLC0415  # wfdb is slow to load

    recording = read_record(path)
    gain, zero = (np.array(v)[:, None] for v in (recording.gain, recording.baseline))
    values = np.where(recording.valid(), (recording.samples - zero) / gain, np.nan)
    leads = arrange(values, recording.leads)
    if not leads.present.any():
        raise RecordError(f"{path}: none of {', '.join(recording.leads)} is one of twelve leads")
    return leads.signal, recording.fs


def part_of(number: int) -> Part:
    """Return which part the recording with that number in the folder belongs to."""
    return SPLIT.get(number % 5, PARTS[0])


def collect(headers: list[Header], *, source: str = "cpsc2018") -> Collection:
    """Return windows of the recordings; the superclasses of PTB-XL are not known of any.

    Args:
        headers: as of `read_headers`.
        source: name of the data set, which goes before the names of its recordings.

    Raises:
        RecordError: a recording cannot be read.
    """
    names, ecg, mask, about, holds, parts = [], [], [], [], [], []
    for number, header in enumerate(headers):
        signal, fs = millivolts(header.path)
        cut = inputs.windows(signal, fs)
        marks = np.array([label.name in header.labels for label in LABELS], np.float32)
        told = inputs.about(header.age, header.sex, voltage=True)
        for i in range(min(len(cut.ecg), MOST_WINDOWS)):
            names.append(f"{source}/{header.name}")
            ecg.append(cut.ecg[i])
            mask.append(cut.mask[i])
            about.append(told)
            holds.append(marks)
            parts.append(part_of(number))
    labels = np.stack(holds)
    known = np.zeros_like(labels)
    known[:, len(LABELS) - len(NINE) :] = 1
    return Collection(
        np.array(names),
        np.stack(ecg),
        np.stack(mask),
        np.stack(about),
        labels,
        known,
        np.array(parts),
    )
