"""CSV and EDF recordings."""

import struct
import tracemalloc

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import InvalidStretch, read_record
from ecg_monitor.records.formats.edf.reader import read_edf


@pytest.fixture
def write(tmp_path):
    def writing(text, name="r.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return writing


def test_csv_with_time(write):
    rows = "".join(f"{i / 360:.3f},{i / 1000},{-i / 500}\n" for i in range(400))
    record = read_record(write("time,II,V1\n" + rows))
    assert (record.name, record.fs, record.leads) == ("r", 360.0, ("II", "V1"))
    assert record.gain == (1000.0, 1000.0)
    assert record.samples[:, 7].tolist() == [7, -14]


@pytest.mark.parametrize(
    "text",
    [
        "time;II;V1\n0,000;0,5;-1\n0,004;;-1,5\n",
        "time\tII\tV1\n0.000\t0.5\t-1\n0.004\t\t-1.5\n",
        "\ufefftime,II,V1\n0.000,0.5,-1\n0.004,,-1.5\n",
    ],
    ids=["semicolons and decimal commas", "tabs", "byte order mark"],
)
def test_csv_as_spreadsheets_write_it(write, text):
    record = read_record(write(text))
    assert (record.fs, record.leads) == (250.0, ("II", "V1"))
    assert record.invalid == (InvalidStretch(0, 1, 2),)
    assert record.samples[:, 0].tolist() == [500, -1000]
    assert record.samples[1, 1] == -1500


def test_csv_with_rate_units_and_holes(write):
    record = read_record(write("sample #,MLII\n'n','uV'\n0,500\n1,\n2,nan\n3,-1500\n"), fs=100)
    assert record.leads == ("MLII",)
    assert record.invalid == (InvalidStretch(0, 1, 3),)
    assert record.samples[0, [0, 3]].tolist() == [500 // 1, -1500]


def test_csv_columns_that_are_no_ecg_are_left_out(write):
    text = "time,MLII,ABP,RESP\n's','mV','mmHg','mV'\n0,0.5,80,1\n0.004,0.6,81,2\n"
    record = read_record(write(text))
    assert record.leads == ("MLII",)
    assert record.samples.tolist() == [[500, 600]]
    assert record.notes == (
        "ABP left out: mmHg is no voltage",
        "RESP left out: by its name no ECG",
    )
    with pytest.raises(RecordError, match="holds no ECG: PLETH left out"):
        read_record(write("time,PLETH\n0,1\n1,2\n"))


def test_csv_in_milliseconds(write):
    record = read_record(write("time_ms,I\n0,0\n4,1\n8,2\n"))
    assert record.fs == 250.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "header row"),
        ("1,2\n3,4\n", "must name the leads"),
        ("II\n0.1\n", "no time column"),
        ("time\n0\n1\n", "no column besides time"),
        ("time,II\n0,1\n0.1\n" + "0.2,1\n" * 9, "row 3 has 1 cells for 2 columns"),
        ("time,II\n0,x\n0.1,2\n", "row 2, column II: 'x' is not a number"),
        ("time,II\n" + "".join(f"{i * i},1\n" for i in range(60)), "not evenly spaced"),
        ("time,II\n1,1\n0,2\n", "go up"),
    ],
)
def test_wrong_csv_is_named(write, text, says):
    with pytest.raises(RecordError, match=says):
        read_record(write(text))


def test_missing_csv(tmp_path):
    with pytest.raises(RecordError, match="no such recording"):
        read_record(tmp_path / "x.csv")


def test_rate_is_for_csv_only(tmp_path):
    with pytest.raises(RecordError, match="CSV only"):
        read_record(tmp_path / "x.edf", fs=100)


