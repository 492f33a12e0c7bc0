"""What was published is what is recorded is what each export gives back, sample for sample."""

import numpy as np
import pytest

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
    T0,
    alarm,
    arrive,
    find_beats,
    packets,
    recording,
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
