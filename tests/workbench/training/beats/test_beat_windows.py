from __future__ import annotations

import numpy as np
import pytest

from detector.engine.engine import Batch, Engine
from detector.engine.reassembly import Chunk
from detector.engine.resample import FS, half_width
from detector.engine.state import RING
from ecg_monitor.records import read_record
from ecg_monitor.records.recording import BeatMark, Recording
from models.beats.columns import FEATURES
from models.beats.dataset import OTHERS, SPLICED
from models.beats.features.state import PRE, WINDOW
from models.beats.training import regimes
from models.scoring.databases import DE_CHAZAL
from workbench.training.beats.windows import (
    Variant,
    build,
    cut,
    engine_signal,
    label_found,
    made_rhythms,
    mean_beats,
    without_ectopy,
)


def made_up(fs=360.0, seconds=30.0, seed=0):
    """A recording with a beat every 0.8 s, two leads."""
    rng = np.random.default_rng(seed)
    n = int(seconds * fs)
    time = np.arange(n) / fs
    beats = np.arange(0.5, seconds - 1, 0.8)
    wave = sum(np.exp(-(((time - at) / 0.015) ** 2)) for at in beats)
    wave = wave + 0.3 * np.sin(2 * np.pi * 0.2 * time) + 0.01 * rng.standard_normal(n)
    return Recording(
        name="made-up",
        fs=fs,
        leads=("II", "V1"),
        gain=(200.0, 200.0),
        baseline=(10.0, 0.0),
        samples=np.stack([200 * wave + 10, -100 * wave]).round().astype(np.int16),
        beats=tuple(BeatMark(round(at * fs), "N") for at in beats),
    )


@pytest.mark.parametrize("fs", [128.0, 250.0, 360.0, 500.0, 1000.0])
def test_signal_equals_the_engines_ring(fs):
    recording = made_up(fs, seconds=12.0)
    engine = Engine(1)
    slot = engine.add(fs, recording.gain[:1], recording.baseline[:1])
    batch = Batch()
    engine.put(batch, slot, Chunk(0, recording.samples[:1], after_gap=True))
    engine.advance(batch)
    ring = engine._lanes[0]["wide"]
    values = (recording.samples[0] - recording.baseline[0]) / recording.gain[0]
    wide = engine_signal(values, fs)
    # The last few wait for samples that have not come.
    newest = len(wide) - 1 - int(np.ceil(half_width(fs) * FS / fs)) - 1
    at = np.arange(newest - 800, newest)
    assert np.allclose(wide[at], ring[at % RING], atol=2e-6)


def test_windows_hold_the_peak_and_are_padded():
    wide = np.arange(1000, dtype=np.float32) + 1
    windows = cut(wide, np.array([10, 500, 990]))
    assert windows.shape == (3, WINDOW)
    assert windows[:, PRE].tolist() == [11, 501, 991]
    assert (windows[0, : PRE - 10] == 0).all()
    assert (windows[2, PRE + 10 :] == 0).all()


def test_variants_are_made_and_can_be_told_apart():
    recording = made_up()
    variants = (
        Variant(),
        Variant(sign=-1),
        Variant(lead=1),
        Variant(speed=1.25),
        Variant(own=True),
        Variant(lead=2),
    )
    beats = build(recording, DE_CHAZAL, variants)
    assert sorted(set(beats.variants.tolist())) == [0, 1, 2, 3, 4]  # there is no third lead
    count = len(recording.beats)
    assert [(beats.variants == v).sum() for v in range(4)] == [count] * 4
    assert (beats.labels[beats.variants < 4] == 0).all()
    mean_rr = FEATURES.index("mean_rr")
    settled = {v: beats.features[beats.variants == v, mean_rr][-1] for v in range(5)}
    assert settled[0] == pytest.approx(0.8, abs=0.01)
    assert settled[3] == pytest.approx(0.64, abs=0.01)
    assert settled[4] == pytest.approx(0.8, abs=0.01)


def test_same_seed_same_data():
    variants = (Variant(jitter=4, noise=True),)
    noise = [made_up(seed=9)]
    first, second, other = (
        build(made_up(), DE_CHAZAL, variants, noise=noise, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.features, second.features)
    assert not np.array_equal(first.features, other.features)


def test_detections_get_the_label_of_their_beat():
    reference = np.array([100, 300, 500, 530])
    labels = np.array([0, 1, 2, 0], np.int8)
    found = np.array([103, 200, 290, 520, 900])
    # 500 takes 520 first, 530 is left without; 200 and 900 are no beats.
    assert label_found(found, reference, labels, 360.0).tolist() == [0, -1, 1, 2, -1]


def test_mit_bih_record_gives_all_beats(mitdb):
    recording = read_record(mitdb / "106")
    beats = build(recording, DE_CHAZAL, (Variant(), Variant(own=True)))
    reference = beats[beats.variants == 0]
    assert np.bincount(reference.labels).tolist() == [1507, 0, 520]
    width = reference.features[:, FEATURES.index("log_width_normal")]
    assert np.median(width[reference.labels == 2]) > 0.15
    assert abs(np.median(width[reference.labels == 0])) < 0.05
    own = beats[beats.variants == 1]
    assert (own.labels >= 0).sum() > 0.99 * len(reference)


def test_made_rhythms_come_from_both_leads_and_are_told_apart():
    made = list(made_rhythms(made_up(seconds=80.0), DE_CHAZAL))
    names = [regimes.NAMES[int(beats.variants[0]) - SPLICED] for beats in made]
    assert sorted(names) == sorted(2 * list(set(regimes.NAMES) - {"atrial", "ventricular"}))
    for beats in made:
        assert len(beats) == regimes.TRACK
        assert np.isfinite(beats.features).all()
    steady, swinging = (
        np.median(made[names.index(name)].features[100:, FEATURES.index("change_rms")])
        for name in ("rate_changes", "fibrillation")
    )
    assert swinging > steady + 0.1


def test_recordings_without_ectopy_give_beats_of_the_engine():
    beats = without_ectopy(made_up(seconds=40.0))
    assert len(beats) > 40
    assert (beats.variants == OTHERS).all()
    assert not beats.labels.any()


def test_mean_beat_per_class():
    recording = made_up()
    means = mean_beats(recording, DE_CHAZAL)
    assert means.shape == (4, WINDOW)
    assert np.isnan(means[1:]).all()
    assert means[0, PRE] == pytest.approx(1.0, abs=0.05)
