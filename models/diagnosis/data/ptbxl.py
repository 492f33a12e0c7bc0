"""PTB-XL: its official folders, and two compact forms of parts of it.

The official form is a folder with `ptbxl_database.csv`, `scp_statements.csv` and `records100/` or
`records500/` (Wagner et al., Scientific Data 7:154, 2020, doi:10.13026/kfzx-aw45). The compact
forms are npz files beside `ptbxl_labels.csv.gz`: differences of the eight independent leads with
true voltage (arrays `lo` and `hi`), and twelve leads each scaled to its own standard deviation
(array `x`), where only shapes are left and, for the limb leads, their relation.

Folds are the official ones: 1 .. 8 train, 9 validation, 10 test; patients do not cross them.
"""

from __future__ import annotations

import ast
import csv
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from models.diagnosis import inputs
from models.diagnosis.data.collection import Collection, Part
from models.diagnosis.labels import LABELS, SUPERCLASSES
from models.diagnosis.leads import FROM_I_AND_II, INDEPENDENT, FloatArray, arrange, limb_scales

STEPS_PER_MV = 1000.0
SCALED_UNIT = 1 / 500
"""The compact form without voltage counts in 1/500 standard deviation."""
RHYTHMS = {"SR", "NORM"}
"""Statements that a normal sinus rhythm with nothing else may have."""
AUXILIARY = (
    "NORM", "SR", "AFIB", "AFLT", "STACH", "SBRAD", "SARRH", "PACE", "PVC", "PAC", "1AVB",
    "CLBBB", "CRBBB", "IRBBB", "LAFB", "LPFB", "IVCD", "LVH", "LAO/LAE", "RVH", "VCLVH",
    "IMI", "ASMI", "AMI", "ILMI", "ALMI", "QWAVE", "NDT", "NST_", "NT_", "INVT", "STD_", "STE_",
    "ISC_", "ISCAL", "ISCIN", "DIG", "LOWT", "LVOLT", "HVOLT", "ABQRS", "LNGQT", "ANEUR",
)  # fmt: skip
"""Statements that are learnt beside the labels, since what tells them apart helps those."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What PTB-XL says of one recording.

    Attributes:
        age: years; None if unknown. PTB-XL gives 300 for all over 89.
        sex: ``"F"`` or ``"M"``.
        fold: 1 .. 10.
        superclasses: those of `SUPERCLASSES` that hold.
        statements: SCP statements.
    """

    age: float | None
    sex: str | None
    fold: int
    superclasses: frozenset[str]
    statements: frozenset[str]

    @property
    def part(self) -> Part:
        """Part of the official split."""
        return "test" if self.fold == 10 else "validation" if self.fold == 9 else "train"


def read_labels(path: Path) -> dict[int, Entry]:
    """Read the compact table: ecg_id, age, sex, strat_fold, five superclasses, scp_codes.

    Raises:
        RecordError: the file is not there, or is another table.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return {int(row["ecg_id"]): _compact_entry(row) for row in csv.DictReader(file)}
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror or error}") from error
    except (KeyError, ValueError) as error:
        raise RecordError(f"{path}: is no table of PTB-XL's labels ({error!r})") from error


def _compact_entry(row: Mapping[str, str]) -> Entry:
    return Entry(
        _age(row["age"]),
        _sex(row["sex"]),
        int(row["strat_fold"]),
        frozenset(one.name for one in SUPERCLASSES if row[one.name] == "1"),
        frozenset(row["scp_codes"].split()),
    )


def read_database(folder: Path) -> dict[int, Entry]:
    """Read the official tables, `ptbxl_database.csv` and `scp_statements.csv`.

    Raises:
        RecordError: a table is not there, or lacks a column.
    """
    try:
        with (folder / "scp_statements.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        at = rows[0].index("diagnostic_class")
        classes = {row[0]: row[at] for row in rows[1:] if row[at]}
        with (folder / "ptbxl_database.csv").open(encoding="utf-8", newline="") as file:
            return {int(row["ecg_id"]): _entry(row, classes) for row in csv.DictReader(file)}
    except OSError as error:
        raise RecordError(f"{folder}: {error.filename}: {error.strerror}") from error
    except (KeyError, ValueError, SyntaxError, IndexError) as error:
        raise RecordError(f"{folder}: is not PTB-XL as published ({error!r})") from error


def _entry(row: Mapping[str, str], classes: Mapping[str, str]) -> Entry:
    statements = frozenset(map(str, ast.literal_eval(row["scp_codes"])))
    return Entry(
        _age(row["age"]),
        _sex(row["sex"]),
        int(float(row["strat_fold"])),
        frozenset(classes[code] for code in statements if code in classes),
        statements,
    )


def _age(text: str) -> float | None:
    years = float(text) if text else None
    return 90.0 if years is not None and years > 120 else years


def _sex(text: str) -> str | None:
    return {"0": "M", "0.0": "M", "1": "F", "1.0": "F"}.get(text)


def targets(entry: Entry) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return which labels hold, and which of them PTB-XL decides, each of shape (len(LABELS),).

    The superclasses are all decided. Of the nine of CPSC2018, PTB-XL states rhythm, conduction and
    ectopy for every recording. ST depression and elevation are stated for few of the recordings
    that have them: they are decided where stated, and where the ECG is called normal. A normal
    sinus rhythm holds where nothing else is stated, and not where a superclass other than NORM is.
    """
    holds = np.zeros(len(LABELS), np.float32)
    known = np.ones(len(LABELS), np.float32)
    for i, label in enumerate(LABELS):
        if label in SUPERCLASSES:
            holds[i] = label.name in entry.superclasses
        elif label.name == "SNR":
            holds[i] = entry.statements <= RHYTHMS and entry.statements >= {"NORM"}
            known[i] = holds[i] or "NORM" not in entry.statements
        else:
            holds[i] = bool(entry.statements & set(label.scp))
            if label.name in {"STD", "STE"}:
                known[i] = holds[i] or entry.superclasses == {"NORM"}
    return holds, known


