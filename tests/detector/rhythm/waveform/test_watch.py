"""What the waveform rules hand to the others."""

import numpy as np
import pytest

from detector.rhythm.conditions import Conditions
from detector.rhythm.waveform.quality import measure
from detector.rhythm.waveform.watch import Watch
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.ward.limits.model import default_limits

FS = 500.0
T = np.arange(250) / 250.0
WAVES = np.sin(2 * np.pi * 5 * T)  # as of fibrillation
BEAT = 3.0 * np.exp(-(((T - 0.5) / 0.02) ** 2))
ARTIFACT = 2.0 * BEAT  # reaches farther than a QRS complex may
FLAT = np.zeros(250)


def run(*seconds: tuple[np.ndarray, ...]) -> tuple[Watch, Conditions]:
    limits = default_limits()
    watch, out = Watch.of(limits.vf), Conditions(FS, limits.priorities)
    for index, leads in enumerate(seconds):
        signal = np.array(leads, np.float32)
        watch.on_second(round((index + 1) * FS), measure(signal), signal, out)
    return watch, out


@pytest.mark.parametrize(("other", "fibrillates"), [(FLAT, True), (BEAT, False), (ARTIFACT, False)])
def test_a_lead_with_beats_speaks_against_fibrillation_even_with_an_artifact(other, fibrillates):
    _, out = run(*[(WAVES, other)] * 10)
    assert ("vf" in out.present) is fibrillates


def test_a_jump_of_every_lead_shakes():
    calm, high = (BEAT, BEAT), (BEAT + 2, BEAT + 2)
    assert run(calm, calm)[0].shaken_n == 0
    assert run(calm, high)[0].shaken_n == 2 * FS
    assert run(calm, (BEAT + 2, BEAT))[0].shaken_n == 0
    assert run((BEAT, FLAT), (BEAT + 2, FLAT))[0].shaken_n == 2 * FS
    assert run((FLAT, FLAT))[0].shaken_n == 0


def test_around_a_beat():
    watch, _ = run(*[(BEAT, FLAT)] * 5)
    around = watch.around(round(3.5 * FS), 50, 75, FS)
    assert around.shape == (2, 125)
    assert int(np.argmax(around[0])) == 50
    assert watch.around(round(4.9 * FS), 50, 75, FS) is None
    assert watch.around(round(0.1 * FS), 50, 75, FS) is None


def test_it_goes_on_from_a_checkpoint():
    watch, _ = run(*[(BEAT, BEAT)] * 3, (BEAT + 2, BEAT + 2))
    for at in (1.5, 2.5):
        watch.on_beat(round(at * FS), "N", FS, 1.0)
    again = Watch.of(default_limits().vf)
    codec.unpack(again, codec.pack(watch))
    assert codec.pack(again) == codec.pack(watch)
