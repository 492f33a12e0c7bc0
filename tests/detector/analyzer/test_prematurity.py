"""In atrial fibrillation no beat is told as premature, however the signal arrives."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.labelling import Labelling, ReadyBeat, Verdict, never_premature
from detector.analyzer.offline import packets_of
from detector.explain.replay import replay
from ecg_monitor.core.types import Alarm, Beat, Event, Packet
from ecg_monitor.records import read_record

SECONDS = 80
FS = 360.0
EARLY = {"N": 0.2, "S": 0.7, "V": 0.1, "F": 0.0, "Q": 0.0}


class Eager(Labelling):
    """Calls every third normal beat premature, as networks may in fibrillation."""

    def label(self, beats: Sequence[ReadyBeat], windows: np.ndarray) -> list[Verdict]:
        return [
            verdict._replace(label="S", probabilities=EARLY)
            if verdict.label == "N" and beat.peak % 3 == 0
            else verdict
            for beat, verdict in zip(beats, super().label(beats, windows), strict=True)
        ]


@pytest.fixture(scope="module")
def recording(mitdb):
    """The beginning of record 201 (of DS1), in fibrillation from the first beat."""
    found = read_record(mitdb / "201")
    return replace(found, samples=found.samples[:, : round(SECONDS * FS)])


def told(packets: list[Packet], labelling: type[Labelling], spacing: int = 1000) -> list[Event]:
    """What is told of the packets, by an analyzer killed after every ``spacing`` of them."""
    analyzer = Analyzer(labelling=labelling())
    events: list[Event] = []
    for i, packet in enumerate(packets):
        events += [event for output in analyzer.feed([packet]) for event in output.events]
        if i % spacing == spacing - 1:
            saved = analyzer.save(packet.device)
            analyzer = Analyzer(labelling=labelling())
            analyzer.load(packet.device, saved)
    return events


@pytest.fixture(scope="module")
def events(recording):
    return told(list(packets_of(recording, 500)), Eager)


def beats_of(events: list[Event]) -> list[Beat]:
    return [event for event in events if isinstance(event, Beat)]


def test_beats_are_premature_until_fibrillation_is_held_to_be_present(events):
    beats = beats_of(events)
    began = next(i for i, beat in enumerate(beats) if beat.rhythm is not None)
    assert {beat.rhythm for beat in beats[began:]} == {"af"}
    before, since = beats[:began], beats[began:]
    # Fewer than every third: soon the intervals are known to have no order.
    assert sum(beat.label == "S" for beat in before) > 3
    moved = [beat for beat in since if beat.probabilities == never_premature(EARLY)]
    assert len(moved) > 10
    assert {beat.label for beat in moved} == {"N"}
    for beat in since:
        assert beat.label != "S"
        assert beat.probabilities["S"] == 0.0
        assert sum(beat.probabilities.values()) == pytest.approx(1, abs=0.01)


def test_before_that_intervals_without_order_leave_few_of_them_premature(events):
    before = [beat for beat in beats_of(events) if beat.rhythm is None]
    moved = [beat for beat in before if beat.probabilities == never_premature(EARLY)]
    assert len(moved) > 3
    assert {beat.label for beat in moved} == {"N"}
    assert all(beat.probabilities["S"] > 0.0 for beat in before if beat.label == "S")


def test_it_does_not_depend_on_packets_or_kills(events, recording):
    assert told(list(packets_of(recording, 170)), Eager, spacing=60) == events


def test_what_the_networks_call_a_beat_does_not_hold_fibrillation_up(events, recording):
    """Else it would feed itself: beats turned normal would be the lack of P waves."""
    plain = told(list(packets_of(recording, 500)), Labelling)

    def begins(found: list[Event]) -> list[int]:
        return [e.n for e in found if isinstance(e, Alarm) and e.kind == "af" and e.present]

    assert begins(plain)
    assert begins(events) == pytest.approx(begins(plain), abs=5 * FS)


def test_the_explanation_says_so(recording):
    packets = list(packets_of(recording, 250))
    beats = beats_of(told(packets, Labelling))
    beat = next(b for b in reversed(beats) if b.n < (SECONDS - 4) * FS)
    answer = replay(packets, packets[0].boot, beat.n)
    assert answer["rhythm"] == beat.rhythm == "af"
    assert answer["label"] == beat.label
    assert answer["probabilities"] == beat.probabilities
    assert answer["usual_timing"]["S"] == answer["usual_shape"]["S"] == 0.0
    sinus = replay(packets, packets[0].boot, beats[20].n)
    assert sinus["rhythm"] is None
    assert sinus["usual_timing"]["S"] > 0.0


def test_probabilities_keep_their_sum():
    assert never_premature(EARLY) == {"N": 0.9, "S": 0.0, "V": 0.1, "F": 0.0, "Q": 0.0}
    assert never_premature({}) == {}, "of beats that no network has seen"
