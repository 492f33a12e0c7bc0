"""A single lead that shows beats of its own."""

import numpy as np
import pytest

from detector.rhythm.conditions import Conditions
from detector.rhythm.witness.disorder import Disorder
from detector.rhythm.witness.witness import Witness
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.limits.model import default_limits

FS = 500.0
T = np.arange(1250) / 250.0


def signal(beats: list[float], end_s: float) -> np.ndarray:
    """The last 5 s of a lead with beats at these times, mV."""
    t = T + end_s - 5.0
    return sum(
        (
            np.exp(-0.5 * ((t - at) / 0.012) ** 2)
            + 0.25 * np.exp(-0.5 * ((t - at - 0.25) / 0.05) ** 2)
            for at in beats
        ),
        np.zeros(len(t)),
    )


class Bed:
    """Two leads: one shows all beats, the other those that are given."""

    def __init__(self) -> None:
        self.known, self.witness = Disorder(), Witness(("II", "V1"))
        self.out = Conditions(FS, default_limits().priorities)
        self.first: list[float] = []
        self.second: list[float] = []
        self.told: list[int] = []

    def run(self, beats: list[float], until_s: int, *, found: bool, both: bool) -> None:
        """Show seconds up to ``until_s``; whether the beats are found, and on both leads."""
        start = round(self.witness.end_n / FS) + 1
        self.first += beats
        self.second += beats if both else []
        waiting = list(beats) if found else []
        for end in range(start, until_s + 1):
            window = np.array([signal(self.first, end), signal(self.second, end)], np.float32)
            while waiting and waiting[0] + 0.4 < end:
                at = waiting.pop(0)
                self.known.on_beat(round(at * FS), FS, window, 1250 - round((end - at) * 250))
                self.witness.on_beat(self.known.likeness)
                self.told.append(round(at * FS))
            self.witness.on_second(round(end * FS), window, self.known, FS)


@pytest.fixture
def bed() -> Bed:
    """Twenty seconds of beats on both leads."""
    bed = Bed()
    bed.run([0.7 + 0.8 * i for i in range(24)], 20, found=True, both=True)
    return bed


def test_beats_that_were_found_are_not_hidden(bed):
    assert bed.witness.hidden(bed.told, 0, round(20 * FS), FS) == (0, 0)


def test_beats_that_only_one_lead_shows_are_counted_and_told(bed):
    bed.run([20.0, 20.8, 21.6, 22.4], 24, found=False, both=False)
    count, lead = bed.witness.hidden(bed.told, bed.told[-1], round(24 * FS), FS)
    assert (count, lead) == (4, 0)
    assert bed.witness.contradicts(bed.told, bed.told[-1], round(24 * FS), bed.out)
    (told,) = [event for event in bed.out.take() if isinstance(event, Alarm)]
    assert (told.kind, told.priority, told.lead, told.value) == (
        "leads_disagree",
        "technical",
        "II",
        4,
    )


def test_the_beat_that_ends_a_pause_does_not_deny_it(bed):
    bed.run([24.6], 25, found=False, both=True)
    assert bed.witness.found[0][-1] > 24.5 * FS
    assert not bed.witness.contradicts(bed.told, bed.told[-1], round(25 * FS), bed.out)
    bed.run([], 26, found=False, both=True)
    assert bed.witness.contradicts(bed.told, bed.told[-1], round(26 * FS), bed.out)


def test_silence_of_all_leads_is_believed(bed):
    bed.run([], 26, found=False, both=False)
    assert not bed.witness.contradicts(bed.told, bed.told[-1], round(26 * FS), bed.out)
    assert bed.out.take() == []


def test_a_lead_that_did_not_show_the_beats_found_is_no_witness():
    bed = Bed()
    bed.run([0.7 + 0.8 * i for i in range(24)], 20, found=True, both=False)
    bed.second = [20.0, 20.8, 21.6]
    bed.run([], 24, found=False, both=False)
    assert bed.witness.hidden(bed.told, bed.told[-1], round(24 * FS), FS) == (0, 0)


def test_it_goes_on_from_a_checkpoint(bed):
    again = Witness(("II", "V1"))
    codec.unpack(again, codec.pack(bed.witness))
    assert codec.pack(again) == codec.pack(bed.witness)
    bed.witness = again
    bed.run([20.0, 20.8], 22, found=False, both=False)
    assert bed.witness.hidden(bed.told, bed.told[-1], round(22 * FS), FS) == (2, 0)


def test_a_gap_ends_it(bed):
    bed.witness.forget()
    assert bed.witness.hidden([], 0, round(30 * FS), FS) == (0, 0)
