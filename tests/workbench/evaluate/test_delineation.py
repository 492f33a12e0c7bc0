"""Scores of wave boundaries: known tallies, and floors on a few records of the database."""

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from workbench.evaluate.delineation import (
    DelineationReport,
    Tally,
    Wave,
    evaluate,
    records_of,
    reference_intervals,
)
from workbench.evaluate.delineation_table import render


def test_boundaries_are_matched_once_within_150_ms():
    tally = Tally()
    tally.add(np.array([100.0, 300.0, 500.0]), np.array([102.0, 101.0, 350.0, 501.0]))
    report = tally.report()
    assert (report["n"], report["se"], report["ppv"]) == (3, 0.6667, 0.5)
    assert sorted(tally.errors_ms) == [4.0, 4.0]


def test_reference_intervals_are_medians_over_beats():
    def lead(width: float) -> list[Wave]:
        return [
            wave
            for at in (200.0, 400.0, 600.0)
            for wave in (
                Wave("p", at - 50, at - 40, at - 30),
                Wave("N", at - 10, at, at - 10 + width),
                Wave("t", at + 50, at + 70, at + 90),
            )
        ]

    told = reference_intervals(np.array([200, 401, 600]), [lead(20), lead(22)])
    assert told == {"qrs_ms": 88.0, "pr_ms": 160.0, "qt_ms": 400.0}


def test_records_are_chosen(tmp_path):
    (tmp_path / "RECORDS").write_text("data/1\ndata/2\ndata/3\n")
    assert [path.name for path in records_of(tmp_path, "odd")] == ["1", "3"]
    assert [path.name for path in records_of(tmp_path, "2")] == ["2"]
    with pytest.raises(RecordError, match="lacks 9"):
        records_of(tmp_path, "2,9")
    with pytest.raises(RecordError, match="no records"):
        records_of(tmp_path / "data", "all")


def test_floors_on_the_lobachevsky_database(ludb):
    report = DelineationReport()
    for path in records_of(ludb, "1,3,5,7,9"):
        evaluate(path, report)
    told = report.as_map()
    for name, (se, ppv, sd_ms) in {
        "P_ON": (0.9, 0.8, 20),
        "QRS_ON": (0.99, 0.95, 13),
        "QRS_OFF": (0.99, 0.95, 17),
        "T_OFF": (0.93, 0.93, 32),
    }.items():
        row = told["boundaries"][name]
        assert row["se"] >= se, name
        assert row["ppv"] >= ppv, name
        assert row["sd_ms"] <= sd_ms, name
    assert all(abs(row["mean_ms"]) < 20 for row in told["intervals"].values())
    assert [table.row_count for table in render(told)] == [7, 3]
