"""Cell by cell agreement with WFDB's bxb: two detectors, 48 records, two windows."""

import csv
from pathlib import Path

import pytest

from models.scoring import CLASSES, LEARNING_S, Confusion, match, read_beats
from models.scoring.databases import EC57, MITDB

FS = 360.0
DURATION_S = 650_000 / FS
DETECTORS = ("osea", "gqc")
Cells = dict[tuple[str, str], dict[str, dict[str, int]]]


@pytest.fixture(scope="module")
def bxb(bxb_folder: Path) -> dict[str, Cells]:
    """Per detector, (record, window) -> {reference label: {test label: count}}."""
    counts: dict[str, Cells] = {}
    for detector in DETECTORS:
        cells: Cells = {}
        with (bxb_folder / f"bxb_{detector}.csv").open(newline="") as lines:
            for row in csv.DictReader(lines):
                table = cells.setdefault((row["record"], row["from"]), {})
                table[row["reference"]] = {label: int(row[f"as_{label}"]) for label in CLASSES}
        counts[detector] = cells
    return counts


@pytest.mark.parametrize("record", MITDB)
def test_every_cell_agrees(
    record: str,
    bxb: dict[str, Cells],
    mitdb: Path,
    bxb_folder: Path,
) -> None:
    reference = read_beats(mitdb / record, "atr", EC57)
    for detector in DETECTORS:
        test = read_beats(bxb_folder / "annotations" / record, detector, EC57)
        pairs = match(reference, test, FS)
        for window, start_s in (("ec57", LEARNING_S), ("full", 0.0)):
            counted = pairs.count(start_s, DURATION_S).to_map()
            assert counted == bxb[detector][record, window], (detector, window)


@pytest.mark.parametrize(
    ("detector", "window", "se", "ppv"),
    [
        ("osea", "ec57", 99.777, 99.809),
        ("osea", "full", 99.374, 99.824),
        ("gqc", "ec57", 99.737, 99.717),
        ("gqc", "full", 99.728, 99.724),
    ],
)
def test_gross_qrs_scores_follow_from_the_cells(
    bxb: dict[str, Cells], detector: str, window: str, se: float, ppv: float
) -> None:
    tables = [table for (_, of), table in bxb[detector].items() if of == window]
    gross = Confusion.total(
        Confusion(tuple(tuple(table[row][column] for column in CLASSES) for row in CLASSES))
        for table in tables
    )

    assert len(tables) == 48
    assert gross.qrs.se == pytest.approx(se / 100, abs=5e-6)
    assert gross.qrs.ppv == pytest.approx(ppv / 100, abs=5e-6)
