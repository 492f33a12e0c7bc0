from __future__ import annotations

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError, SettingsError
from ecg_monitor.records.recording import BeatMark, Recording
from models.scoring.databases import DS1, DS2
from models.zoo.data import mitbih
from models.zoo.data.examples import DataOptions

FS = 360


def recording(symbols="NNNNNNVNNNA/", leads=("V5", "MLII"), rr_s=0.8) -> Recording:
    """A lead with a tooth at each R peak, of 2 mV for N and 1 mV for others; V5 is flat."""
    marks = [
        BeatMark(round((1 + number * rr_s) * FS), symbol) for number, symbol in enumerate(symbols)
    ]
    samples = np.zeros((2, marks[-1].sample + 2 * FS), np.int16)
    for mark in marks:
        samples[1, mark.sample - 9 : mark.sample + 10] = 400 if mark.symbol == "N" else 200
    return Recording("100", FS, leads, (200.0, 200.0), (0.0, 0.0), samples, tuple(marks))


def test_a_beat_runs_from_its_r_peak_for_1_2_intervals_and_is_padded() -> None:
    found = mitbih.beats(recording())
    assert found.inputs.shape == (10, 1, 187)  # neither the first beat nor the last
    assert "".join(mitbih.LABELS[target] for target in found.targets) == "NNNNNVNNNS"
    beat = found.inputs[0, 0]
    assert beat.min() == 0.0
    assert beat.max() == 1.0
    assert beat[0] > 0.8  # it begins on the R peak
    length = round(1.2 * 0.8 * 125)
    assert beat[100] > 0.8, "the next R peak is in it"
    assert not beat[length:].any()


def test_marks_that_are_no_beats_are_left_out() -> None:
    found = mitbih.beats(recording("NNN+~NN"))
    assert len(found) == 3


def test_a_flat_lead_gives_zeros_and_no_nan() -> None:
    found = mitbih.beats(recording(leads=("MLII", "V5")))
    assert not found.inputs.any()


def test_patients_stand_on_one_side_alone() -> None:
    groups = np.repeat(np.array(DS1 + DS2), 3)
    train, validation, test = mitbih.divide(groups, "patients", 0)
    assert set(groups[test]) == set(DS2)
    assert set(groups[validation]) == set(mitbih.HELD_OUT)
    assert set(groups[train]) == set(DS1) - set(mitbih.HELD_OUT)


def test_the_mixed_split_is_drawn_by_the_seed_and_complete() -> None:
    groups = np.full(1000, "100")
    parts = mitbih.divide(groups, "mixed", 3)
    assert [len(part) for part in parts] == [720, 80, 200]
    assert sorted(np.concatenate(parts)) == list(range(1000))
    assert all(
        (a == b).all() for a, b in zip(parts, mitbih.divide(groups, "mixed", 3), strict=True)
    )
    assert (parts[2] != mitbih.divide(groups, "mixed", 4)[2]).any()


def test_a_folder_without_records_says_so(tmp_path) -> None:
    with pytest.raises(RecordError, match="no record of MIT-BIH"):
        mitbih.load(tmp_path, DataOptions())
    with pytest.raises(SettingsError, match="--split: no thirds"):
        mitbih.load(tmp_path, DataOptions(split="thirds"))
