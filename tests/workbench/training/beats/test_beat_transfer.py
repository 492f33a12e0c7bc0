from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.recording import Recording
from models.beats import weights
from models.beats.classifier import BeatClassifier
from models.beats.dataset import CLASSES
from workbench.training.beats import transfer as beat_transfer


def recording_of(wide_every=0, seconds=40.0, fs=100.0):
    """Beats at 75 bpm; each so manieth early and wide."""
    time = np.arange(int(seconds * fs)) / fs
    signal = np.zeros(len(time))
    at, number = 0.8, 0
    while at < seconds - 1:
        number += 1
        wide = wide_every and number % wide_every == 0
        signal += np.exp(-(((time - at) / (0.05 if wide else 0.015)) ** 2))
        signal -= 0.3 * wide * np.exp(-(((time - at - 0.3) / 0.06) ** 2))
        signal += 0.12 * (not wide) * np.exp(-(((time - at + 0.16) / 0.03) ** 2))
        signal += 0.2 * (not wide) * np.exp(-(((time - at - 0.28) / 0.05) ** 2))
        at += 0.5 if wide_every and (number + 1) % wide_every == 0 else 0.8
        at += 0.3 if wide else 0.0
    samples = np.round(500 * signal)[None].astype(np.int16)
    return Recording("made-up", fs, ("II",), (500.0,), (0.0,), samples, ())


@pytest.fixture(scope="module")
def classifier():
    return BeatClassifier()


def test_labels_follow_the_recording(classifier):
    steady = beat_transfer.classify(classifier, recording_of(), 0)
    assert len(steady) > 40
    assert (steady == CLASSES.index("N")).mean() > 0.95
    ectopic = beat_transfer.classify(classifier, recording_of(wide_every=6), 0)
    assert (ectopic == CLASSES.index("V")).sum() >= 4


def test_a_recording_without_beats_gives_none(classifier):
    flat = Recording("flat", 100.0, ("II",), (500.0,), (0.0,), np.zeros((1, 900), np.int16), ())
    assert len(beat_transfer.classify(classifier, flat, 0)) == 0


def test_missing_database_is_named(tmp_path):
    with pytest.raises(RecordError, match="cpsc2018 holds no records"):
        beat_transfer.score(tmp_path, weights.load(), lambda: None)


def test_table_tells_rates():
    row = beat_transfer.Row("cpsc2018", "PAC", 4, 200, (180, 10, 10, 0, 0), 3, 1)
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(beat_transfer.render([row]))
    text = console.export_text()
    assert "50.0" in text
    assert "75%" in text
