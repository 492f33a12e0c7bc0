"""The bench of degraded recordings: what it does to a signal, and that its yardstick is exact."""

from dataclasses import replace

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording, read_record
from tests.support.recordings import write_beginning
from workbench.evaluate import degraded
from workbench.evaluate.degradations import (
    DEGRADATIONS,
    UNDEGRADED,
    Degradation,
    Signal,
    band,
    chosen,
    converter,
    hum,
    offset,
    rate,
    wander,
)

FS = 360.0
T = np.arange(int(60 * FS)) / FS


def _tone(hz: float, mv: float = 1.0) -> Signal:
    return Signal(mv * np.sin(2 * np.pi * hz * T)[None], FS)


def _recording(mv: np.ndarray) -> Recording:
    samples = np.rint(mv * 200 + 1024).astype(np.int16)
    names = tuple("abcd"[: len(mv)])
    return Recording("r", FS, names, (200.0,) * len(mv), (1024.0,) * len(mv), samples)


def _rms(signal: Signal) -> float:
    middle = signal.mv[:, signal.mv.shape[1] // 4 : -signal.mv.shape[1] // 4]
    return float(np.sqrt(np.mean(middle**2)))


def test_undegraded_is_the_signal_itself(mitdb):
    recording = read_record(mitdb / "100")
    same = UNDEGRADED.apply(recording)
    volts = (same.samples[0] - same.baseline[0]) / same.gain[0]
    assert np.array_equal(volts, (recording.samples[0] - 1024.0) / 200.0)
    assert (same.fs, same.leads) == (360.0, ("MLII",))


@pytest.mark.parametrize("hz", [50, 128, 257, 1000])
def test_a_rate_keeps_what_it_can_hold_and_folds_nothing_back(hz):
    kept = rate(hz)(_tone(10))
    assert kept.fs == hz
    assert kept.mv.shape[1] == pytest.approx(60 * hz, abs=1)
    t = np.arange(kept.mv.shape[1]) / hz
    inner = slice(hz, -hz)
    assert np.abs(kept.mv[0, inner] - np.sin(2 * np.pi * 10 * t)[inner]).max() < 0.01
    if hz < 257:
        assert _rms(rate(hz)(_tone(100))) < 0.02


def test_band():
    monitor = band(0.67, 40)
    assert _rms(monitor(_tone(10))) == pytest.approx(np.sqrt(0.5), rel=0.02)
    assert _rms(monitor(_tone(0.05))) < 0.08
    assert _rms(monitor(_tone(100))) < 0.03
    assert np.abs(monitor(offset(300.0)(_tone(10))).mv).max() < 1.2  # starts at rest


def test_hum_and_wander_have_the_height_asked_for():
    silent = Signal(np.zeros((1, len(T))), FS)
    assert np.abs(hum(50, 0.1)(silent).mv).max() == pytest.approx(0.1, rel=0.01)
    assert 0.9 < np.abs(wander(1.5)(silent).mv).max() <= 1.5


def test_converter_steps_and_rails():
    recording = _recording(np.array([[0.0, 0.031, 6.0, -6.0]]))
    coarse = Degradation("c", (converter(25.6, 8),)).apply(recording)
    volts = (coarse.samples[0] - coarse.baseline[0]) / coarse.gain[0]
    assert volts == pytest.approx([0, 1 / 25.6, 127 / 25.6, -128 / 25.6])


def test_offset_beyond_int16_keeps_the_voltage():
    recording = _recording(np.array([[0.0, 1.0, -1.0]]))
    spoilt = Degradation("o", (offset(300.0),)).apply(recording)
    volts = (spoilt.samples[0] - spoilt.baseline[0]) / spoilt.gain[0]
    assert volts == pytest.approx([300, 301, 299])


def test_leads():
    recording = _recording(np.array([[0.0, 1.0], [2.0, 3.0]]))
    swapped = Degradation("s", leads=(1, 0)).apply(recording)
    assert swapped.leads == ("b", "a")
    assert swapped.samples[0].tolist() == [400, 600]
    with pytest.raises(RecordError, match="second-lead needs 2 leads"):
        Degradation("second-lead", leads=(1,)).apply(_recording(np.zeros((1, 9))))


def test_choice():
    assert chosen("all") == DEGRADATIONS
    assert [d.name for d in chosen("holter,none,128hz")] == ["none", "holter", "128hz"]
    with pytest.raises(RecordError, match="no 'x'; choose from none, 50hz"):
        chosen("128hz,x")
    assert len({d.name for d in DEGRADATIONS}) == len(DEGRADATIONS)


@pytest.fixture
def six_minutes(mitdb, tmp_path):
    """The beginning of a record, of which EC57 scores the last minute."""
    write_beginning(mitdb, "106", 360, tmp_path)
    return tmp_path


def test_it_measures_drops(six_minutes):
    silent = Degradation("silent", (lambda signal: replace(signal, mv=signal.mv * 0),))
    told: list[str] = []
    reports = degraded.measure(
        six_minutes, ["106"], (*chosen("125hz"), silent), progress=told.append
    )
    assert told == ["106 none", "106 125hz", "106 silent"]
    found = {name: report["ec57"]["gross"]["qrs"] for name, report in reports.items()}
    assert found["none"]["tp"] > 55
    assert found["none"]["f1"] > 0.98
    assert abs(found["none"]["tp"] - found["125hz"]["tp"]) <= 1
    assert found["silent"]["tp"] == 0
    table = degraded.render(reports, 1)
    drops = list(next(c for c in table.columns if c.header == "QRS drop").cells)
    assert drops[0] == "0.00"
    assert float(drops[2]) > 98
