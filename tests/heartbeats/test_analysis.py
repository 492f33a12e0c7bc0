"""The door for strangers gives what the command gives, and says what it is in one print."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import wfdb

import heartbeats
from ecg_monitor.cli import main

SECONDS = 120


@pytest.fixture(scope="module")
def record_100(mitdb):
    """Two minutes of record 100, physical and as converter values."""
    n = SECONDS * 360
    return (
        wfdb.rdrecord(str(mitdb / "100"), sampto=n),
        wfdb.rdrecord(str(mitdb / "100"), sampto=n, physical=False),
    )


@pytest.fixture(scope="module")
def result(record_100):
    physical, _ = record_100
    return heartbeats.analyze(physical.p_signal.T, physical.fs, leads=physical.sig_name)


def test_the_command_finds_the_same(mitdb, record_100, result, tmp_path, capsys):
    _, digital = record_100
    digital.wrsamp(write_dir=str(tmp_path))
    assert main(["analyze", str(tmp_path / "100"), "--json", "-"]) == 0
    command = json.loads(capsys.readouterr().out)
    assert len(command["beats"]) > 140
    ours = json.loads(json.dumps(result.as_dict()))
    assert ours.pop("notes") == []
    assert [beat["sample"] for beat in command["beats"]] == result.r_peaks.tolist()
    assert [beat["label"] for beat in command["beats"]] == [beat.label for beat in result.beats]
    assert {**ours, "record": "100"} == command


def test_the_whole_record_100_is_as_annotated(mitdb):
    record = wfdb.rdrecord(str(mitdb / "100"), physical=False)
    found = heartbeats.r_peaks(record.d_signal, record.fs, gain=record.adc_gain, baseline=1024)
    marks = wfdb.rdann(str(mitdb / "100"), "atr")
    true = np.array([n for n, s in zip(marks.sample, marks.symbol, strict=True) if s in "NAV"])
    assert len(true) == 2273
    distance = np.abs(found[:, None] - true[None, :]).min(axis=0)
    assert (distance <= 0.15 * record.fs).all()
    assert len(found) == len(true)


def test_converter_values_give_the_same_as_millivolts(record_100, result):
    _, digital = record_100
    other = heartbeats.analyze(
        digital.d_signal.T,
        digital.fs,
        leads=digital.sig_name,
        gain=digital.adc_gain,
        baseline=digital.baseline,
    )
    np.testing.assert_array_equal(other.r_peaks, result.r_peaks)
    assert [beat.label for beat in other.beats] == [beat.label for beat in result.beats]
    assert other.resolution_uv == (5.0, 5.0)
    assert result.resolution_uv == (1.0, 1.0)


def test_r_peaks_alone_are_the_same(record_100, result):
    physical, _ = record_100
    alone = heartbeats.r_peaks(physical.p_signal, physical.fs)
    assert alone.dtype == result.r_peaks.dtype == np.int64
    np.testing.assert_array_equal(alone, result.r_peaks)


def test_what_comes_back_fits_together(result):
    assert result.fs == 360
    assert result.leads == ("MLII", "V5")
    assert result.duration_s == SECONDS
    assert [beat.n for beat in result.beats] == result.r_peaks.tolist()
    assert np.all(np.diff(result.r_peaks) > 0)
    assert {beat.label for beat in result.beats} <= set("NSVFQ")
    assert result.beats[9].rr_s == pytest.approx(np.diff(result.r_peaks)[8] / 360, abs=0.01)
    rate = result.heart_rate
    assert rate.time_s.shape == rate.bpm.shape
    assert rate.time_s.size >= SECONDS - 2
    assert np.isnan(rate.bpm[0])
    assert 60 < np.nanmean(rate.bpm) < 90
    assert [one.state for one in result.quality] == ["good"]
    assert (result.quality[0].start_s, result.quality[-1].end_s) == (0.0, SECONDS)
    assert result.measurements
    assert result.alarms == ()
    assert result.notes == ()


def test_one_print_says_it(result):
    text = repr(result)
    assert text.startswith("Analysis of 120.0 s at 360 Hz, MLII, V5\n  beats: 1")
    assert "heart rate: " in text
    assert "note" not in text
    told = repr(dataclasses.replace(result, notes=("as it were",)))
    assert told.endswith("\n  note: as it were")


def test_a_stopped_heart_a_missing_lead_and_limits_of_ones_own(record_100, tmp_path):
    physical, _ = record_100
    signal = physical.p_signal[: 40 * 360, 0].copy()
    signal[15 * 360 : 24 * 360] = signal[15 * 360]
    signal += 1e-3 * np.random.default_rng(0).standard_normal(signal.size)
    signal[32 * 360 : 36 * 360] = np.nan
    seconds: list[float] = []
    result = heartbeats.analyze(signal, 360, progress=seconds.append)
    assert seconds == sorted(seconds)
    assert seconds[-1] == 40.0
    (asystole,) = [alarm for alarm in result.alarms if alarm.kind == "asystole"]
    assert asystole.priority == "high"
    assert 14 < asystole.onset_s < 16 < asystole.raised_s < asystole.cleared_s
    assert asystole.value >= asystole.limit == 4.0
    assert "leadoff" in {one.state for one in result.quality}
    assert "asystole 1" in repr(result)
    limits = tmp_path / "limits.toml"
    limits.write_text("[adult.rate]\nasystole_s = 8.0\n", encoding="utf-8")
    later = heartbeats.analyze(signal, 360, limits=limits)
    (alarm,) = [alarm for alarm in later.alarms if alarm.kind == "asystole"]
    assert alarm.limit == 8.0
    assert alarm.raised_s > asystole.raised_s
    limits.write_text("[adult.rate]\nasystole_z = 8.0\n", encoding="utf-8")
    with pytest.raises(heartbeats.EcgMonitorError, match="asystole_z"):
        heartbeats.analyze(signal, 360, limits=limits)


def test_a_rhythm_is_told_with_its_samples(mitdb):
    record = wfdb.rdrecord(str(mitdb / "202"), sampfrom=1500 * 360, sampto=1800 * 360)
    result = heartbeats.analyze(record.p_signal, record.fs)
    assert {"af"} <= {episode.kind for episode in result.rhythm}
    for episode in result.rhythm:
        assert 0 <= episode.n < episode.end_n <= 300 * 360
    assert "rhythm: " in repr(result)


def test_two_seconds_are_enough_to_be_taken():
    result = heartbeats.analyze(np.zeros(500), 250)
    assert result.r_peaks.shape == (0,)
    assert result.beats == ()
    assert result.notes == ("ECG has the same value all along",)
    assert np.isnan(result.heart_rate.bpm).all()
    assert repr(result).startswith("Analysis of 2.0 s at 250 Hz, ECG\n  beats: 0\n")