def _edf(signals, *, records=3, seconds="1", kind=""):
    """Bytes of an EDF file. ``signals``: (label, unit, physical range, samples per record)."""
    count = len(signals)
    head = "0".ljust(8) + "X".ljust(80) + "X".ljust(80) + "01.01.2600.00.00"
    head += str(256 * (count + 1)).ljust(8) + kind.ljust(44)
    head += str(records).ljust(8) + seconds.ljust(8) + str(count).ljust(4)
    columns = [
        [label.ljust(16) for label, *_ in signals],
        [" " * 80] * count,
        [unit.ljust(8) for _, unit, *_ in signals],
        [str(low).ljust(8) for _, _, (low, _), _ in signals],
        [str(high).ljust(8) for _, _, (_, high), _ in signals],
        ["-32768".ljust(8)] * count,
        ["32767".ljust(8)] * count,
        [" " * 80] * count,
        [str(n).ljust(8) for *_, n in signals],
        [" " * 32] * count,
    ]
    head += "".join(cell for column in columns for cell in column)
    body = b""
    for record in range(records):
        for index, (*_, n) in enumerate(signals):
            body += struct.pack(
                f"<{n}h", *((100 * index + record * n + i) % 32768 for i in range(n))
            )
    return head.encode() + body


@pytest.fixture
def edf(tmp_path):
    def writing(content):
        path = tmp_path / "r.edf"
        path.write_bytes(content)
        return path

    return writing


def test_edf(edf):
    signals = [
        ("EEG Fpz", "uV", (-100, 100), 4),
        ("ECG II", "mV", (-10, 10), 200),
        ("EKG V1", "uV", (-5000, 5000), 100),
        ("EDF Annotations", "", (-1, 1), 10),
    ]
    record = read_record(edf(_edf(signals, kind="EDF+C")))
    assert (record.fs, record.leads) == (200.0, ("II", "V1"))
    assert record.samples[0].tolist() == list(range(100, 700))
    slow = record.samples[1]
    assert slow[::2][20:-20] == pytest.approx(np.arange(220, 480), abs=1)
    assert slow[1::2][20:-20] == pytest.approx(np.arange(220, 480) + 0.5, abs=1)
    assert record.notes[-1] == "EKG V1 resampled to 200 Hz"
    volts = (record.samples[:, 0] - np.array(record.baseline)) / np.array(record.gain)
    expected = [-10 + (100 + 32768) * 20 / 65535, (-5000 + (200 + 32768) * 10000 / 65535) / 1000]
    assert volts == pytest.approx(expected)


@pytest.mark.parametrize(
    ("promised", "cut", "note"),
    [
        ("-1", 0, "the recording was not finished: 3 data records"),
        ("-1", 5, "the recording was not finished: 2 data records"),
        ("3", 5, "the file holds 2 data records where its header says 3"),
        ("9999", 0, "the file holds 3 data records where its header says 9999"),
    ],
)
def test_edf_is_read_as_far_as_it_goes(edf, promised, cut, note):
    content = _edf([("ECG", "mV", (-1, 1), 10)])
    content = content[:236] + promised.ljust(8).encode() + content[244:]
    record = read_edf(edf(content[: len(content) - cut]))
    assert record.samples[0].tolist() == list(range(20 if cut else 30))
    assert record.notes == (note,)


def test_edf_with_a_blank_channel(edf):
    signals = [("ECG", "mV", (-1, 1), 10), ("-", "uV", (0, 0), 10), ("V1", "uV", ("?", 0), 10)]
    record = read_edf(edf(_edf(signals)))
    assert record.leads == ("ECG",)
    assert record.notes == (
        "- left out: it has an empty range",
        "V1 left out: its range is no number",
    )


