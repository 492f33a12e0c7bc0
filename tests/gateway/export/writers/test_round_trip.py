"""What an export gives back is what was recorded, sample for sample, by the readers of others."""

from __future__ import annotations

import dataclasses

import mne
import numpy as np
import pyedflib
import pytest
import wfdb

from ecg_monitor.records import read_record
from ecg_monitor.records.recording import (
    INVALID_SAMPLE,
    BeatMark,
    InvalidStretch,
    Recording,
    RhythmMark,
)
from gateway.export.excerpt import AlarmMark, Excerpt
from gateway.export.formats import FORMATS
from gateway.export.writers.edf import record_of
from gateway.export.writers.marks import number
from gateway.export.writing import written

RATES = (360.0, 250.0, 128.0, 999.41)


def excerpt(fs: float, leads: tuple[str, ...] = ("II", "V1"), seconds: float = 11.3) -> Excerpt:
    """Noise of the whole range of int16, holes of one lead and of all, beats, rhythms, alarms."""
    n = round(seconds * fs)
    rng = np.random.default_rng(7)
    samples = rng.integers(-2000, 2000, (len(leads), n)).astype(np.int16)
    samples[0, 5:8] = (-32767, 32767, 0)
    invalid = [InvalidStretch(0, 3 * n // 10, 4 * n // 10)]
    invalid += [InvalidStretch(lead, 6 * n // 10, 7 * n // 10) for lead in range(len(leads))]
    for span in invalid:
        samples[span.lead, span.start : span.end] = INVALID_SAMPLE
    recording = Recording(
        name="made, up: نبض",
        fs=fs,
        leads=leads,
        gain=tuple(200.0 + i for i in range(len(leads))),
        baseline=tuple(1024.0 * (i % 2) for i in range(len(leads))),
        samples=samples,
        beats=(BeatMark(10, "N"), BeatMark(n // 2, "V"), BeatMark(n - 1, "N")),
        rhythms=(RhythmMark(0, "(N"), RhythmMark(n // 2, "(VT")),
        invalid=tuple(sorted(invalid)),
        comments=("of a test",),
    )
    return Excerpt(
        recording,
        alarms=(AlarmMark("af", "medium", -4.0, 2.0), AlarmMark("vt", "high", 5.0, None)),
        offset_s=60.0,
        start=1_790_000_000.25,
        device="bed-3",
    )


def export(form: str, what: Excerpt, path):
    return written(FORMATS[form], what, path, lambda _: None)[0]


@pytest.fixture(params=RATES, ids=str)
def made(request) -> Excerpt:
    return excerpt(request.param)


def test_wfdb_reads_the_wfdb(made, tmp_path):
    export("wfdb", made, tmp_path / "one.hea")
    recording = made.recording
    back = wfdb.rdrecord(str(tmp_path / "one"), physical=False)
    np.testing.assert_array_equal(back.d_signal.T, recording.samples)
    assert back.fs == recording.fs
    assert back.sig_name == ["II", "V1"]
    assert back.units == ["mV", "mV"]
    assert tuple(back.adc_gain) == recording.gain
    assert tuple(back.baseline) == recording.baseline
    assert back.checksum == back.calc_checksum()
    assert back.base_datetime.isoformat() == "2026-09-21T14:13:20.250000"
    physical = wfdb.rdrecord(str(tmp_path / "one")).p_signal.T
    np.testing.assert_array_equal(np.isnan(physical), ~recording.valid())
    marks = wfdb.rdann(str(tmp_path / "one"), "atr")
    assert list(zip(marks.sample, marks.symbol, strict=True))[-1] == (recording.n_samples - 1, "N")
    texts = [text.rstrip("\0") for text in marks.aux_note]
    assert "(VT" in texts
    assert "alarm af medium (since before)" in texts
    assert "alarm af ends" in texts
    assert "alarm vt high" in texts


def test_pyedflib_and_mne_read_the_edf(made, tmp_path):
    path = export("edf", made, tmp_path / "one.edf")
    recording = made.recording
    n = recording.n_samples
    with pyedflib.EdfReader(str(path)) as file:
        assert file.getSignalLabels() == ["ECG II", "ECG V1"]
        assert file.getSampleFrequency(0) == pytest.approx(recording.fs, rel=1e-6)
        for i in range(2):
            digital = file.readSignal(i, digital=True)
            np.testing.assert_array_equal(digital[:n], recording.samples[i])
            assert (digital[n:] == INVALID_SAMPLE).all()
            physical = file.readSignal(i)[:n]
            factor = 1.0 if file.getPhysicalDimension(i) == "mV" else 1000.0
            exact = (recording.samples[i] - recording.baseline[i]) / recording.gain[i]
            assert np.abs(physical / factor - exact).max() < 0.1 / recording.gain[i]
        onsets, lengths, texts = file.readAnnotations()
        assert file.getStartdatetime().isoformat().startswith("2026-09-21T14:13:20")
    told = dict(zip(texts, zip(onsets, lengths, strict=True), strict=True))
    assert told["alarm vt high"][0] == pytest.approx(5.0, abs=1e-3)
    at = told["BAD no signal@@ECG V1"]
    assert at[0] == pytest.approx((6 * n // 10) / recording.fs, abs=1e-3)
    assert list(texts).count("N") == 2
    raw = mne.io.read_raw_edf(path, verbose="error")
    assert len(raw.annotations) >= 8
    marked = [a for a in raw.annotations if a["description"].startswith("BAD no signal")]
    assert {name for a in marked for name in a["ch_names"]} == {"ECG II", "ECG V1"}


@pytest.mark.parametrize("form", ["wfdb", "edf", "csv", "dicom"])
def test_our_own_reader_gives_back_samples_and_holes(made, form, tmp_path):
    recording = made.recording
    n = recording.n_samples
    back = read_record(export(form, made, tmp_path / f"one{FORMATS[form].endings[0]}"))
    assert back.fs == pytest.approx(recording.fs, rel=1e-6)
    assert back.leads == recording.leads
    valid = recording.valid()
    np.testing.assert_array_equal(back.valid(0, n), valid)
    assert not back.valid(n).any()
    for i, lead in enumerate(back.leads):
        mv = (back.samples[i, :n] - back.baseline[i]) / back.gain[i]
        adc = np.rint(mv * recording.gain[i] + recording.baseline[i])
        assert (adc == recording.samples[i])[valid[i]].all(), lead


@pytest.mark.parametrize("fs", [250.0, 360.0, 999.41, 1000 / 3, 128.0001, 50.0, 2000.0, 62.5])
def test_a_data_record_of_edf_tells_the_rate(fs):
    count, duration = record_of(fs, 12_345)
    assert count / duration == pytest.approx(fs, rel=1e-6)
    assert len(number(duration)) <= 8


def test_twelve_leads_and_one(tmp_path):
    names = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    for leads in (names, ("II",)):
        made = excerpt(500.0, leads)
        for form in ("wfdb", "edf", "csv"):
            path = export(form, made, tmp_path / f"l{len(leads)}{FORMATS[form].endings[0]}")
            assert read_record(path).leads == leads


def test_no_marks_and_no_start(tmp_path):
    made = excerpt(250.0)
    bare = dataclasses.replace(made.recording, beats=(), rhythms=(), invalid=())
    made = Excerpt(bare)
    export("wfdb", made, tmp_path / "one.hea")
    assert len(wfdb.rdann(str(tmp_path / "one"), "atr").sample) == 0
    with pyedflib.EdfReader(str(export("edf", made, tmp_path / "one.edf"))) as file:
        assert len(file.readAnnotations()[0]) == 0 or set(file.readAnnotations()[2]) == set()
    assert "start" not in export("csv", made, tmp_path / "one.csv").read_text("utf-8")