def auxiliary(entry: Entry) -> npt.NDArray[np.float32]:
    """Return which statements of `AUXILIARY` hold, shape (len(AUXILIARY),)."""
    return np.array([code in entry.statements for code in AUXILIARY], np.float32)


def decode(low: npt.NDArray[np.uint8], high: npt.NDArray[np.uint8]) -> FloatArray:
    """Return the eight independent leads in mV from their differences, float64, shape (8, n)."""
    steps = (low.astype("<u2") | (high.astype("<u2") << 8)).view("<i2")
    return np.cumsum(steps, axis=-1, dtype=np.int16) / STEPS_PER_MV


def with_relation(shapes: FloatArray) -> FloatArray:
    """Return twelve scaled leads with the limb leads' relation to one another restored.

    Args:
        shapes: each lead about 0, in its own standard deviations, shape (12, n).
    """
    factors = limb_scales(shapes[:3])
    if factors is None:
        return shapes
    restored = shapes.copy()
    restored[:6] = FROM_I_AND_II @ (shapes[:2] * factors[:2, None])
    size = restored[:6].std(axis=1)
    restored[:6] /= np.sqrt((size**2).mean()) or 1.0
    return restored


def compact_signals(path: Path) -> Iterator[tuple[int, FloatArray, bool]]:
    """Give ecg_id, twelve leads at 100 Hz and whether they are in mV, from a compact npz file.

    Raises:
        RecordError: it holds neither of the two forms.
    """
    with np.load(path) as held:
        if {"lo", "hi"} <= set(held.files):
            low, high = held["lo"], held["hi"]
            for i, ecg_id in enumerate(held["ecg_id"].tolist()):
                yield ecg_id, arrange(decode(low[i], high[i]), INDEPENDENT).signal, True
        elif "x" in held.files:
            shapes = held["x"]
            for i, ecg_id in enumerate(held["ecg_id"].tolist()):
                yield ecg_id, with_relation(shapes[i] * SCALED_UNIT), False
        else:
            raise RecordError(f"{path}: holds {', '.join(held.files)}, neither lo and hi nor x")


def official_signals(
    folder: Path, entries: Mapping[int, Entry]
) -> Iterator[tuple[int, FloatArray, bool]]:
    """Give ecg_id, twelve leads in mV at 100 Hz and True, for each recording of `records100/`."""
    from ecg_monitor.records import read_record  # noqa: PLC0415  # wfdb is slow to load

    for ecg_id in sorted(entries):
        path = folder / "records100" / f"{ecg_id // 1000 * 1000:05d}" / f"{ecg_id:05d}_lr"
        recording = read_record(path)
        gain, zero = (np.array(v)[:, None] for v in (recording.gain, recording.baseline))
        millivolts = np.where(recording.valid(), (recording.samples - zero) / gain, np.nan)
        yield ecg_id, arrange(millivolts, recording.leads).signal, True


def collect(
    signals: Iterator[tuple[int, FloatArray, bool]], entries: Mapping[int, Entry]
) -> tuple[Collection, npt.NDArray[np.float32]]:
    """Return the windows of a form of PTB-XL, and their auxiliary statements.

    Returns:
        Collection of n windows; statements, float32, shape (n, len(AUXILIARY)).
    """
    columns: list[list[npt.NDArray[np.float32]]] = [[], [], [], [], [], []]
    names, parts = [], []
    for ecg_id, signal, voltage in signals:
        entry = entries.get(ecg_id)
        if entry is None:
            continue
        cut = inputs.windows(signal, inputs.FS)
        row = (
            cut.ecg[0],
            cut.mask[0],
            inputs.about(entry.age, entry.sex, voltage=voltage),
            *targets(entry),
            auxiliary(entry),
        )
        for column, value in zip(columns, row, strict=True):
            column.append(value)
        names.append(f"ptbxl/{ecg_id:05d}" + ("" if voltage else "z"))
        parts.append(entry.part)
    if not names:
        raise RecordError("PTB-XL: none of the signals has an entry in the table of labels")
    ecg, mask, about, holds, known, statements = (np.stack(column) for column in columns)
    return (
        Collection(np.array(names), ecg, mask, about, holds, known, np.array(parts)),
        statements,
    )
