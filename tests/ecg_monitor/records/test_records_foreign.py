"""WFDB records as other databases write them: segments, units, gains, formats, other signals."""

from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.records import InvalidStretch, Recording, find_record, read_record
from ecg_monitor.records.finder import list_records
from ecg_monitor.records.formats.signals import why_not_ecg

N = 600
TRACE = (np.arange(N) * 37 % 400 - 200).astype(np.int64)


@pytest.fixture
def header(tmp_path):
    """Write a header of its own over a signal of one lead, format 16; returns the record."""

    def write(lines: str, name: str = "r") -> Path:
        for file in ("s.dat", "s.v2.dat"):
            (tmp_path / file).write_bytes(TRACE.astype("<i2").tobytes())
        (tmp_path / f"{name}.hea").write_text(lines)
        return tmp_path / name

    return write


@pytest.fixture
def segment(tmp_path):
    """Write a segment with leads of a gain each."""

    def write(name: str, columns: np.ndarray, **leads: float) -> None:
        count = len(leads)
        wfdb.wrsamp(
            name, fs=125, units=["mV"] * count, sig_name=list(leads), d_signal=columns,
            fmt=["16"] * count, adc_gain=list(leads.values()), baseline=[0] * count,
            write_dir=str(tmp_path),
        )  # fmt: skip

    return write


def millivolts(record: Recording) -> np.ndarray:
    gain, baseline = (np.array(v)[:, None] for v in (record.gain, record.baseline))
    return np.where(record.valid(), (record.samples - baseline) / gain, np.nan)


@pytest.mark.parametrize(
    ("field", "scale", "offset"),
    [
        ("200/mV 12 0", 1 / 200, 0),
        ("0.2/uV 12 0", 1 / 200, 0),
        ("0.2/microvolts 12 0", 1 / 200, 0),
        ("200000/V 12 0", 1 / 200, 0),
        ("306(50)/mV 16 0", 1 / 306, 50),
        ("100 12 1024", 1 / 100, 1024),
        ("-200/mV 12 0", -1 / 200, 0),
    ],
)
def test_gain_unit_and_baseline(header, field, scale, offset):
    record = read_record(header(f"r 1 250 {N}\ns.dat 16 {field} 0 0 0 ECG1\n"))
    assert record.gain[0] > 0
    assert millivolts(record)[0] == pytest.approx((TRACE - offset) * scale)
    assert record.notes == ()


@pytest.mark.parametrize("field", ["", " 0", " 0/mV 12 0 0 0 0 D1"])
def test_a_signal_without_gain_is_read_and_told(header, field):
    record = read_record(header(f"r 1 250 {N}\ns.dat 16{field}\n"))
    assert record.gain == (200.0,)
    assert record.notes[0].endswith(": no gain in the header, 200 units per mV assumed")


@pytest.mark.parametrize(
    "lines",
    [
        "r 1 250 0\ns.dat 16 200/mV 12 0 0 0 0 II\n",
        "r 1 250\ns.dat 16 200/mV 12 0 0 0 0 II\n",
        f"r 2 250 {N}\n~ 0 200/mV 12 0 0 0 0 V1\ns.dat 16 200/mV 12 0 0 0 0 II\n",
        f"r.v2 1 250 {N}\ns.v2.dat 16 200/mV 12 0 0 0 0 II\n",
    ],
    ids=["length 0", "no length", "null signal", "point in the name"],
)
def test_headers_that_leave_things_out(header, lines):
    record = read_record(header(lines))
    assert record.leads == ("II",)
    assert record.samples[0].tolist() == TRACE.tolist()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("r 28360 250 10\ns.dat 16 200\n", "promises 28360 signals, but has lines for 1"),
        ("r 2 250 10\n", "promises 2 signals, but has lines for 0"),
        ("r\n", "no number of signals"),
        ("r/9 1 250 10\n", "promises 9 segments"),
        ("r 1 250 10\n../s.dat 16 200\n", "invalid syntax in signal line"),
        ("r 1 250 99999999999999\ns.dat 16 200\n", "is truncated"),
        ("r 1 250 99999999999999\ns.dat 516 200\n", "is truncated"),
        ("r 1 250 0\ns.dat 516 200\n", "gives no length"),
        ("r 1 250 10\ns.dat 16x0 200\n", "samples per frame"),
        (f"r 1 250 {N}\ns.dat 16 1e-40/mV 12 0 0 0 0 II\n", "the gain must be"),
        ("r/2 1 250 99999999999\nq 600\n~ 99999999999\n", "gaps are too long"),
        ("r/1 1 250 600\nr 600\n", "itself made of segments"),
    ],
)
def test_wrong_headers_are_named(header, lines, says):
    header(f"q 1 250 {N}\ns.dat 16 200\n", "q")
    with pytest.raises(RecordError, match=says):
        read_record(header(lines))


