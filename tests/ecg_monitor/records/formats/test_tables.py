"""Tables of text as devices, telephones and spreadsheets write them: each is the same ECG."""

import itertools
import tracemalloc

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.records import InvalidStretch, find_record, read_record
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import load_scenario

SECONDS = 20


@pytest.fixture(scope="module")
def ecg():
    """An ECG in mV at a rate, shape (n,)."""
    patient = SyntheticPatient(load_scenario("sinus"), seed=1)
    block = patient.read(round(SECONDS * patient.fs))
    gain = patient.gain if isinstance(patient.gain, float) else patient.gain[0]
    trace = block.samples[0] / gain

    def at(fs):
        n = round(SECONDS * fs)
        return np.interp(np.arange(n) / fs, np.arange(trace.size) / patient.fs, trace)

    return at


@pytest.fixture
def write(tmp_path):
    def writing(head, rows, encoding="utf-8", name="r.csv"):
        path = tmp_path / name
        path.write_bytes("\n".join([*head, *rows, ""]).encode(encoding))
        return path

    return writing


def is_ecg(record, ecg, *, step_mv=0.002):
    """Whether the first lead is the ECG, where it has values."""
    valid = record.valid()[0]
    volts = (record.samples[0] - record.baseline[0]) / record.gain[0]
    return np.abs(volts[valid] - ecg(record.fs)[: valid.sum()]).max() < step_mv


APPLE = [
    "Name,X", "Date of Birth,", "Recorded Date,2020-01-01 10:00:00 +0000",
    "Classification,Sinus Rhythm", "Symptoms,", "Software Version,1.90", 'Device,"Watch5,4"',
    "Sample Rate,512 hertz", "", "", "Lead,Lead I", "Unit,µV", "",
]  # fmt: skip
APPLE_DE = ["Name;X", "Abtastrate;512 Hertz", "", "Ableitung;Ableitung I", "Einheit;µV", ""]


def comma(text):
    return text.replace(".", ",")


