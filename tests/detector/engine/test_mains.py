"""Mains hum is taken out where it is strong, and nothing is touched where it is not."""

import numpy as np
import pytest

from detector.engine.engine import Batch, Engine
from detector.engine.mains import without_hum
from detector.engine.reassembly import Chunk
from detector.engine.resample import FS
from detector.engine.state import LANE
from ecg_monitor.records import read_record

T = np.arange(int(30 * FS)) / FS


def _hum(hz: float, mv: float) -> np.ndarray:
    return mv * np.sin(2 * np.pi * hz * T + 1.0)


def _through(mv: np.ndarray, swing_mv: float) -> np.ndarray:
    lane = np.zeros(1, LANE)[0]
    lane["swing_level"] = swing_mv
    lane["hum_last"] = mv[0]
    return np.array([without_hum(lane, k, x) for k, x in enumerate(mv)])


@pytest.mark.parametrize("offset_mv", [0.0, 300.0, -300.0])
@pytest.mark.parametrize("hz", [50.0, 50.04, 60.0, 59.96])
def test_strong_hum_goes_within_3_s_and_the_ecg_stays(make_ecg, hz, offset_mv):
    ecg = make_ecg(FS, np.arange(0.5, 29.5, 0.85), 30) + offset_mv
    left = _through(ecg + _hum(hz, 0.1), 1.0) - ecg
    assert np.sqrt(np.mean(left[: int(FS)] ** 2)) == pytest.approx(0.07, rel=0.2)
    assert np.sqrt(np.mean(left[3 * int(FS) :] ** 2)) < 0.015


@pytest.mark.parametrize(
    ("mv", "swing_mv", "goes"),
    [
        (0.02, 1.0, False),  # what good recorders leave
        (0.06, 1.0, True),
        (0.06, 3.0, False),  # a fiftieth of the QRS complex
        (0.025, 0.14, True),  # not much, but of a small one a lot
        (0.025, 0.0, False),  # no QRS complex seen yet
    ],
)
def test_what_is_weak_passes_bit_for_bit(mv, swing_mv, goes):
    signal = _hum(60.0, mv)
    assert (_through(signal, swing_mv) != signal).any() == goes


def test_it_ends_with_the_hum():
    signal = _hum(50.0, 0.2)
    signal[len(T) // 3 :] = 0.0
    cleaned = _through(signal, 1.0)
    assert (cleaned[: len(T) // 3] != signal[: len(T) // 3]).any()
    assert np.array_equal(cleaned[-int(5 * FS) :], signal[-int(5 * FS) :])


@pytest.mark.parametrize("fs", [128.0, 250.0, 360.0, 1000.0])
def test_beats_in_hum_are_found(detect, make_ecg, fs):
    true = np.arange(0.5, 29.5, 0.8)
    ecg = make_ecg(fs, true, 30)
    t = np.arange(len(ecg)) / fs
    found = detect(ecg + 0.2 * np.sin(2 * np.pi * 50 * t), fs)
    missed, invented = found.misses(true), found.inventions(true)
    assert not missed[missed > 4].size
    assert not invented[invented > 4].size


@pytest.mark.parametrize("step", [7, 90, 1000])
def test_hum_does_not_make_packets_matter(make_ecg, step):
    ecg = make_ecg(360.0, np.arange(0.5, 19.5, 0.8), 20)
    t = np.arange(len(ecg)) / 360.0
    values = np.rint(1000 * (ecg + 0.1 * np.sin(2 * np.pi * 60 * t))).astype(np.int16)[None]

    def events(length: int) -> list[bytes]:
        engine = Engine()
        slot = engine.add(360.0, (1000.0,), (0.0,))
        rows = []
        for n0 in range(0, values.shape[1], length):
            batch = Batch()
            samples = np.ascontiguousarray(values[:, n0 : n0 + length])
            engine.put(batch, slot, Chunk(n0, samples, after_gap=n0 == 0))
            found = engine.advance(batch)
            rows += [row.tobytes() for row in found.rows]
            rows += [window.tobytes() for window in found.windows[: _ready(found.rows)]]
        return sorted(rows)

    assert events(step) == events(values.shape[1])


def _ready(rows) -> int:
    return int(np.sum(rows["kind"] == 2))


@pytest.mark.parametrize("name", ["101", "104", "200"])
def test_mitdb_is_untouched(mitdb, name):
    # The three that come nearest to the bound: hum on a small V1, pacing, a lead at its rails.
    recording = read_record(mitdb / name)
    engine = Engine()
    slot = engine.add(recording.fs, recording.gain, recording.baseline)
    for n0 in range(0, recording.n_samples, 3600):
        batch = Batch()
        samples = np.ascontiguousarray(recording.samples[:, n0 : n0 + 3600])
        engine.put(batch, slot, Chunk(n0, samples, after_gap=n0 == 0))
        engine.advance(batch, waveform=False)
        assert not engine._lanes[:2]["hum_on"].any()
