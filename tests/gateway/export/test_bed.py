"""What was published is what is recorded is what each export gives back, sample for sample."""

import csv
import dataclasses
import subprocess
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle

from ecg_monitor.archive.annotations.reviewer import Reviewer
from ecg_monitor.archive.reading import read_interval
from ecg_monitor.core.errors import ArchiveError, ExportError
from ecg_monitor.core.settings import Settings
from ecg_monitor.records import read_record
from gateway.export.bed import beats_of, read_bed, time_of
from gateway.export.formats import FORMATS
from gateway.export.source import Request, read
from gateway.export.writing import written
from gateway.report.document import write_report
from gateway.report.summary import summarise
from tests.support.archive import (
    DEVICE,
    FS,
    RR_N,
    T0,
    alarm,
    arrive,
    find_beats,
    packets,
    recording,
    reviewed_record,
    signal,
)

PUBLISHED = signal(round(20 * FS))
GAP = slice(1000, 1500)


async def record(client, root):
    """Two leads of 20 s with a packet's worth of gap, four beats and an alarm."""
    sent = [one for one in packets(PUBLISHED, 500) if one.n0 != GAP.start]
    await arrive(client, sent)
    await find_beats(client, {250: "N", 500: "V", 1750: "N", 2000: "N"})
    await alarm(client, "vt", 500, 750)
    with recording(client, root) as recorder:
        await recorder.turn()
        await recorder.seal()


async def test_each_format_gives_back_what_was_published(redis_client, tmp_path):
    await record(redis_client, tmp_path)
    excerpt = read_bed(tmp_path, DEVICE, None, None)
    known = np.ones(PUBLISHED.shape[1], bool)
    known[GAP] = False
    for form in ("wfdb", "edf", "csv", "dicom"):
        row = FORMATS[form]
        path = written(row, excerpt, tmp_path / f"{form}{row.endings[0]}", lambda _: None)[0]
        back = read_record(path)
        assert back.valid().all(axis=0).tolist() == known.tolist(), form
        for i in range(2):
            mv = (back.samples[i] - back.baseline[i]) / back.gain[i]
            np.testing.assert_array_equal(np.rint(200.0 * mv)[known], PUBLISHED[i][known])
    beats = beats_of(excerpt.recording)
    assert [(beat.n, beat.label, beat.rr_s) for beat in beats] == [
        (250, "N", None),
        (500, "V", 1.0),
        (1750, "N", None),
        (2000, "N", 1.0),
    ]
    (vt,) = excerpt.alarms
    assert (vt.kind, vt.onset_s, vt.end_s) == ("vt", 2.0, 3.0)
    assert abs(excerpt.start - T0) < 0.2
    with pytest.raises(ArchiveError, match="nothing is recorded of bed-9"):
        read_bed(tmp_path, "bed-9", None, None)


async def test_a_source_may_be_a_bed(redis_client, tmp_path):
    await record(redis_client, tmp_path)
    settings = Settings(archive=str(tmp_path))
    start = "2026-09-21T14:13:30"
    found = read(Request(f"bed:{DEVICE}", start=start), settings, lambda _: None).excerpt
    assert found.duration_s == pytest.approx(10.0, abs=0.2)
    np.testing.assert_array_equal(
        found.recording.samples, PUBLISHED[:, -found.recording.n_samples :]
    )


async def test_a_report_of_a_bed_counts_the_beats_that_were_found_there(redis_client, tmp_path):
    await record(redis_client, tmp_path)
    settings = Settings(archive=str(tmp_path))
    reading = read(Request(f"bed:{DEVICE}", analyse=True), settings, lambda _: None)
    found = summarise(reading.excerpt, reading.events)
    assert found.counts == {"N": 3, "S": 0, "V": 1, "F": 0, "Q": 0}
    assert [(one.kind, one.count) for one in found.alarms] == [("vt", 1)]
    assert sum(found.quality_s.values()) == pytest.approx(18.0, abs=2.0)
    write_report(reading.excerpt, found, tmp_path / "a.pdf")
    assert b"ECG report" in (tmp_path / "a.pdf").read_bytes()


def test_times_of_a_bed():
    assert time_of("--start", "600", now=1000.0) == 400.0
    assert time_of("--start", "2026-09-21T14:13:20") == T0
    assert time_of("--start", "2026-09-21T16:13:20+02:00") == T0
    assert time_of("--start", None) is None
    for wrong in ("yesterday", "-5", "nan", "inf", ""):
        with pytest.raises(ExportError, match="--end: must be an ISO 8601 time"):
            time_of("--end", wrong)
    with pytest.raises(ExportError, match="does not lie after"):
        read_bed(None, "bed-1", "2026-09-21T16:13:20", "2026-09-21T16:13:20")


@pytest.fixture
def reviewed(tmp_path):
    """A bed's record of which two reviewers have said something."""
    reviewed_record(tmp_path)
    first, second = (Reviewer(tmp_path, DEVICE, 0.0, 1e11, one) for one in ("a", "b"))
    at = T0 + 4 * RR_N / FS
    first.label([at], "S")
    first.delete([at + 2 * RR_N / FS + RR_N / FS])
    second.insert(T0 + 6 * RR_N / FS, "V")
    second.mark(T0 + 20, T0 + 30, "(AFIB", "é" * 200)
    alarm_id = read_interval(tmp_path, DEVICE).alarms[0].id
    second.judge(alarm_id, "false", "artefact")
    return read_bed(tmp_path, DEVICE, None, None)


