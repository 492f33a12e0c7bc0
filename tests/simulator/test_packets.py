from itertools import islice

import numpy as np
import pytest

from ecg_monitor.core import wire
from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import InvalidStretch
from simulator.events import Send, Truth
from simulator.packets import packetize
from simulator.replay import Replay
from simulator.synthetic import Scenario, Segment, SyntheticPatient


def _events(recording, packet_s=0.25):
    source = Replay(recording, loop=False)
    return list(packetize(source, "d", "b", packet_s=packet_s, start=1000.0))


@pytest.mark.parametrize("packet_s", [0.1, 0.25, 0.3, 1.0])
@pytest.mark.parametrize("fs", [100.0, 127.5, 250.0])
def test_packets_hold_every_sample_once(ramp, fs, packet_s):
    recording = ramp(1003, fs)
    packets = [e.packet for e in _events(recording, packet_s) if isinstance(e, Send)]
    assert np.array_equal(np.concatenate([p.samples for p in packets], axis=1), recording.samples)
    assert [p.seq for p in packets] == list(range(len(packets)))
    assert [p.n0 for p in packets[1:]] == [p.n1 for p in packets[:-1]]
    for packet in packets:
        assert packet.t0 == 1000.0 + packet.n0 / fs
        assert wire.read(wire.encode_cbor(packet), "d") == packet


def test_a_packet_is_due_when_its_last_sample_was_taken(ramp):
    first = _events(ramp())[0]
    assert (first.due, first.packet.n1) == (0.25, 25)


def test_truth_covers_all_samples(ramp):
    recording = ramp(1003)
    truths = [e for e in _events(recording, 0.3) if isinstance(e, Truth)]
    assert [t.n0 for t in truths[1:]] == [t.n1 for t in truths[:-1]]
    assert (truths[0].n0, truths[-1].n1) == (0, 1003)
    assert [beat for t in truths for beat in t.beats] == list(recording.beats)
    assert all(t.n0 <= n < t.n1 for t in truths for n, _ in t.beats)


def test_events_are_in_order_of_time(ramp):
    dues = [event.due for event in _events(ramp(1003), 0.3)]
    assert dues == sorted(dues)


def test_leadoff_is_exact(ramp):
    events = _events(ramp(200, invalid=(InvalidStretch(1, 30, 40),)))
    packets = [e.packet for e in events if isinstance(e, Send)]
    off = {n for p in packets for n in range(p.n0, p.n1) if p.leadoff == ("V1",)}
    assert off == set(range(30, 40))


def test_what_the_wire_cannot_carry_is_refused(ramp):
    with pytest.raises(RecordError, match="cannot send 30 Hz"):
        _events(ramp(fs=30.0))


def test_pacemaker_pulses_are_told_where_they_begin_to_show():
    scenario = Scenario((Segment("paced", rate=70, spike_mv=20.0, wander_mv=0.0),), variety=0.0)
    patient = SyntheticPatient(scenario, fs=250.0, leads=("II",), rail_mv=60)
    events = packetize(patient, "d", "b", packet_s=0.25, start=0.0)
    packets = [e.packet for e in islice(events, 100) if isinstance(e, Send)]
    samples = np.concatenate([p.samples for p in packets], axis=1)[0] / 200
    high = np.flatnonzero(np.abs(samples) > 3)
    pulses = np.array([n for p in packets for n in p.pulses])
    assert np.diff(pulses) == pytest.approx(250 * 60 / 70, abs=1)
    begins = pulses[np.searchsorted(pulses, high, "right") - 1]
    assert set(begins) == set(pulses)
    assert (high - begins).max() <= 4
    assert np.abs(np.diff(samples)[pulses - 2]).max() < 0.1  # nothing shows before


def test_a_pacemaker_may_skip_cycles():
    scenario = Scenario((Segment("paced", rate=60, output=0.5),), variety=0.0)
    block = SyntheticPatient(scenario, fs=250.0).generate(100)
    assert 30 < len(block.pulses) < 70
    assert len(block.beats) == pytest.approx(len(block.pulses), abs=1)


def test_a_recording_tells_nothing_of_pulses(ramp):
    assert {e.packet.pacer for e in _events(ramp()) if isinstance(e, Send)} == {None}
