"""A study says what the engine found, however the signal was fed, and how sure that is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.beat_tables import is_table_of_beats
from ecg_monitor.jobs.examples import EXAMPLES
from ecg_monitor.records import Recording
from ecg_monitor.records.recording import BeatMark, InvalidStretch, RhythmMark
from ecg_monitor.ward.limits.file import load_limits
from ecg_monitor.ward.limits.model import LimitBook
from gateway.study import tables
from gateway.study.averages import averages
from gateway.study.comparison import compared
from gateway.study.examples import made
from gateway.study.recording import study

LIMITS: LimitBook = load_limits(Settings().config)


@pytest.fixture(scope="module")
def ectopy() -> Recording:
    return made("ectopy")


def test_a_study_of_runs_of_ventricular_beats(ectopy: Recording) -> None:
    found = study(ectopy, LIMITS, lambda _: None)
    page = found.page
    assert page["figures"]["ventricular_count"] > 10
    assert page["figures"]["ventricular"][0]["beats"] == 6
    assert {alarm["kind"] for alarm in page["alarms"]} >= {"vt"}
    assert page["reference"]["veb"]["se"] == 1.0
    assert page["twelve"] is None
    assert [one["label"] for one in page["averages"]][:2] == ["N", "V"]
    by_class: dict[str, int] = {}
    for beat in page["unusual"]:
        by_class[beat["label"]] = by_class.get(beat["label"], 0) + 1
        assert len(beat["window"]) == len(beat["rebuilt"]) == 200
    assert by_class["V"] == 4
    peak = page["unusual"][0]
    n = round(peak["at_s"] * ectopy.fs)
    around = ectopy.samples[0, n - 70 : n + 130] / ectopy.gain[0]
    # The engine's own filter lies between.
    assert np.corrcoef(around, np.array(peak["window"]))[0, 1] > 0.95


def test_an_example_is_the_same_each_time() -> None:
    one = made("twelve")
    assert len(one.beats) > 20
    assert one.rhythms
    assert np.array_equal(one.samples, made("twelve").samples)
    assert "twelve" in EXAMPLES
    with pytest.raises(RecordError, match="ectopy, fibrillation, twelve"):
        made("nothing")


def pulses(n: int, label: str = "N") -> Recording:
    """Return one lead of 4 s at 250 Hz with ``n`` equal beats, each a rise over 50 ms."""
    samples = np.zeros((1, 1000), np.int16)
    peaks = [200 + 200 * i for i in range(n)]
    for peak in peaks:
        samples[0, peak : peak + 12] = 100
    marks = tuple(BeatMark(peak, label) for peak in peaks)
    return Recording("p", 250.0, ("II",), (100.0,), (0.0,), samples, marks)


def test_an_average_is_the_median_of_whole_beats() -> None:
    recording = replace(pulses(4), invalid=(InvalidStretch(0, 590, 610),))
    found = averages(recording, [(200, "N"), (400, "N"), (600, "N"), (800, "V"), (990, "V")])
    normal, ventricular = found
    (lead,) = normal["leads"]
    assert (normal["count"], lead["used"]) == (3, 2)
    assert lead["median"][75 : 75 + 12] == [1.0] * 12
    assert (ventricular["count"], ventricular["leads"][0]["used"]) == (2, 1)


def test_what_was_found_is_held_against_the_annotations() -> None:
    recording = pulses(4)
    assert compared(replace(recording, beats=()), []) is None
    told = compared(recording, [(202, "N"), (400, "V"), (600, "N")])
    assert told is not None
    assert (told["qrs"]["tp"], told["qrs"]["fn"], told["qrs"]["fp"]) == (3, 1, 0)
    assert told["veb"]["fp"] == 1
    assert told["confusion"]["N"]["V"] == 1
    flutter = (RhythmMark(0, "(N"), RhythmMark(500, "(VFL"))
    told = compared(replace(recording, rhythms=flutter), [(202, "N"), (400, "V")])
    assert told is not None
    assert (told["qrs"]["tp"], told["qrs"]["fn"]) == (2, 0)
    paced = compared(pulses(4, "/"), [(200, "Q")])
    assert paced is not None
    assert (paced["veb"], paced["sveb"]) == (None, None)


def row(values: np.ndarray[tuple[int], np.dtype[np.float64]], *last: str) -> str:
    return ",".join([*(f"{value:.4f}" for value in values), *last])


def test_a_table_of_beats_is_scored_row_by_row(tmp_path: Path) -> None:
    beat = np.exp(-(((np.arange(187) - 20) / 4.0) ** 2))
    lines = [row(beat, "0.0"), row(np.zeros(187), "0.0"), row(1 - beat, "2.0")]
    path = tmp_path / "recording.csv"
    path.write_text("\n".join(lines) + "\n")
    assert is_table_of_beats(path)
    shares: list[float] = []
    found = tables.scored(path, "mitbih_test.csv", shares.append)
    assert [one["reference"] for one in found.rows["beats"]] == ["N", "N", "V"]
    assert found.rows["beats"][1]["label"] == tables.NOT_SCORED
    assert found.rows["beats"][1]["score"] is None
    assert sum(sum(cells.values()) for cells in found.page["confusion"].values()) == 3
    assert found.page["notes"] == ["1 rows are flat and were not scored"]
    assert shares == [1.0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (row(np.arange(140) % 7 * 0.3) + "\n1,2\n", "row 2 has 2 columns"),
        (row(np.arange(140) % 7 * 0.3) + "\n" + "x," * 139 + "x\n", "row 2 holds a cell"),
        (row(np.arange(141) % 7 * 0.3 + 0.05) + "\n", "whole numbers as classes do"),
        (row(np.arange(140) % 7 * 1e7) + "\n", "no beat has"),
    ],
)
def test_a_malformed_table_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "recording.csv"
    path.write_text(text)
    with pytest.raises(RecordError, match=told):
        tables.scored(path, "beats.csv", lambda _: None)


def test_classes_of_ecg5000_and_ptb(tmp_path: Path) -> None:
    path = tmp_path / "recording.txt"
    path.write_text("1 " + " ".join(f"{i % 11 * 0.13:.4f}" for i in range(140)) + "\n")
    assert tables.scored(path, "E.txt", lambda _: None).rows["beats"][0]["reference"] == "normal"
    path.write_text(row(np.arange(187) % 11 / 11.3, "1.0"))
    found = tables.scored(path, "ptbdb_abnormal.csv", lambda _: None)
    assert found.rows["beats"][0]["reference"] == "abnormal"