def _packed(fmt: str) -> bytes:
    if fmt == "61":
        return TRACE.astype(">i2").tobytes()
    if fmt == "160":
        return (TRACE + 32768).astype("<u2").tobytes()
    if fmt == "8":
        return np.clip(np.diff(TRACE, prepend=TRACE[0]), -128, 127).astype("i1").tobytes()
    a, b, c = (TRACE & 0x3FF).reshape(-1, 3).T
    if fmt == "311":
        return (a | b << 10 | c << 20).astype("<u4").tobytes()
    words = np.stack([a << 1 | (c & 0x1F) << 11, b << 1 | c >> 5 << 11], axis=1)
    return words.astype("<u2").tobytes()


@pytest.mark.parametrize("fmt", ["8", "61", "160", "310", "311"])
def test_formats_that_wfdb_does_not_write(header, tmp_path, fmt):
    (tmp_path / "p.dat").write_bytes(_packed(fmt))
    record = read_record(header(f"r 1 250 {N}\np.dat {fmt} 200 10 0 {TRACE[0]} 0 0 MLII\n"))
    expected = TRACE
    if fmt == "8":  # differences that do not fit are cut off
        steps = np.clip(np.diff(TRACE, prepend=TRACE[0]), -128, 127)
        expected = TRACE[0] + np.cumsum(steps)
    assert record.samples[0].tolist() == expected.tolist()


def test_only_ecg_is_read_and_sets_the_rate(tmp_path):
    names = ["II", "ABP", "RESP", "sound"]
    wfdb.wrsamp(
        "r", fs=125, units=["mV", "mmHg", "mV", "mV"], sig_name=names,
        e_d_signal=[np.arange(20), np.arange(10), np.arange(10), np.arange(80)],
        fmt=["16"] * 4, adc_gain=[200.0] * 4, baseline=[0] * 4, samps_per_frame=[2, 1, 1, 8],
        write_dir=str(tmp_path),
    )  # fmt: skip
    record = read_record(tmp_path / "r")
    assert (record.leads, record.fs, record.n_samples) == (("II",), 250.0, 20)
    assert record.samples[0].tolist() == list(range(20))
    assert record.notes == (
        "ABP left out: mmHg is no voltage",
        "RESP left out: by its name no ECG",
        "sound left out: by its name no ECG",
    )


def test_a_record_without_ecg_is_refused_with_the_reasons(header):
    path = header(f"r 1 125 {N}\ns.dat 16 100/NU 12 0 0 0 0 PLETH\n")
    with pytest.raises(RecordError, match="holds no ECG: PLETH left out: NU is no voltage"):
        read_record(path)


@pytest.mark.parametrize(
    "name",
    ["ECG1", "ECG", "MLII", "D1", "V", "AVR", "ECG lead II", "CM5", "lead", "", "v4-v3", "X"],
)
def test_names_of_ecg_leads(name):
    assert why_not_ecg(name, "mV") == ""


