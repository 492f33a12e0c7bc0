"""Counts the classes that the beat classifier finds in databases that it was not trained on.

CPSC 2018 and PTB-XL label what a recording holds (premature atrial or ventricular beats, bundle
branch block, fibrillation, nothing), but not which beats. So a recording with premature beats
should have some found, and one without should have none. Both are other recorders, other leads
and other sampling rates than the training data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from detector.engine.resample import FS
from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording, read_record
from models.beats.classifier import LEADS_USED, BeatClassifier, BeatLabeller
from models.beats.dataset import CLASSES
from models.beats.features.state import WINDOW
from models.beats.weights import Weights
from workbench.training.beats.windows import cut, engine_signal, millivolts, own_peaks

if TYPE_CHECKING:
    from rich.table import Table

CPSC_LEADS = (1, 6)
"""Rows of lead II and V1 of a 12-lead recording."""
PTBXL_CODES = {
    "284470004": "PAC",
    "164889003": "AF",
    "427393009": "sinus arrhythmia",
    "164909002": "LBBB",
    "426783006": "sinus rhythm",
}
"""SNOMED CT code -> label; the first that a recording has counts."""
SINUS_PART = 6
"""Of the many recordings of PTB-XL with nothing but sinus rhythm, every sixth is taken."""
FEWEST_BEATS = 4
_DIAGNOSIS = re.compile(r"#\s*Dx:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Row:
    """What was found in the recordings of a database with one label.

    Attributes:
        database: its name.
        label: what the recordings hold.
        records: number of leads that were labelled, each on its own.
        beats: beats found in them.
        found: how many were called N, S, V, F, Q.
        with_s: leads in which a beat was called S.
        with_v: leads in which a beat was called V.
    """

    database: str
    label: str
    records: int
    beats: int
    found: tuple[int, ...]
    with_s: int
    with_v: int


def score(data: Path, weights: Weights, progress: Callable[[], None]) -> list[Row]:
    """Label all recordings.

    Args:
        data: folder that holds ``cpsc2018`` and ``ptbxl``.
        weights: what to label with.
        progress: called after each lead.

    Raises:
        RecordError: a database is missing.
    """
    classifier = BeatClassifier(weights)
    labels: dict[tuple[str, str], list[npt.NDArray[np.int64]]] = {}
    for database, read in (("cpsc2018", _cpsc2018), ("ptbxl", _ptbxl)):
        for label, recording, lead in read(data / database):
            classes = classify(classifier, recording, lead)
            progress()
            if len(classes) >= FEWEST_BEATS:
                labels.setdefault((database, label), []).append(classes)
    return [_row(*key, found) for key, found in sorted(labels.items())]


def classify(classifier: BeatClassifier, recording: Recording, lead: int) -> npt.NDArray[np.int64]:
    """Label the beats that the engine finds on one lead; indices into `CLASSES`, shape (n,)."""
    found = own_peaks(recording, lead)
    peaks = np.rint(found * FS / recording.fs).astype(np.int64)
    wide = engine_signal(millivolts(recording, lead), recording.fs)
    windows = np.zeros((len(peaks), LEADS_USED, WINDOW), np.float32)
    windows[:, 0] = cut(wide, peaks)
    usable = np.zeros((len(peaks), LEADS_USED), np.bool_)
    usable[:, 0] = True
    labeller = BeatLabeller(classifier)
    slots = np.full(len(peaks), labeller.add(1))
    before = np.concatenate([[-1], peaks[:-1]])[: len(peaks)]
    after = np.concatenate([peaks[1:], [-1]])[: len(peaks)]
    return labeller.label(slots, windows, usable, peaks, before, after).classes


def render(rows: list[Row]) -> Table:
    """Show the rows as a table for the terminal."""
    from rich.table import Table  # noqa: PLC0415

    table = Table(title="Beats called S and V in recordings of other databases")
    for name in ("database", "label"):
        table.add_column(name)
    for name in ("leads", "beats", "S per 1000", "V per 1000", "leads with S", "leads with V"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.database,
            row.label,
            str(row.records),
            str(row.beats),
            f"{1000 * row.found[1] / row.beats:.1f}",
            f"{1000 * row.found[2] / row.beats:.1f}",
            f"{row.with_s / row.records:.0%}",
            f"{row.with_v / row.records:.0%}",
        )
    return table


def _row(database: str, label: str, found: list[npt.NDArray[np.int64]]) -> Row:
    counts = np.array([np.bincount(classes, minlength=len(CLASSES)) for classes in found])
    return Row(
        database,
        label,
        len(found),
        int(counts.sum()),
        tuple(counts.sum(axis=0).tolist()),
        int((counts[:, 1] > 0).sum()),
        int((counts[:, 2] > 0).sum()),
    )


def _cpsc2018(folder: Path) -> Iterator[tuple[str, Recording, int]]:
    headers = sorted(folder.glob("*.hea"))
    if not headers:
        raise RecordError(f"{folder} holds no records; it must be beside DB_DIR")
    for header in headers:
        named = _DIAGNOSIS.search(header.read_text())
        recording = read_record(header.with_suffix(""))
        for lead in CPSC_LEADS:
            yield named[1].strip() if named else "none given", recording, lead


def _ptbxl(folder: Path) -> Iterator[tuple[str, Recording, int]]:
    path = folder / "ptbxl_100hz_z.npz"
    if not path.exists():
        raise RecordError(f"{path} is missing; the folder ptbxl must be beside DB_DIR")
    with np.load(path) as held:
        codes = [str(code) for code in held["snomed"]]
        signals, flags, names = held["x"], held["labels"], held["ecg_id"]
    columns = {code: codes.index(code) for code in PTBXL_CODES}
    for number, (signal, has) in enumerate(zip(signals, flags, strict=True)):
        label = next((PTBXL_CODES[code] for code in columns if has[columns[code]]), None)
        if label is None or (label == "sinus rhythm" and number % SINUS_PART):
            continue
        yield (
            label,
            Recording(
                name=str(names[number]),
                fs=100.0,
                leads=("II",),
                gain=(500.0,),
                baseline=(0.0,),
                samples=signal[1:2].astype(np.int16),
                beats=(),
            ),
            0,
        )
