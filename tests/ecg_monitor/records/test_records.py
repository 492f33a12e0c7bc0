import shutil
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.records import (
    AAMI_LABELS,
    BeatMark,
    InvalidStretch,
    RhythmMark,
    find_database,
    find_record,
    read_record,
)
from ecg_monitor.records.recording import INVALID_SAMPLE, lead_names, stretches, to_int16
from tests.support.places import shared


@pytest.fixture(scope="session")
def data() -> Path:
    return shared("data")


def _write_wfdb(folder: Path, name: str = "r", fmt: str = "16", fs: float = 250.0, n: int = 500):
    rows = np.stack([np.arange(n) % 100, -(np.arange(n) % 50)], axis=1)
    wfdb.wrsamp(
        name, fs=fs, units=["mV", "mV"], sig_name=["II", "V1"], d_signal=rows,
        fmt=[fmt, fmt], adc_gain=[200.0, 100.0], baseline=[0, 5], write_dir=str(folder),
    )  # fmt: skip
    return rows


def test_mitdb(data):
    record = read_record(data / "mitdb" / "100")
    assert (record.name, record.fs, record.leads) == ("100", 360.0, ("MLII", "V5"))
    assert record.samples.shape == (2, 650_000)
    assert record.samples.dtype == np.int16
    assert record.samples[:, 0].tolist() == [995, 1011]
    assert (record.gain, record.baseline) == ((200.0, 200.0), (1024.0, 1024.0))
    assert len(record.beats) == 2273
    assert record.beats[0] == BeatMark(77, "N")
    assert record.rhythms == (RhythmMark(18, "(N"),)
    assert record.invalid == ()
    assert record.duration_s == pytest.approx(1805.56, abs=0.01)


def test_all_beats_of_mitdb_are_known(data):
    # The published total, see the data set's README.
    total = 0
    for header in (data / "mitdb").glob("*.hea"):
        marks = wfdb.rdann(str(header.with_suffix("")), "atr")
        total += sum(symbol in AAMI_LABELS for symbol in marks.symbol)
    assert total == 109_494


@pytest.mark.parametrize(
    ("path", "fs", "leads"),
    [("ludb/data/1", 500.0, 12), ("cpsc2018/A0001", 500.0, 12), ("cinc2017/A00002", 300.0, 1)],
)
def test_other_databases(data, path, fs, leads):
    record = read_record(data / path)
    assert (record.fs, len(record.leads)) == (fs, leads)
    physical = wfdb.rdrecord(str(data / path)).p_signal.T
    own = (record.samples - np.array(record.baseline)[:, None]) / np.array(record.gain)[:, None]
    assert np.allclose(own, physical)
    if leads == 12:
        assert record.leads[:6] == ("I", "II", "III", "aVR", "aVL", "aVF")


def test_vfdb_has_rhythms_but_no_beats_and_unique_leads(data):
    record = read_record(data / "vfdb" / "418")
    assert record.leads == ("ECG", "ECG-2")
    assert record.beats == ()
    assert record.rhythm_at(99_624) == "(VFL"


@pytest.mark.parametrize("fmt", ["16", "212", "24", "32", "80"])
def test_formats(tmp_path, fmt):
    rows = _write_wfdb(tmp_path, fmt=fmt)
    record = read_record(tmp_path / "r")
    assert np.array_equal(record.samples, rows.T)


def test_fractional_rate(tmp_path):
    _write_wfdb(tmp_path, fs=128.5)
    assert read_record(tmp_path / "r.hea").fs == 128.5


def test_invalid_samples_are_marked_not_invented(tmp_path):
    rows = np.array([[1, 2], [-32768, 3], [-32768, 4], [5, -32768]])
    wfdb.wrsamp(
        "r", fs=250, units=["mV"] * 2, sig_name=["II", "V1"], d_signal=rows, fmt=["16"] * 2,
        adc_gain=[200.0] * 2, baseline=[0, 0], write_dir=str(tmp_path),
    )  # fmt: skip
    record = read_record(tmp_path / "r")
    assert record.invalid == (InvalidStretch(0, 1, 3), InvalidStretch(1, 3, 4))
    assert record.samples[0].tolist() == [1, INVALID_SAMPLE, INVALID_SAMPLE, 5]
    assert record.valid(1, 4).tolist() == [[False, False, True], [True, True, False]]


def test_several_rates_meet_at_the_highest(tmp_path):
    slow, fast = np.arange(10) * 3, np.arange(40)
    wfdb.wrsamp(
        "r", fs=100, units=["mV", "mV"], sig_name=["II", "V1"], e_d_signal=[slow, fast],
        fmt=["16", "16"], adc_gain=[200.0] * 2, baseline=[0, 0], samps_per_frame=[1, 4],
        write_dir=str(tmp_path),
    )  # fmt: skip
    wfdb.wrann("r", "atr", np.array([5]), symbol=["V"], fs=100, write_dir=str(tmp_path))
    record = read_record(tmp_path / "r")
    assert record.fs == 400.0
    assert record.samples.tolist() == [np.repeat(slow, 4).tolist(), fast.tolist()]
    assert record.beats == (BeatMark(20, "V"),)


def test_wide_samples_are_scaled_to_int16(tmp_path):
    rows = np.array([[0, 100_000], [8_000_000, 100_001], [-8_000_000, 100_002]])
    wfdb.wrsamp(
        "r", fs=250, units=["mV"] * 2, sig_name=["II", "V1"], d_signal=rows, fmt=["24"] * 2,
        adc_gain=[1e6, 1e6], baseline=[0, 0], write_dir=str(tmp_path),
    )  # fmt: skip
    record = read_record(tmp_path / "r")
    own = (record.samples - np.array(record.baseline)[:, None]) / np.array(record.gain)[:, None]
    assert np.allclose(own, rows.T / 1e6, atol=8.0 / 32_000)
    assert np.allclose(own[1], rows[:, 1] / 1e6, atol=1e-9)  # a shift was enough: exact