@pytest.mark.parametrize(
    ("signals", "leads"),
    [
        (["POL Fp1", "POL C3", "POL EKG1"], ("POL_EKG1",)),
        (["Fp1-Ref", "X ECG"], ("X_ECG",)),
        (["EKG", "EKG_Off"], ("EKG",)),
        (["V1", "Fp1"], ("V1", "Fp1")),
    ],
)
def test_edf_finds_the_ecg_among_voltages(edf, signals, leads):
    record = read_edf(edf(_edf([(name, "uV", (-900, 900), 10) for name in signals])))
    assert record.leads == leads
    assert len(record.notes) == len(signals) - len(leads)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ECG             ", b"ECG" + bytes(13)),
        (b"mV      ", b"mV" + bytes(6)),
        (b"-1      ", b"-1,0    "),
        (b"-32768  32767   ", b"-32768.032767.0 "),
        (b"3       1       ", b"3       1,0     "),
    ],
    ids=["NUL in the label", "NUL in the unit", "comma", "digital range with points", "duration"],
)
def test_edf_with_a_sloppy_header(edf, old, new):
    good = _edf([("ECG", "mV", (-1, 1), 10)])
    assert old in good
    plain = read_edf(edf(good))
    sloppy = read_edf(edf(good.replace(old, new)))
    assert sloppy.notes == ("the header is not as EDF asks for: read as it is meant",)
    assert plain.notes == ()
    assert (sloppy.fs, sloppy.leads, sloppy.gain) == (plain.fs, plain.leads, plain.gain)
    np.testing.assert_array_equal(sloppy.samples, plain.samples)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_edf_with_a_micro_sign(edf, encoding):
    content = _edf([("ECG", "uV", (-500, 500), 10)])
    unit = "µV".encode(encoding).ljust(8)
    record = read_edf(edf(content.replace(b"uV      ", unit)))
    assert record.gain == pytest.approx((65535,))


def test_a_long_edf_costs_the_memory_of_its_ecg(edf):
    others = [(f"EEG {i}", "uV", (-1, 1), 400) for i in range(20)]
    path = edf(_edf([("ECG", "mV", (-1, 1), 200), *others], records=100))
    tracemalloc.start()
    record = read_edf(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert record.n_samples == 20_000
    assert path.stat().st_size > 1_600_000
    assert peak < 600_000


def test_edf_of_reversed_polarity(edf):
    record = read_record(edf(_edf([("ECG", "mV", (1, -1), 10)])))
    volts = (record.samples[0] - record.baseline[0]) / record.gain[0]
    assert record.gain[0] > 0
    assert volts == pytest.approx(1 - (np.arange(30) + 32768) * 2 / 65535, abs=1e-4)


def test_edf_takes_no_other_voltage_for_an_ecg(edf):
    signals = [("EEG Fpz", "uV", (-9, 9), 4), ("EOG", "uV", (9, 9), 4), ("II", "mV", (-1, 1), 5)]
    record = read_record(edf(_edf([*signals, ("Temp", "", (30, 40), 1)])))
    assert record.leads == ("II",)
    assert record.notes[:3] == (
        "EEG Fpz left out: by its name no ECG",
        "EOG left out: by its name no ECG",
        "Temp left out: it has no unit",
    )


def test_edf_rate_need_not_be_whole(edf):
    assert read_record(edf(_edf([("ECG", "mV", (-1, 1), 77)], seconds="0.3"))).fs == 77 / 0.3


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"nonsense", "is not an EDF or BDF file"),
        (_edf([("ECG", "mV", (-1, 1), 10)])[:511], "header size 512 does not fit"),
        (_edf([("ECG", "mV", (-1, 1), 10)])[:512], "truncated"),
        (_edf([("ECG", "mV", (-1, 1), 10)])[:520], "no whole data record"),
        (_edf([("ECG", "mV", (-1, 1), 0)]) + b"..", "no whole data record"),
        (_edf([("ECG", "mV", (-1, 1), 10)], seconds="0"), "must be a number greater than 0"),
        (
            _edf([("ECG", "mV", (-1, 1), 10), ("V1", "uV", (-1, 1), 7)]).replace(
                b"7    ", b"-7   "
            ),
            "signal V1 has -7 samples",
        ),
        (_edf([("ECG", "mV", ("low", 1), 10)]), "its range is no number"),
        (_edf([("ECG", "mV", (-1, 1), 10)], kind="EDF+D"), "has no annotations with the times"),
        (_edf([("ECG", "mV", (1, 1), 10)]), "empty range"),
        (_edf([("Resp", "l/s", (-1, 1), 10)]), "Resp left out: l/s is no voltage"),
        (_edf([("EEG Fpz", "uV", (-1, 1), 10)]), "EEG Fpz left out: by its name no ECG"),
        (_edf([("ECG", "mV", (-1, 1), 10)], seconds="zero"), "must be a number"),
    ],
)
def test_wrong_edf_is_named(edf, content, says):
    with pytest.raises(RecordError, match=says):
        read_record(edf(content))
