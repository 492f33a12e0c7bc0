"""Scores of wave boundaries: known tallies, and floors on a few records of the database."""

import numpy as np
import pytest

from ecg_monitor.cli import main
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


def test_f1_counts_what_lies_within_the_tolerance():
    wide, narrow = Tally(), Tally(tolerance_ms=40.0)
    for tally in (wide, narrow):
        tally.add(np.array([100.0, 300.0]), np.array([105.0, 311.0, 500.0]))
    assert (wide.f1, narrow.f1) == (0.8, 0.4)
    assert Tally().f1 is None


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


def test_a_lead_is_looked_at_alone(ludb, capsys):
    report = DelineationReport()
    evaluate(records_of(ludb, "1")[0], report, "II")
    told = report.as_map()
    assert 5 <= told["boundaries"]["P_ON"]["n"] < 12
    assert told["narrow_macro_f1"] == pytest.approx(
        np.mean([row["f1"] for row in told["narrow"].values()]), abs=1e-3
    )
    for leads, message in (("X", "no lead 'X'"), ("first", "--delineation takes all leads")):
        arguments = ["evaluate", str(ludb), "--delineation", "--records", "1", "--leads", leads]
        assert main(arguments) == 2
        assert message in capsys.readouterr().err


def test_floors_on_the_lobachevsky_database(ludb):
    report = DelineationReport()
    for path in records_of(ludb, "1,3,5,7,9"):
        evaluate(path, report)
    told = report.as_map()
    for name, (se, ppv, sd_ms) in {
        "P_ON": (0.98, 0.95, 20),
        "QRS_ON": (0.99, 0.95, 13),
        "QRS_OFF": (0.99, 0.95, 17),
        "T_OFF": (0.93, 0.93, 32),
    }.items():
        row = told["boundaries"][name]
        assert row["se"] >= se, name
        assert row["ppv"] >= ppv, name
        assert row["sd_ms"] <= sd_ms, name
    assert all(abs(row["mean_ms"]) < 20 for row in told["intervals"].values())
    assert [table.row_count for table in render(told)] == [7, 5, 3]