@pytest.mark.parametrize(
    "name",
    ["ABP", "BP", "ART2", "CVP", "PLETH", "SpO2", "RESP", "Resp (sum)", "EEG (C4-A1)",
     "EOG (right)", "EMG", "CO2", "Airflow", "ABDO RES", "PPG"],
)  # fmt: skip
def test_names_of_other_signals(name):
    assert why_not_ecg(name, "mV")


def test_fixed_layout_with_a_gap(header, segment):
    both = np.stack([TRACE, -TRACE], axis=1)
    segment("a", both[:250], II=200.0, V1=100.0)
    segment("b", both[250:], II=200.0, V1=100.0)
    record = read_record(header("r/3 2 125 700\na 250\n~ 100\nb 350\n"))
    assert record.leads == ("II", "V1")
    assert record.n_samples == 700
    assert record.invalid == (InvalidStretch(0, 250, 350), InvalidStretch(1, 250, 350))
    assert record.samples[0, record.valid()[0]].tolist() == TRACE.tolist()
    assert record.gain == (200.0, 100.0)


def test_segments_with_other_leads_and_gains(header, segment):
    segment("layout", np.zeros((1, 2), np.int64), II=1.0, V1=1.0)
    segment("a", TRACE[:200, None], II=200.0)
    segment("b", np.stack([2 * TRACE[200:], TRACE[200:]], axis=1), II=400.0, V1=50.0)
    record = read_record(header(f"r/3 2 125 {N}\nlayout 0\na 200\nb 400\n"))
    assert record.invalid == (InvalidStretch(1, 0, 200),)
    volts = millivolts(record)
    assert volts[0] == pytest.approx(TRACE / 200)
    assert volts[1, 200:] == pytest.approx(TRACE[200:] / 50)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("r/2 1 125 500\na 250\nb 250\n", "names the segment b, but .*b.hea does not exist"),
        ("r/1 1 125 300\na 300\n", "a.hea: 250 samples, but r.hea says 300"),
        ("r/1 1 250 250\na 250\n", "a.hea: 125 Hz, but r.hea says 250 Hz"),
    ],
)
def test_segments_that_do_not_fit_are_named(header, segment, lines, says):
    segment("a", TRACE[:250, None], II=200.0)
    with pytest.raises(RecordError, match=says):
        read_record(header(lines))


def test_a_file_that_is_no_recording_is_told_from_one_that_is_missing(tmp_path):
    (tmp_path / "x.xyz").write_bytes(b"?")
    with pytest.raises(RecordError, match=r"x\.xyz: cannot be read; give the \.hea"):
        find_record(str(tmp_path / "x.xyz"), Settings())
    (tmp_path / "x.npz").write_bytes(b"PK")
    with pytest.raises(RecordError, match=r"x\.npz: holds arrays: give one to heartbeats"):
        find_record(str(tmp_path / "x.npz"), Settings())
    with pytest.raises(RecordError, match="no such recording"):
        find_record(str(tmp_path / "y.dcm"), Settings())


@pytest.mark.parametrize("name", ["Z.EDF", "Z.Edf", "Z.CSV", "Z.bdf"])
def test_an_ending_may_be_in_capitals(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    assert find_record(str(tmp_path / name), Settings())[0] == tmp_path / name
    assert find_record("Z", Settings(), data=str(tmp_path))[0] == tmp_path / name
    assert list_records(tmp_path) == ("Z",)


def test_tables_beside_wfdb_records_are_no_recordings(tmp_path):
    for name in ("a.hea", "REFERENCE.csv", "README.txt"):
        (tmp_path / name).write_text("x")
    assert list_records(tmp_path) == ("a",)


def test_a_part_of_a_wfdb_record_stands_for_it(tmp_path):
    for name in ("a.hea", "a.dat"):
        (tmp_path / name).write_text("x")
    assert find_record(str(tmp_path / "a.dat"), Settings())[0] == tmp_path / "a.hea"
