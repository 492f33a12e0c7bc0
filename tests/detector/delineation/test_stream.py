"""Averages on the stream: any cut gives the same, state survives, beds stay apart."""

import numpy as np
import pytest

from detector.analyzer.analyzer import Analyzer
from detector.delineation.average import LEAST_BEATS
from detector.delineation.stream import UNSEEN, Delineation, LabelledBeat, measurement
from ecg_monitor.core.errors import CheckpointError
from ecg_monitor.core.types import Measurement
from simulator.synthetic.patient import SyntheticPatient

RR = 200


def seen(slot: int, number: int, **changes: int) -> LabelledBeat:
    peak = 1000 + number * RR
    beat = LabelledBeat(slot, peak, peak - RR, peak + RR, peak + 350, 0b11, 1)
    return beat._replace(**changes)


@pytest.fixture
def two_leads(strip) -> np.ndarray:
    return np.stack([strip(), 0.5 * strip()]).astype(np.float32)


def feed(delineation: Delineation, beats: list[LabelledBeat], strips: np.ndarray) -> list:
    return [result for beat in beats for result in delineation.take([beat], strips)]


def test_ten_seconds_of_beats_are_one_measurement(two_leads):
    delineation = Delineation()
    slot = delineation.add(2)
    results = feed(delineation, [seen(slot, i) for i in range(14)], two_leads)
    told = [measured for _, measured in results if measured is not None]
    assert len(told) == 1
    assert told[0].beats == 13
    assert told[0].rr == RR
    event = measurement(told[0], ("II", "V5"), 500.0)
    assert event.n == 2 * told[0].peak
    assert event.heart_rate == 75.0
    assert event.qrs_ms == pytest.approx(100, abs=16)
    assert event.pr_ms == pytest.approx(160, abs=24)
    assert event.qt_ms == pytest.approx(440, abs=40)
    assert event.st_mv == pytest.approx({"II": 0.0, "V5": 0.0}, abs=0.01)


def test_a_batch_gives_what_single_beats_give(two_leads):
    one, other = Delineation(1), Delineation(1)
    slots = [(d.add(2), d.add(2)) for d in (one, other)]
    beats = [seen(slot, i) for i in range(30) for slot in slots[0]]
    singly = feed(one, beats, two_leads)
    batch = other.take(beats, np.concatenate([two_leads] * len(beats)))
    assert repr(batch) == repr(singly)


def test_beats_that_are_not_normal_or_cut_short_do_not_count(two_leads):
    delineation = Delineation()
    slot = delineation.add(2)
    feed(delineation, [seen(slot, i, normal=0) for i in range(10)], two_leads)
    late = [seen(slot, i, known=1000 + i * RR + 100) for i in range(10, 20)]
    feed(delineation, late, two_leads)
    assert delineation.finish(slot) is None


def test_an_average_ends_where_the_stretch_does(two_leads):
    delineation = Delineation()
    slot = delineation.add(2)
    feed(delineation, [seen(slot, i) for i in range(LEAST_BEATS)], two_leads)
    _, measured = feed(delineation, [seen(slot, 40, before=-1)], two_leads)[0]
    assert measured.beats == LEAST_BEATS
    feed(delineation, [seen(slot, 41 + i) for i in range(LEAST_BEATS)], two_leads)
    assert delineation.finish(slot).beats == LEAST_BEATS
    assert delineation.finish(slot) is None


def test_p_waves_are_held_against_the_average_before(two_leads, strip):
    delineation = Delineation()
    slot = delineation.add(2)
    results = feed(delineation, [seen(slot, i) for i in range(14)], two_leads)
    assert results[0][0] == UNSEEN
    without = np.stack([strip(p_mv=0.0), 0.5 * strip(p_mv=0.0)]).astype(np.float32)
    with_p = feed(delineation, [seen(slot, 14)], two_leads)[0][0]
    without_p = feed(delineation, [seen(slot, 15)], without)[0][0]
    assert with_p.likeness == pytest.approx(1.0, abs=0.01)
    assert with_p.height == pytest.approx(1.0, abs=0.05)
    assert without_p.likeness == pytest.approx(0.0, abs=0.01)


def test_a_checkpoint_goes_on_where_it_was(two_leads):
    whole, first = Delineation(), Delineation()
    slots = whole.add(2), first.add(2)
    beats = [[seen(slot, i) for i in range(30)] for slot in slots]
    expected = feed(whole, beats[0], two_leads)
    feed(first, beats[1][:11], two_leads)
    other = Delineation()
    other.add(1)
    slot = other.add(2)
    other.load(slot, first.save(slots[1]))
    rest = [beat._replace(slot=slot) for beat in beats[1][11:]]
    assert repr(feed(other, rest, two_leads)) == repr(expected[11:])
    with pytest.raises(CheckpointError):
        other.load(slot, first.save(slots[1])[:-1])


def test_a_slot_starts_empty_again(two_leads):
    delineation = Delineation(1)
    slot = delineation.add(2)
    feed(delineation, [seen(slot, i) for i in range(10)], two_leads)
    delineation.remove(slot)
    assert delineation.add(2) == slot
    assert delineation.finish(slot) is None


def test_measurements_do_not_depend_on_packets_or_restarts(packetize):
    patient = SyntheticPatient("sinus", fs=500.0, leads=("II", "V1", "V5"), seed=2)
    samples = patient.generate(40.0).samples

    def run(cuts: list[int] | int, kill_every: int = 10**9) -> list[Measurement]:
        analyzer = Analyzer()
        events = []
        for i, packet in enumerate(packetize(samples, 500.0, cuts, leads=("II", "V1", "V5"))):
            events += [e for output in analyzer.feed([packet]) for e in output.events]
            if i % kill_every == kill_every - 1:
                saved = analyzer.save("bed-01")
                analyzer = Analyzer()
                analyzer.load("bed-01", saved)
        events += [e for output in analyzer.finish("bed-01") for e in output.events]
        return [event for event in events if isinstance(event, Measurement)]

    expected = run(250)
    assert len(expected) >= 3
    assert run([1000, 1003, 4999, 12345, 15000], kill_every=2) == expected
    assert run(137, kill_every=29) == expected
