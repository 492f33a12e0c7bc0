"""EDF and BDF: what other writers write, gaps, resampling, and headers that lie."""

import struct

import edfio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import InvalidStretch, read_record
from ecg_monitor.records.formats.resampling import resampled

RNG = np.random.default_rng(1)
TRACE = np.cumsum(RNG.normal(0, 0.02, 2000)).clip(-4, 4)
"""Eight seconds at 250 Hz, mV."""


def millivolts(record, lead=0):
    return (record.samples[lead] - record.baseline[lead]) / record.gain[lead]


def test_bdf_of_another_writer(tmp_path):
    signals = [
        edfio.BdfSignal(TRACE * 1000, 250, label="ECG II", physical_dimension="uV",
                        physical_range=(-262144, 262143)),
        edfio.BdfSignal(TRACE, 250, label="Fp1", physical_dimension="uV",
                        physical_range=(-262144, 262143)),
    ]  # fmt: skip
    edfio.Bdf(signals).write(tmp_path / "r.bdf")
    record = read_record(tmp_path / "r.bdf")
    assert (record.leads, record.fs, record.n_samples) == (("II",), 250.0, 2000)
    assert millivolts(record) == pytest.approx(TRACE, abs=0.001)
    assert record.notes == ("Fp1 left out: others are labelled ECG",)


def test_edf_of_another_writer(tmp_path):
    signals = [edfio.EdfSignal(TRACE, 250, label="ECG", physical_dimension="mV",
                               physical_range=(-5, 5))]  # fmt: skip
    notes = [edfio.EdfAnnotation(0.5, None, "begin")]
    edfio.Edf(signals, annotations=notes).write(tmp_path / "r.edf")
    record = read_record(tmp_path / "r.edf")
    assert millivolts(record) == pytest.approx(TRACE, abs=2e-4)
    assert record.notes == ()


def interrupted(starts, kind="EDF+D", per_record=50):
    """Data records of one second at 50 Hz that begin when they say."""
    marks = 32
    head = b"0".ljust(8) + b"X".ljust(160) + b"01.01.2600.00.00" + b"768".ljust(8)
    head += kind.encode().ljust(44) + str(len(starts)).encode().ljust(8) + b"1".ljust(8)
    head += b"2".ljust(4)
    for first, second, width in (
        ("ECG", "EDF Annotations", 16), ("", "", 80), ("mV", "", 8), ("-5", "-1", 8),
        ("5", "1", 8), ("-32768", "-32768", 8), ("32767", "32767", 8), ("", "", 80),
        (per_record, marks // 2, 8), ("", "", 32),
    ):  # fmt: skip
        head += str(first).encode().ljust(width) + str(second).encode().ljust(width)
    body = b""
    for i, start in enumerate(starts):
        values = range(i * per_record, (i + 1) * per_record)
        body += struct.pack(f"<{per_record}h", *values)
        body += f"+{start:g}\x14\x14\0".encode().ljust(marks, b"\0")
    return head + body


def test_gaps_between_data_records_have_no_values(tmp_path):
    path = tmp_path / "r.edf"
    path.write_bytes(interrupted([0, 1, 4.5, 5.5]))
    record = read_record(path)
    assert record.n_samples == 4 * 50 + 125
    assert record.invalid == (InvalidStretch(0, 100, 225),)
    assert record.samples[0, record.valid()[0]].tolist() == list(range(200))
    assert record.notes[0] == "2.5 s missing in 1 gap: left without a value"


@pytest.mark.parametrize(
    ("starts", "says"),
    [
        ([0, 1, 1.5], "began before the one ahead of it had ended"),
        ([0, 1, 1e9], "too long for what it holds"),
        ([0, float("nan")], "does not say when it began"),
    ],
)
def test_times_of_data_records_that_cannot_be(tmp_path, starts, says):
    path = tmp_path / "r.edf"
    path.write_bytes(interrupted(starts))
    with pytest.raises(RecordError, match=says):
        read_record(path)


@pytest.mark.parametrize(("slow", "fast"), [(128, 360), (125, 250), (100, 256), (200, 500)])
def test_a_slower_lead_keeps_its_shape(slow, fast):
    seconds = 40
    wave = [
        8000 * np.exp(-((((np.arange(seconds * fs) / fs) % 0.8 - 0.4) / 0.02) ** 2))
        for fs in (slow, fast)
    ]
    made = resampled(np.rint(wave[0]).astype(np.int16), fast, slow)
    assert made.size == seconds * fast
    assert np.abs(made[fast:-fast] - wave[1][fast:-fast]).max() < 160  # 2 % of the peak


def test_blocks_of_resampling_join_without_a_seam(monkeypatch):
    samples = RNG.integers(-3000, 3000, 3000).astype(np.int16)
    whole = resampled(samples, 360, 128)
    monkeypatch.setattr("ecg_monitor.records.formats.resampling._BLOCK", 320)
    assert np.abs(resampled(samples, 360, 128) - whole).max() <= 1


HEADER = interrupted([0, 1, 2])[:768]
BODY = interrupted([0, 1, 2])[768:]


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.tuples(st.integers(0, 767), st.binary(min_size=1, max_size=8)), min_size=1, max_size=3
    ),
    st.integers(0, len(BODY)),
)
def test_any_header_is_read_or_refused(tmp_path_factory, changes, length):
    content = bytearray(HEADER)
    for at, what in changes:
        content[at : at + len(what)] = what
    path = tmp_path_factory.mktemp("edf") / "r.edf"
    path.write_bytes(bytes(content) + BODY[:length])
    try:
        record = read_record(path)
    except RecordError as error:
        assert str(error).startswith(str(path)) or str(error).startswith("r:")
    else:
        assert record.samples.nbytes < 20 * path.stat().st_size + 10_000


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_any_number_in_a_header_is_read_or_refused(tmp_path_factory, data):
    content = bytearray(HEADER)
    for at in data.draw(st.sets(st.sampled_from([184, 236, 244, 252, 488, 504, 520, 536, 712]))):
        words = ["-1", "0", "1e9", "99999999", "1e-40", "nan", "inf", "-1e300", "7.5", "65536", ""]
        content[at : at + 8] = data.draw(st.sampled_from(words)).encode().ljust(8)
    path = tmp_path_factory.mktemp("edf") / "r.edf"
    path.write_bytes(bytes(content) + BODY)
    try:
        record = read_record(path)
    except RecordError:
        return
    assert all(gain > 0 for gain in record.gain)
    assert np.isfinite(record.baseline).all()
