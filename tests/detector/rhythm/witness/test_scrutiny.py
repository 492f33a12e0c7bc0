"""Doubts about beats, and what becomes of the alarms that ask for them."""

import numpy as np
import pytest

from detector.engine.state import GOOD
from detector.rhythm.alarms import AlarmRules
from detector.rhythm.waveform.quality import measure
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm
from simulator.faults.noise import synthetic_noise

FS = 250.0


class Bed:
    """Drives `AlarmRules` with beats and the signal in which they were found."""

    def __init__(self) -> None:
        self.rules = AlarmRules(FS, leads=("II", "V1"))
        self.events: list[Alarm] = []
        self.signal = np.zeros((2, 0))
        self.end = 0.0
        self.last = 0.0
        self.waiting: list[tuple[float, str]] = []

    def play(self, seconds: np.ndarray, beats: list[float], label: str = "N") -> None:
        """Add signal, shape (2, n * 250), and the beats that are found in it (s, absolute)."""
        peaks = list(beats)
        for start in range(0, seconds.shape[1], 250):
            block = seconds[:, start : start + 250].astype(np.float32)
            for half in (0.5, 1.0):
                now = self.end + half
                n = round(now * FS)
                while peaks and peaks[0] + 0.4 <= now:
                    at = peaks.pop(0)
                    self.last = at
                    self.waiting.append((at, label))
                    self.take(self.rules.on_peak(round(at * FS), round((at + 0.37) * FS)))
                while self.waiting and self.waiting[0][0] + 1.4 <= now:
                    at, name = self.waiting.pop(0)
                    self.take(self.rules.on_beat(round(at * FS), n, name))
                if half == 1.0:
                    self.take(self.rules.on_second(n, measure(block), block))
                self.take(self.rules.on_tick(n, now - self.last, GOOD))
            self.end += 1.0

    def take(self, events) -> None:
        self.events += [event for event in events if isinstance(event, Alarm)]

    def raised(self) -> list[str]:
        return [event.kind for event in self.events if event.present]

    def alarm(self, kind: str) -> Alarm:
        return next(e for e in self.events if e.kind == kind and e.present)


def heart(start: float, seconds: int, rr_s: float) -> tuple[np.ndarray, list[float]]:
    """Beats of one shape on two leads, and where they are."""
    t = start + np.arange(seconds * 250) / 250.0
    beats = [start + 0.5 + i * rr_s for i in range(int((seconds - 0.5) / rr_s))]
    wave = sum(
        np.exp(-0.5 * ((t - b) / 0.012) ** 2) - 0.3 * np.exp(-0.5 * ((t - b - 0.03) / 0.012) ** 2)
        for b in beats
    )
    return np.array([wave, 0.8 * wave]), beats


def electrode(start: float, seconds: int, rr_s: float) -> tuple[np.ndarray, list[float]]:
    """Deflections of ever new shapes on both leads, and where a detector takes them for beats."""
    rng = np.random.default_rng(round(start))
    beats = [start + 0.5 + i * rr_s for i in range(int((seconds - 0.5) / rr_s))]
    wave = rng.normal(0, 0.02, (2, seconds * 250))
    for beat in beats:
        at = round((beat - start) * 250)
        for lead in range(2):
            shape = np.cumsum(rng.normal(0, 0.3, 50))
            wave[lead, at - 25 : at + 25] += (shape - shape.mean()) * np.hanning(50)
            wave[lead, at + 25 : at + 60] += rng.normal(0, 0.3)
    return wave, beats


def muscle(start: int, seconds: int) -> np.ndarray:
    """Noise of two leads in which no complex of `heart` can be told, mV at 250 Hz."""
    noise = 0.15 * synthetic_noise("ma", 120.0, FS, seed=5)
    return noise[:, start * 250 : (start + seconds) * 250]


@pytest.fixture
def bed() -> Bed:
    """A minute of a heart."""
    bed = Bed()
    bed.play(*heart(0, 60, 0.8))
    return bed


def test_a_fast_heart_is_an_extreme_tachycardia(bed):
    bed.play(*heart(60, 20, 0.35))
    assert "extreme_tachycardia" in bed.raised()
    assert "noise" not in bed.raised()


def test_fast_noise_is_told_as_noise_and_never_in_silence(bed):
    bed.play(*electrode(60, 12, 0.35))
    assert "extreme_tachycardia" not in bed.raised()
    noise = bed.alarm("noise")
    assert noise.priority == "technical"
    assert noise.decided_n / FS < 60 + 10  # where the tachycardia would have been, not after 20 s


def test_ventricular_beats_in_noise_are_noise(bed):
    bed.play(*electrode(60, 8, 0.5))
    bed.play(*electrode(68, 10, 0.4), label="V")
    assert "vt" not in bed.raised()
    assert "noise" in bed.raised()


def test_the_analysis_comes_back_with_the_signal(bed):
    bed.play(*electrode(60, 25, 0.35))
    bed.play(*heart(85, 40, 0.8))
    assert [e.present for e in bed.events if e.kind == "noise"] == [True, False]
    bed.play(*heart(125, 20, 0.35))
    assert "extreme_tachycardia" in bed.raised()


def test_asystole_after_noise_is_told_within_10_s(bed):
    bed.play(*electrode(60, 25, 0.35))
    bed.play(np.zeros((2, 12 * 250)), [])
    asystole = bed.alarm("asystole")
    assert asystole.decided_n / FS - bed.last <= 10.0


def test_where_noise_would_hide_beats_noise_is_told_in_place_of_an_asystole(bed):
    wave, _ = heart(60, 20, 0.8)
    bed.play(wave + muscle(30, 20), [])
    assert "asystole" not in bed.raised()
    assert "pause" not in bed.raised()
    noise = bed.alarm("noise")
    assert noise.priority == "technical"
    assert noise.decided_n / FS - bed.last <= 5.0  # where the asystole would have been
    assert [e.present for e in bed.events if e.kind == "noise"] == [True]
    quiet_from = bed.end
    bed.play(np.zeros((2, 12 * 250)), [])
    assert bed.alarm("asystole").decided_n / FS - quiet_from <= 5.0


def test_muscle_noise_makes_no_bradycardia_and_quiet_pauses_do(bed):
    wave, beats = heart(60, 24, 0.8)
    missed = [at for i, at in enumerate(beats) if i % 5 == 0]  # one in five is found
    bed.play(wave + muscle(30, 24), missed)
    assert not {"extreme_bradycardia", "bradycardia", "asystole"} & set(bed.raised())
    assert "noise" in bed.raised()
    bed.play(*heart(84, 30, 0.8))
    bed.play(*heart(114, 20, 2.0))
    assert "extreme_bradycardia" in bed.raised()


def test_beats_that_one_lead_shows_withhold_an_asystole_but_not_for_ever(bed):
    wave, _ = heart(60, 14, 0.8)
    bed.play(np.array([wave[0], 0 * wave[1]]), [])
    assert bed.alarm("leads_disagree").lead == "II"
    since = bed.alarm("asystole").decided_n / FS - bed.last
    assert 8.5 <= since <= 10.0


def test_it_goes_on_from_a_checkpoint(bed):
    bed.play(*electrode(60, 6, 0.35))
    saved = codec.pack(bed.rules)
    bed.rules = AlarmRules(FS, leads=("II", "V1"))
    codec.unpack(bed.rules, saved)
    assert codec.pack(bed.rules) == saved
    bed.play(*electrode(66, 8, 0.35))
    assert "extreme_tachycardia" not in bed.raised()
