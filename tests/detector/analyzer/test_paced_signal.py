"""Pacemakers through the whole analysis: synthetic patients with pulses in their packets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise, takewhile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from detector.analyzer.analyzer import Analyzer
from ecg_monitor.core.types import Alarm, Beat, Episode, Event, Packet, Vitals
from simulator.events import Send
from simulator.packets import packetize
from simulator.synthetic import SyntheticPatient
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment
from tests.support.deliveries import Delivery, deliveries

FS = 250.0
FAILING = (
    Segment("paced", 14, rate=70),
    Segment("paced", 5, rate=70, capture=0.0),
    Segment("paced", 10, rate=70),
    Segment("paced", 3, rate=70, output=0.0),
    Segment("paced", 8, rate=70),
)
TOTAL = round(FS * 40)


def packets_of(
    segments: Iterable[Segment], seconds: float, packet_s: float = 0.25, fs: float = FS
) -> list[Packet]:
    """What the device of a patient sends."""
    scenario = Scenario(tuple(segments), loop=False, variety=0.0)
    patient = SyntheticPatient(scenario, fs=fs, leads=("II", "V1"), seed=4, rail_mv=60)
    events = packetize(patient, "bed-01", "boot-1", packet_s=packet_s, start=1.7e9)
    wanted = takewhile(lambda event: event.due <= seconds + 1e-9, events)
    return [event.packet for event in wanted if isinstance(event, Send)]


def run(packets: Iterable[Packet]) -> list[Event]:
    analyzer = Analyzer()
    outputs = [*analyzer.feed(packets), *analyzer.finish("bed-01")]
    return [event for output in outputs for event in output.events]


def of(events: Iterable[Event], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def cut(packets: list[Packet], cuts: list[int]) -> list[Packet]:
    """The same signal and pulses in other packets."""
    samples = np.concatenate([packet.samples for packet in packets], axis=1)
    pulses = [n for packet in packets for n in packet.pulses]
    edges = [0, *cuts, samples.shape[1]]
    return [
        replace(
            packets[0],
            seq=seq,
            n0=a,
            t0=1.7e9 + a / FS,
            samples=samples[:, a:b],
            pacer=tuple(n - a for n in pulses if a <= n < b),
        )
        for seq, (a, b) in enumerate(pairwise(edges))
    ]


@pytest.fixture(scope="module")
def failing() -> list[Packet]:
    """40 s: capture is lost for 5 s, then no pulses come for 3 s."""
    return packets_of(FAILING, 40)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(delivery=deliveries(TOTAL))
def test_pulses_and_alarms_do_not_depend_on_packets_order_repeats_or_kills(
    failing, delivery: Delivery
):
    whole = run(failing)
    _, outputs = delivery.outputs(lambda cuts: cut(failing, cuts))
    assert [event for output in outputs for event in output.events] == whole


def test_what_fails_is_told_in_time(failing):
    events = run(failing)
    ours = {"pacer_not_capture", "asystole", "pacer_not_pacing"}
    raised = [alarm for alarm in of(events, Alarm) if alarm.present and alarm.kind in ours]
    assert [a.kind for a in raised] == ["pacer_not_capture", "asystole", "pacer_not_pacing"]
    beats = [beat.n for beat in of(events, Beat)]
    for alarm, latest_s in zip(raised, (2.5, 5.0, 2.5), strict=True):
        last = max(n for n in beats if n < alarm.decided_n)
        assert (alarm.decided_n - last) / FS <= latest_s
    assert {beat.label for beat in of(events, Beat)} == {"Q"}
    told = [e.kind for e in of(events, Episode) if e.kind.startswith("pace")]
    assert told == ["pacer_not_capture", "pacer_not_pacing", "paced"]
    assert of(events, Vitals)[-1].rhythm == "paced"


@pytest.mark.parametrize("spike_mv", [2.0, 50.0])
@pytest.mark.parametrize("fs", [125.0, 250.0, 500.0])
def test_asystole_is_raised_in_5_s_while_pulses_go_on(fs, spike_mv):
    segments = (
        Segment("paced", 14, rate=70, spike_mv=spike_mv),
        Segment("paced", 10, rate=70, capture=0.0, spike_mv=spike_mv),
    )
    events = run(packets_of(segments, 24, fs=fs))
    last = max(beat.n for beat in of(events, Beat))
    assert last / fs == pytest.approx(14, abs=0.7)
    (asystole,) = [a for a in of(events, Alarm) if a.kind == "asystole" and a.present]
    assert 4.0 <= (asystole.decided_n - last) / fs <= 5.0


def test_high_pulses_are_no_beats_even_if_the_device_tells_of_none():
    segments = (
        Segment("paced", 14, rate=70, spike_mv=10.0),
        Segment("paced", 10, rate=70, capture=0.0, spike_mv=10.0),
    )
    packets = [replace(packet, pacer=None) for packet in packets_of(segments, 24)]
    alarms = of(run(packets), Alarm)
    assert "asystole" in {alarm.kind for alarm in alarms}
    assert not {"pacer_not_capture", "pacer_not_pacing"} & {alarm.kind for alarm in alarms}


def test_paced_beats_are_no_ventricular_ectopy():
    events = run(packets_of((Segment("paced", 60, rate=70),), 60))
    assert {beat.label for beat in of(events, Beat)} == {"Q"}
    assert of(events, Alarm) == []


def test_ventricular_tachycardia_is_alarmed_although_pulses_go_on():
    """A pacemaker that does not sense paces on at 70 while the heart beats at 180."""
    segments = (Segment("paced", 14, rate=70), Segment("vt", 12, rate=180, vt_form=0))
    packets = packets_of(segments, 26)
    on = [round((14 + i * 60 / 70) * FS) for i in range(14)]
    packets = [
        replace(p, pacer=(*p.pacer, *(n - p.n0 for n in on if p.n0 <= n < p.n1 and not p.pacer)))
        for p in packets
    ]
    high = [a for a in of(run(packets), Alarm) if a.kind == "vt" and a.present]
    assert high
    assert high[0].decided_n / FS - 14 < 8


def test_a_gap_while_pacing_is_no_failure(failing):
    sound = packets_of((Segment("paced", 40, rate=70),), 40)
    kept = [packet for packet in sound if not 15 * FS <= packet.n0 < 25 * FS]
    events = run(kept)
    assert of(events, Alarm) == []
    assert [e.kind for e in of(events, Episode)] == ["paced", "gap", "paced"]


def test_pulses_are_part_of_the_checkpoint(failing):
    analyzer = Analyzer()
    analyzer.feed(failing[:20])
    other = Analyzer()
    other.load("bed-01", analyzer.save("bed-01"))
    assert other.save("bed-01") == analyzer.save("bed-01")