EXPORTS = {
    "PhysioBank ATM": (
        360, ["'Elapsed time','MLII'", "'hh:mm:ss.mmm','mV'"],
        lambda i, t, v: f"'{int(t // 60)}:{t % 60:06.3f}',{v:.3f}", "utf-8",
    ),
    "rdsamp -c -v": (
        360, ["'Elapsed time','MLII'", "'seconds','(mV)'"], lambda i, t, v: f"{t:.3f},{v:.3f}",
        "utf-8",
    ),
    "Apple Watch": (512, APPLE, lambda i, t, v: f"{1000 * v:.3f}", "utf-8"),
    "Apple Watch, decimal comma": (
        512, APPLE, lambda i, t, v: comma(f"{1000 * v:.3f}"), "utf-8",
    ),
    "Apple Watch in German": (512, APPLE_DE, lambda i, t, v: comma(f"{1000 * v:.3f}"), "utf-8"),
    "Polar Sensor Logger": (
        130, ["Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]"],
        lambda i, t, v: f"2021-06-20T12:14:{t:06.3f};{6e17 + t * 1e9:.0f};"
        f"{t * 1000:.6f};{1000 * v:.0f}",
        "utf-8",
    ),
    "ISO times": (
        360, ["time,ECG"], lambda i, t, v: f"2026-01-01T00:00:{t:06.3f}Z,{v:.3f}", "utf-8",
    ),
    "past midnight": (
        250, ["time,ECG"],
        lambda i, t, v: f"{'23:59' if t < 10 else '00:00'}:{(t + 50) % 60:06.3f},{v:.3f}", "utf-8",
    ),
    "comments first": (
        360, ["# device x", "# fs 360", "time,ECG"], lambda i, t, v: f"{t:.4f},{v:.3f}", "utf-8",
    ),
    "rate in a comment alone": (360, ["# fs 360", "ECG"], lambda i, t, v: f"{v:.3f}", "utf-8"),
    "names in a comment": (360, ["# time,ECG"], lambda i, t, v: f"{t:.4f},{v:.3f}", "utf-8"),
    "sep= line": (
        360, ["sep=;", "time;ECG"], lambda i, t, v: comma(f"{t:.4f};{v:.3f}"), "utf-8",
    ),
    "Windows-1252": (
        360, ["time;EKG µV"], lambda i, t, v: comma(f"{t:.4f};{1000 * v:.1f}"), "cp1252",
    ),
    "UTF-16": (360, ["time,ECG"], lambda i, t, v: f"{t:.4f},{v:.3f}", "utf-16"),
    "byte order mark": (360, ["time,ECG"], lambda i, t, v: f"{t:.4f},{v:.3f}", "utf-8-sig"),
    "quoted decimal commas": (
        360, ['"time","ECG"'], lambda i, t, v: comma(f'"{t:.4f}"@"{v:.3f}"').replace("@", ","),
        "utf-8",
    ),
    "trailing separator": (360, ["time,ECG"], lambda i, t, v: f"{t:.4f},{v:.3f},", "utf-8"),
    "white space": (360, ["time ECG"], lambda i, t, v: f"{t:9.4f}  {v:8.3f}", "utf-8"),
    "time [s]": (360, ["time [s],ECG (V)"], lambda i, t, v: f"{t:.4f},{v / 1000:.6f}", "utf-8"),
    "ms called time": (360, ["time,ECG"], lambda i, t, v: f"{1000 * t:.2f},{v:.3f}", "utf-8"),
    "a typographer's minus": (
        360, ["time,ECG"], lambda i, t, v: f"{t:.4f},{v:.3f}".replace("-", "\u2212"), "utf-8",
    ),
    "a day beside the time": (
        250, ["Date;Time;ECG"],
        lambda i, t, v: "31.12.2025;" + comma(f"23:59:{t + 30:06.3f};{v:.3f}"), "utf-8",
    ),
    "whole seconds": (250, ["time,ECG"], lambda i, t, v: f"{int(t)},{v:.3f}", "utf-8"),
    "packets of one stamp": (
        250, ["time,ECG"], lambda i, t, v: f"{i // 50 * 0.2:.1f},{v:.3f}", "utf-8",
    ),
    "Unix time": (
        360, ["timestamp,ECG"], lambda i, t, v: f"{1767225600 + t:.4f},{v:.3f}", "utf-8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_of_the_field(write, ecg, name):
    fs, head, row, encoding = EXPORTS[name]
    rows = [row(i, i / fs, v) for i, v in enumerate(ecg(fs))]
    record = read_record(write(head, rows, encoding))
    assert record.fs == fs
    assert record.n_samples == SECONDS * fs
    assert record.invalid == ()
    assert is_ecg(record, ecg)


def test_stamps_that_shake(write, ecg):
    shake = np.random.default_rng(3).normal(0, 0.002, SECONDS * 360)
    rows = [f"{i / 360 + shake[i]:.4f},{v:.3f}" for i, v in enumerate(ecg(360))]
    record = read_record(write(["time,ECG"], rows))
    assert record.fs == pytest.approx(360, rel=1e-3)
    assert record.invalid == ()


def test_a_gap_in_the_times_has_no_values(write, ecg):
    rows = [f"{i / 360 + 7 * (i >= 3600):.4f},{v:.3f}" for i, v in enumerate(ecg(360))]
    record = read_record(write(["time,ECG"], rows))
    assert record.invalid == (InvalidStretch(0, 3600, 3600 + 7 * 360),)
    assert "7 s missing in 1 gap of time: left without a value" in record.notes
    assert is_ecg(record, ecg)


@pytest.mark.parametrize("lost", [1, 2, 30])
def test_lost_samples_are_found(write, ecg, lost):
    rows = [f"{(i + lost * (i >= 500)) / 250:.3f},{v:.3f}" for i, v in enumerate(ecg(250))]
    record = read_record(write(["time,ECG"], rows))
    assert record.invalid == (InvalidStretch(0, 500, 500 + lost),)


def test_sample_numbers_tell_of_gaps(write, ecg):
    rows = [f"{i + 400 * (i >= 900)},{v:.3f}" for i, v in enumerate(ecg(250))]
    record = read_record(write(["sample,ECG"], rows), fs=250)
    assert record.invalid == (InvalidStretch(0, 900, 1300),)


@pytest.mark.parametrize(
    "word", ["NA", "n/a", "", "null", "-", "\u2013", "\u2014", "...", "NaN", "?"]
)
def test_words_for_a_missing_value(write, ecg, word):
    rows = [
        f"{i / 250:.3f},{word if 500 <= i < 520 else f'{v:.3f}'}" for i, v in enumerate(ecg(250))
    ]
    record = read_record(write(["time,ECG"], rows))
    assert record.invalid == (InvalidStretch(0, 500, 520),)


@pytest.mark.parametrize("footer", [["# end"], ["0.1"], ["Total", "", "5000"]])
def test_a_footer_is_left_out(write, ecg, footer):
    rows = [f"{i / 250:.3f},{v:.3f}" for i, v in enumerate(ecg(250))]
    assert read_record(write(["time,ECG"], rows + footer)).n_samples == len(rows)


OTHERS = {
    "time,ecg,accX,accY,accZ": lambda i: f"{np.sin(i / 20):.3f},{np.cos(i / 20):.3f},1.0",
    "time,ecg,unix_time": lambda i: f"{1767225600 + i / 250:.4f}",
    "time,ecg,packet_counter,quality": lambda i: f"{i // 73 % 256},1",
    "time,ecg,PPGgreen": lambda i: f"{20000 + 300 * np.sin(i / 40):.0f}",
    "time,ecg,label,RR": lambda i: "N,800",
    "time,ecg,lead_off": lambda i: "0",
    "time,ecg,Temperature (°C)": lambda i: "36.5",
    "time,ecg,x,y": lambda i: f"{i % 7},{i % 5}",
    "time,ecg,": lambda i: f"{i}",
}


@pytest.mark.parametrize("head", OTHERS)
def test_columns_that_are_no_ecg_are_left_out_and_named(write, ecg, head):
    rows = [f"{i / 250:.3f},{v:.3f},{OTHERS[head](i)}" for i, v in enumerate(ecg(250))]
    record = read_record(write([head], rows))
    assert record.leads == ("ecg",)
    assert is_ecg(record, ecg)
    left_out = [note for note in record.notes if " left out: " in note]
    assert len(left_out) == head.count(",") - 1


@pytest.mark.parametrize("head", [",time,MLII", "Unnamed: 0,time,MLII", "nSeq,time,MLII"])
def test_the_index_of_a_data_frame_is_no_lead(write, ecg, head):
    rows = [f"{i},{i / 250:.3f},{v:.3f}" for i, v in enumerate(ecg(250))]
    record = read_record(write([head], rows))
    assert record.leads == ("MLII",)
    assert is_ecg(record, ecg)


@pytest.mark.parametrize("head", ["time,foo", "time,value", "time,ch1"])
def test_a_single_column_is_taken_and_told(write, ecg, head):
    rows = [f"{i / 250:.3f},{v:.3f}" for i, v in enumerate(ecg(250))]
    record = read_record(write([head], rows))
    assert is_ecg(record, ecg)
    assert f"{head[5:]}: taken for ECG, though no name says so" in record.notes


def test_unsure_it_refuses_with_the_names_to_choose_from(write, ecg):
    rows = [f"{i / 250:.3f},{v:.3f},{-v:.3f}" for i, v in enumerate(ecg(250))]
    path = write(["time,left arm,chest strap"], rows)
    with pytest.raises(RecordError, match=r"none is called so: left arm, chest strap.*--leads"):
        read_record(path)
    for name in ("left arm", "left_arm"):
        record = read_record(path, columns=[name])
        assert record.leads == ("left_arm",)
        assert is_ecg(record, ecg)
    with pytest.raises(RecordError, match="has no column 'right arm'; it has time, left arm"):
        read_record(path, columns=["right arm"])


@pytest.mark.parametrize("wrong", ["1e5", "-99999", "1e300"])
def test_one_impossible_cell_does_not_coarsen_the_others(write, ecg, wrong):
    rows = [f"{i / 250:.3f},{wrong if i == 777 else f'{v:.3f}'}" for i, v in enumerate(ecg(250))]
    record = read_record(write(["time,ECG"], rows))
    assert record.invalid == (InvalidStretch(0, 777, 778),)
    assert record.gain == (1000.0,)


@pytest.mark.parametrize("code", ["-999", "99999", "-32768"])
def test_a_code_for_a_missing_value_is_none(write, ecg, code):
    """Also where so many cells hold it that it is among the usual values."""
    values = [f"{v:.3f}" for v in ecg(250)]
    for i in range(500, 1000):
        values[i] = code
    record = read_record(write(["time,ECG (mV)"], (f"{i / 250},{v}" for i, v in enumerate(values))))
    assert record.invalid == (InvalidStretch(0, 500, 1000),)
    assert record.gain == (1000.0,)
    assert "ECG: 500 values that no ECG has left out" in record.notes


def test_counts_of_a_converter_of_24_bits_may_lie_anywhere(write, ecg):
    counts = [round(70_000 * v) + 8_388_608 for v in ecg(250)]
    record = read_record(write(["time,ecg_raw"], (f"{i / 250},{v}" for i, v in enumerate(counts))))
    assert any("converter values without a gain" in note for note in record.notes)
    volts = (record.samples[0] - record.baseline[0]) / record.gain[0]
    assert np.corrcoef(volts, ecg(250))[0, 1] > 0.9999
    assert abs(np.median(volts)) < 0.5


def test_beats_that_stand_out_of_a_flat_lead_are_kept(write):
    rows = [f"{i / 250:.3f},{1.5 if i % 4000 == 0 else 0.001 * (i % 2):.3f}" for i in range(20_000)]
    record = read_record(write(["time,ECG"], rows))
    assert (record.samples[0] == 1500).sum() == 5
    assert record.invalid == ()


def test_volts_called_millivolts_keep_their_shape(write, ecg):
    rows = [f"{i / 250:.3f},{v / 1000:.7f}" for i, v in enumerate(ecg(250))]
    record = read_record(write(["time,ECG"], rows))
    assert np.unique(record.samples[0]).size > 100
    assert any("is the unit right?" in note for note in record.notes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time,II\n" + "0,1\n" * 60, "times that go up"),
        ("time,II\n" + "".join(f"{i},1\n" for i in [*range(50), *range(50)]), "goes back by"),
        ("time,II\n" + "".join(f"{i + 1e9 * (i > 50)},1\n" for i in range(99)), "split the file"),
        ("time,ABP (mmHg)\n0,80\n1,81\n", "holds no ECG: ABP left out: mmHg is no voltage"),
        ("x" * 70_000, "is no table of text"),
        ("a\0b,1\n" * 5, "zero bytes"),
        ("time,II\n0,1\n" + '0,"' + "x" * 60_000 + '\n1,2\n' * 9, "is not a number|no rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(tmp_path, text, says):
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(RecordError, match=says):
        read_record(path)


def test_a_long_table_is_read_in_pieces(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write("time,II,V1\n")
        file.writelines(f"{i / 250:.4f},0.{i % 1000:03},-0.{i % 777:03}\n" for i in range(60_000))
    tracemalloc.start()
    record = read_record(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert record.n_samples == 60_000
    assert peak < 6 * path.stat().st_size


def test_a_table_without_a_known_ending_can_be_named(write, ecg):
    rows = [f"{i / 250:.3f}\t{v:.3f}" for i, v in enumerate(ecg(250))]
    path = write(["time\tECG"], rows, name="r.txt")
    assert find_record(str(path), Settings())[0] == path
    assert is_ecg(read_record(path), ecg)


def test_every_pair_of_separator_and_decimal_sign(write, ecg):
    for separator, decimal in itertools.product(";\t|,", ".,"):
        if separator == decimal:
            continue
        rows = [
            f"{i / 250:.3f}{separator}{v:.3f}".replace(".", decimal)
            for i, v in enumerate(ecg(250)[:1000])
        ]
        record = read_record(write([f"time{separator}ECG"], rows))
        assert (record.fs, record.leads) == (250.0, ("ECG",)), (separator, decimal)
        assert is_ecg(record, ecg)
