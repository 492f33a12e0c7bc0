import json

import pytest

from ecg_monitor.core.errors import RecordError
from models.scoring import Beats, Case, Report, evaluate

FS = 100.0


def case(name: str, reference: str, test: str, start: int = 0, late: int = 1) -> Case:
    """One beat per second; ``.`` for none."""

    def beats(labels: str, shift: int) -> Beats:
        marks = [(start + 100 * n + shift, s) for n, s in enumerate(labels) if s != "."]
        return Beats.from_labels([n for n, _ in marks], [label for _, label in marks])

    return Case(name, beats(reference, 0), beats(test, late), FS, 600.0)


@pytest.fixture
def report() -> Report:
    return evaluate(
        [
            case("100", "NNVS", "NNVN", start=40_000),
            case("101", "NVVN", "VVN.", start=40_000, late=3),
            case("102", "QQQV", ".QQN", start=100),
        ],
        settings={"detector": "a test"},
    )


def test_shape(report: Report) -> None:
    rates = {"se", "ppv", "f1", "fp_per_hour"}

    assert set(report) == {"ec57", "full", "records", "settings"}
    for window in ("ec57", "full"):
        assert set(report[window]) == {*("gross", "average", "confusion", "timing", "ten_seconds")}
        for kind in ("qrs", "veb", "sveb"):
            assert set(report[window]["gross"][kind]) == rates | {"tp", "fn", "fp"}
            assert set(report[window]["average"][kind]) == rates | {"records"}
            assert set(report["records"]["102"][window][kind]) == rates | {"tp", "fn", "fp"}
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_gross_pools_beats(report: Report) -> None:
    gross = report["ec57"]["gross"]

    assert {k: gross["qrs"][k] for k in ("tp", "fn", "fp")} == {"tp": 7, "fn": 1, "fp": 0}
    assert gross["qrs"]["se"] == pytest.approx(7 / 8)
    assert {k: gross["veb"][k] for k in ("tp", "fn", "fp")} == {"tp": 2, "fn": 1, "fp": 1}
    assert gross["sveb"]["se"] == 0.0
    assert gross["sveb"]["ppv"] is None


def test_average_weighs_records_alike(report: Report) -> None:
    average = report["ec57"]["average"]

    assert average["qrs"]["se"] == pytest.approx((1.0 + 0.75) / 2)
    assert average["veb"]["se"] == pytest.approx((1.0 + 0.5) / 2)
    assert average["sveb"]["se"] == 0.0
    assert average["sveb"]["records"]["se"] == 1
    assert average["sveb"]["ppv"] is None


def test_learning_period_counts_only_from_the_first_sample(report: Report) -> None:
    assert report["full"]["gross"]["qrs"]["tp"] == 7 + 3
    assert report["records"]["102"]["ec57"]["qrs"]["tp"] == 0
    assert report["records"]["102"]["ec57"]["qrs"]["se"] is None


def test_paced_records_have_no_part_in_classes(report: Report) -> None:
    paced = report["records"]["102"]

    assert paced["classes_scored"] is False
    assert paced["full"]["qrs"] | {"f1": None} == {
        **{"se": 0.75, "ppv": 1.0, "f1": None, "fp_per_hour": 0.0},
        **{"tp": 3, "fn": 1, "fp": 0},
    }
    assert set(paced["full"]["veb"].values()) == {None}
    assert paced["full"]["confusion"]["Q"]["O"] == 1
    assert report["full"]["confusion"]["Q"]["O"] == 0
    assert report["full"]["gross"]["veb"]["fn"] == report["ec57"]["gross"]["veb"]["fn"]
    assert report["settings"]["classes_not_scored"] == ["102"]


def test_false_positives_per_hour_use_the_time_scored(report: Report) -> None:
    # One false VEB in two unpaced records of 10 min, of which the first 5 are learning.
    assert report["ec57"]["gross"]["veb"]["fp_per_hour"] == pytest.approx(6.0)
    assert report["full"]["gross"]["veb"]["fp_per_hour"] == pytest.approx(3.0)


def test_timing_pools_matched_beats(report: Report) -> None:
    assert report["records"]["100"]["ec57"]["timing"] == pytest.approx(
        {"matched": 4, "median_abs_ms": 10.0, "p95_abs_ms": 10.0, "bias_ms": 10.0}
    )
    assert report["ec57"]["timing"]["matched"] == 7
    assert report["ec57"]["timing"]["p95_abs_ms"] == pytest.approx(30.0)
    assert report["records"]["102"]["ec57"]["timing"]["median_abs_ms"] is None


def test_settings_are_stated(report: Report) -> None:
    assert report["settings"] == {
        "match_window_s": 0.150,
        "learning_s": 300.0,
        "classes_not_scored": ["102"],
        "detector": "a test",
    }


def test_cases_are_taken_one_by_one() -> None:
    cases = (case(name, "N", "N") for name in ("a", "b"))

    assert list(evaluate(cases)["records"]) == ["a", "b"]


def test_no_records_make_an_empty_report() -> None:
    report = evaluate([])

    assert report["records"] == {}
    assert report["full"]["gross"]["qrs"]["se"] is None
    assert report["full"]["average"]["qrs"]["se"] is None


def test_short_recordings_have_no_ec57_window() -> None:
    beats = Beats.from_labels([100], ["N"])
    report = evaluate([Case("short", beats, beats, FS, 10.0)])

    assert report["ec57"]["gross"]["qrs"]["fp_per_hour"] is None
    assert report["full"]["gross"]["qrs"]["se"] == 1.0


def test_a_record_given_twice_is_refused() -> None:
    with pytest.raises(RecordError, match="100: given twice"):
        evaluate([case("100", "N", "N"), case("100", "N", "N")])


@pytest.mark.parametrize("duration_s", [0.0, float("nan")])
def test_a_record_without_length_is_refused(duration_s: float) -> None:
    beats = Beats.from_labels([], [])
    with pytest.raises(RecordError, match="100: duration_s"):
        evaluate([Case("100", beats, beats, FS, duration_s)])
