"""A paced beat is explained by its pulse, not by what networks might have said."""

from __future__ import annotations

from itertools import takewhile

from detector.analyzer.analyzer import Analyzer
from detector.explain.replay import replay
from ecg_monitor.core.types import Beat
from simulator.events import Send
from simulator.packets import packetize
from simulator.synthetic import Scenario, Segment, SyntheticPatient


def test_a_paced_beat_is_explained_by_its_pulse() -> None:
    scenario = Scenario((Segment("paced", rate=70),), variety=0.0)
    events = packetize(SyntheticPatient(scenario, fs=250.0), "bed", "boot", packet_s=0.5, start=0.0)
    sent = [e for e in takewhile(lambda e: e.due <= 20, events) if isinstance(e, Send)]
    packets = [event.packet for event in sent]
    beats = [e for o in Analyzer().feed(packets) for e in o.events if isinstance(e, Beat)]
    beat = beats[-4]
    answer = replay(packets, "boot", beat.n)
    assert (answer["label"], answer["paced"]) == ("Q", True)
    assert answer["probabilities"] == beat.probabilities
    assert beat.probabilities["Q"] == 1.0
    assert answer["saliency"] is answer["usual_shape"] is answer["usual_timing"] is None