def test_signals_that_are_no_voltage_are_left_out(tmp_path):
    wfdb.wrsamp(
        "r", fs=250, units=["mmHg", "uV"], sig_name=["ABP", "II"],
        d_signal=np.arange(20).reshape(10, 2), fmt=["16"] * 2, adc_gain=[1.0, 2.0],
        baseline=[0, 0], write_dir=str(tmp_path),
    )  # fmt: skip
    record = read_record(tmp_path / "r")
    assert record.leads == ("II",)
    assert record.gain == (2000.0,)


@pytest.mark.parametrize("size", [0, 1000, -1])
def test_truncated_signal(data, tmp_path, size):
    shutil.copy(data / "mitdb" / "100.hea", tmp_path)
    content = (data / "mitdb" / "100.dat").read_bytes()
    (tmp_path / "100.dat").write_bytes(content[:size])
    with pytest.raises(RecordError, match=r"100\.dat: is truncated: .* asks for 1950000"):
        read_record(tmp_path / "100")


def test_wrong_checksum_is_told(tmp_path, caplog):
    _write_wfdb(tmp_path)
    content = bytearray((tmp_path / "r.dat").read_bytes())
    content[8] ^= 1
    (tmp_path / "r.dat").write_bytes(content)
    read_record(tmp_path / "r")
    assert "checksum of signal II" in caplog.text


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(RecordError, match="no such recording"):
        read_record(tmp_path / "nope")
    (tmp_path / "h.hea").write_text("this is no header\n")
    with pytest.raises(RecordError, match="h"):
        read_record(tmp_path / "h")
    _write_wfdb(tmp_path)
    (tmp_path / "r.dat").unlink()
    with pytest.raises(RecordError, match=r"r\.dat does not exist"):
        read_record(tmp_path / "r")


def test_lookup_by_time(data):
    record = read_record(data / "mitdb" / "100")
    assert record.beats_between(77, 370) == (BeatMark(77, "N"),)
    assert len(record.beats_between(77, 371)) == 2
    assert record.rhythm_at(17) == ""
    assert record.rhythm_at(18) == "(N"


def test_lead_names():
    assert lead_names(["avr", "ECG lead 1", "ECG", "ECG", "", " "]) == (
        "aVR", "ECG_lead_1", "ECG", "ECG-2", "lead", "lead-2",
    )  # fmt: skip


@given(st.lists(st.text(max_size=20), max_size=16))
def test_lead_names_are_legal_and_unique(names):
    import re

    made = lead_names(names)
    assert len(set(made)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_+-]{1,16}", name) for name in made)


@given(
    st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=50), st.integers(-1000, 1000)
)
def test_to_int16_keeps_the_voltage(values, baseline):
    column = np.array(values)
    valid = np.ones(len(values), bool)
    samples, gain, base = to_int16(column, valid, 200.0, float(baseline))
    before, after = (column - baseline) / 200.0, (samples - base) / gain
    step = 1 / gain if np.ptp(column) > 65_000 else 1e-9
    assert np.abs(before - after).max() <= step
    assert (samples != INVALID_SAMPLE).all()


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_stretches_are_the_mask(row):
    mask = np.ones(len(row), bool)
    for lead, start, end in stretches(np.array([row])):
        assert lead == 0
        assert mask[start:end].all()
        mask[start:end] = False
    assert mask.tolist() == row


def test_named_folder_must_have_the_records(tmp_path):
    _write_wfdb(tmp_path)
    found = find_database(Settings(), ["r"], data=str(tmp_path))
    assert found.path("r") == tmp_path / "r.hea"
    assert "--data" in found.reason
    with pytest.raises(RecordError, match=r"ECG_DATA: .* has no recording 999"):
        find_database(Settings(data=str(tmp_path)), ["999"])
    with pytest.raises(RecordError, match="is not a folder"):
        find_database(Settings(), [], data=str(tmp_path / "nope"))


def test_cache_comes_before_development_data(tmp_path):
    settings = Settings(cache=str(tmp_path / "cache"))
    for place in ("cache", "shared"):
        (tmp_path / place / "mitdb").mkdir(parents=True)
    _write_wfdb(tmp_path / "shared" / "mitdb")
    where = {"shared": tmp_path / "shared", "download": False}
    assert "development data" in find_database(settings, ["r"], **where).reason
    _write_wfdb(tmp_path / "cache" / "mitdb")
    assert "user cache" in find_database(settings, ["r"], **where).reason
    nowhere = find_database(settings, ["other"], **where)
    assert nowhere.folder is None
    assert "lacks other" in nowhere.reason


def test_without_network_it_says_so_at_once(tmp_path):
    found = find_database(
        Settings(cache=str(tmp_path)), ["100"], shared=tmp_path, base_url="http://127.0.0.1:9"
    )
    assert found.folder is None
    assert "cannot reach 127.0.0.1" in found.reason


def test_find_record_by_path_and_name(tmp_path):
    _write_wfdb(tmp_path)
    assert find_record(str(tmp_path / "r"), Settings())[0] == tmp_path / "r.hea"
    assert find_record("r", Settings(), data=str(tmp_path))[0] == tmp_path / "r.hea"
    with pytest.raises(RecordError, match="no such recording"):
        find_record(str(tmp_path / "x"), Settings())
