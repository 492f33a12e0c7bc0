"""Recordings whose unit cannot be right."""

import numpy as np
import pytest

from ecg_monitor.records import InvalidStretch, Recording, read_record
from ecg_monitor.records.plausible import ASSUMED_MV, made_plausible, span_mv

FS = 100


def _recording(*spans_mv: float, gain: float = 100.0, invalid=()) -> Recording:
    """Ten seconds of a rectangle wave per lead."""
    wave = np.tile(np.arange(FS) < FS // 2, 10)
    samples = np.stack([np.rint(wave * span * gain) for span in spans_mv]).astype(np.int16)
    leads = tuple(f"V{i + 1}" for i in range(len(spans_mv)))
    count = len(leads)
    return Recording("r", FS, leads, (gain,) * count, (0.0,) * count, samples, invalid=invalid)


def test_span_is_the_usual_second():
    recording = _recording(2.0, 1.0, invalid=(InvalidStretch(1, 0, 1000),))
    recording.samples[0, 30] = 30_000  # one artefact
    assert span_mv(recording).tolist() == [2.0, 0.0]


@pytest.mark.parametrize("spans", [(2.0,), (0.15, 5.0), (0.0, 1.0), (0.0, 0.0), (150.0, 1.0)])
def test_what_may_be_an_ecg_is_left_alone(spans):
    recording = _recording(*spans)
    assert made_plausible(recording) is recording


def test_converter_values_get_a_size_and_a_note():
    made = made_plausible(_recording(1000.0, 250.0, 0.0, gain=1.0))
    assert span_mv(made).tolist() == [ASSUMED_MV, ASSUMED_MV, 0.0]
    assert made.notes[0].startswith("no ECG spans 250 mV a second")


def test_volts_called_millivolts_are_told():
    made = made_plausible(_recording(0.002, gain=10_000.0))
    assert made.notes == ("no lead spans more than 0.002 mV a second; is the unit right?",)
    assert made.gain == (10_000.0,)


def test_a_file_of_raw_numbers_is_read_at_a_plausible_size(tmp_path):
    path = tmp_path / "r.csv"
    rows = "".join(f"{n / FS:.2f},{800 if n % FS < 50 else 400}\n" for n in range(500))
    path.write_text("time,ECG\n" + rows)
    record = read_record(path)
    assert span_mv(record)[0] == pytest.approx(ASSUMED_MV, rel=1e-3)
    assert [note.split(":")[0] for note in record.notes] == ["ECG", "no ECG spans 400 mV a second"]


@pytest.mark.parametrize("name", ["100", "104", "205"])
def test_mitdb_is_plausible(mitdb, name):
    recording = read_record(mitdb / name)
    assert recording.notes == ()
    assert recording.gain == (200.0, 200.0)