def test_what_reviewers_said_stands_beside_what_was_found(reviewed, tmp_path):
    assert reviewed.notes[-1] == "3 beats are as reviewers called them: a 2, b 1"
    out = tmp_path / "out"
    out.mkdir()
    files = written(FORMATS["wfdb"], reviewed, out / "x.hea", lambda _: None)
    assert [file.suffix for file in files] == [".hea", ".dat", ".atr", ".rev"]
    found = {b.sample: b.symbol for b in read_record(out / "x").beats}
    after = {b.sample: b.symbol for b in read_record(out / "x", annotator="rev").beats}
    changed = {n: (found.get(n), after.get(n)) for n in found.keys() | after.keys()}
    assert {n: one for n, one in changed.items() if one[0] != one[1]} == {
        4 * RR_N: ("V", "S"), 6 * RR_N: (None, "V"), 7 * RR_N: ("N", None),
    }  # fmt: skip
    assert "(AFIB" in [r.aux for r in read_record(out / "x", annotator="rev").rhythms]
    assert b"judged b: false, artefact" in (out / "x.rev").read_bytes()
    assert b"judged" not in (out / "x.atr").read_bytes()
    bare = dataclasses.replace(reviewed, review=None)
    files = written(FORMATS["wfdb"], bare, out / "x.hea", lambda _: None)
    assert not (out / "x.rev").exists(), "one of before would pass for one of now"


def test_a_report_counts_what_holds_and_says_who_corrected_how_much(reviewed, tmp_path):
    summary = summarise(reviewed, beats_of(reviewed.recording))
    assert (summary.counts["S"], summary.counts["V"]) == (1, 15)
    path = tmp_path / "report.pdf"
    write_report(reviewed, summary, path)
    command = ["pdftotext", "-layout", path, "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [" ".join(line.split()) for line in text.splitlines()]
    day = f"{datetime.fromtimestamp(reviewed.review.acts[-1].at, UTC):%Y-%m-%d}"
    for words in (
        "beats corrected 3", f"reviewed by a 2 {day}", f"reviewed by b 1 {day}",
        "alarms called false 1",
    ):  # fmt: skip
        assert any(words in line for line in lines), words


def test_reviewers_for_whom_there_is_no_room_are_counted(reviewed, tmp_path):
    acts = list(reviewed.review.acts)
    more = [dataclasses.replace(acts[-1], by=f"reviewer {i}") for i in range(5)]
    review = dataclasses.replace(reviewed.review, acts=(*acts, *more))
    assert len(review.people()) == 7
    many = dataclasses.replace(reviewed, review=review)
    path = tmp_path / "report.pdf"
    write_report(many, summarise(many, beats_of(many.recording)), path)
    command = ["pdftotext", "-layout", path, "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert text.count("reviewed by") == 4
    assert "and 3 more" in text


def test_what_reviewers_did_goes_along_as_fhir_and_as_a_table(reviewed, tmp_path):
    (path,) = written(FORMATS["fhir"], reviewed, tmp_path / "x.json", lambda _: None)
    bundle = Bundle.model_validate(orjson.loads(path.read_bytes()))
    found: list[Any] = [one.resource for one in bundle.entry]
    acts = [one for one in found if one.code.text == "ECG review"]
    what = [(one.performer[0].display, one.valueString[:20]) for one in acts]
    assert what == [
        ("a", "label, S, was V"), ("a", "delete, was N"), ("b", "insert, V"),
        ("b", f"rhythm, (AFIB, was (U, {'é' * 200}"[:20]), ("b", "verdict, false, arte"),
    ]  # fmt: skip
    assert all(one.issued.timestamp() > T0 for one in acts)
    assert acts[0].effectivePeriod.start.timestamp() == pytest.approx(T0 + 4 * RR_N / FS)
    table, said = written(FORMATS["csv"], reviewed, tmp_path / "x.csv", lambda _: None)
    assert (table.name, said.name) == ("x.csv", "x.review.csv")
    rows = list(csv.DictReader(said.read_text(encoding="utf-8").splitlines()))
    told = [(float(row["time_s"]), row["what"], row["value"], row["by"]) for row in rows]
    assert told == [
        (4 * RR_N / FS, "label", "S", "a"), (7 * RR_N / FS, "delete", "", "a"),
        (6 * RR_N / FS, "insert", "V", "b"), (20.0, "rhythm", "(AFIB", "b"),
        (4.0, "verdict", "false", "b"),
    ]  # fmt: skip
    bare = dataclasses.replace(reviewed, review=None)
    written(FORMATS["csv"], bare, tmp_path / "x.csv", lambda _: None)
    assert not said.exists(), "one of before would pass for one of now"


def test_a_note_becomes_no_formula_of_a_spreadsheet(reviewed, tmp_path):
    act = dataclasses.replace(reviewed.review.acts[0], text="=1+1")
    review = dataclasses.replace(reviewed.review, acts=(act,))
    what = dataclasses.replace(reviewed, review=review)
    _, said = written(FORMATS["csv"], what, tmp_path / "x.csv", lambda _: None)
    assert said.read_text(encoding="utf-8").splitlines()[1].endswith(",'=1+1")
