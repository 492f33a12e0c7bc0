from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core import wire
from ecg_monitor.core.errors import SettingsError, WireError
from simulator.events import Offline, Send, SendRaw, Truth
from simulator.faults.bad_packets import KINDS, corrupt
from simulator.faults.schedule import Faults, apply_faults, parse_faults
from simulator.packets import packetize
from simulator.replay import Replay
from simulator.synthetic import Scenario, Segment, SyntheticPatient


@pytest.fixture(scope="session")
def play(ramp):
    """Events of 60 s of a patient under faults, and what the faults counted."""

    def run(seed="s", seconds=60, **faults):
        source = Replay(ramp(), loop=True)
        sound = packetize(source, "d", "boot", packet_s=0.25, start=0.0)
        part = list(_until(sound, seconds))
        counts = Counter()
        return part, list(apply_faults(part, Faults(**faults), seed, counts)), counts

    return run


def _until(events, seconds):
    for event in events:
        if event.due > seconds:
            return
        yield event


def _starts(events):
    return [e.packet.n0 for e in events if isinstance(e, Send)]


SHARES = st.floats(0, 1)
ANY_FAULTS = st.fixed_dictionaries(
    {},
    optional={
        "loss": SHARES,
        "duplicate": SHARES,
        "reorder": st.tuples(SHARES, st.integers(1, 5)),
        "jitter": st.floats(0.001, 2),
        "offline": st.just((20.0, 5.0)),
        "drift": st.floats(-500, 500),
        "leadoff": st.just((20.0, 4.0)),
        "bad": st.floats(0, 0.1),
        "reboot": st.just(13.0),
        "leads": st.just(7.0),
        "rate": st.just(9.0),
    },
)


@settings(max_examples=40, deadline=None)
@given(faults=ANY_FAULTS, seed=st.text(max_size=3))
def test_faults_are_deterministic_ordered_and_never_touch_truth(play, faults, seed):
    sound, faulty, counts = play(seed, **faults)
    _, again, counts_again = play(seed, **faults)
    assert faulty == again
    assert counts == counts_again
    assert all(a.due <= b.due for a, b in pairwise(faulty))
    beats = [len(e.beats) for e in faulty if isinstance(e, Truth)]
    assert beats == [len(e.beats) for e in sound if isinstance(e, Truth)]


@settings(max_examples=40, deadline=None)
@given(faults=ANY_FAULTS.filter(lambda f: not {"loss", "reboot", "rate"} & set(f)))
def test_without_loss_every_packet_arrives(play, faults):
    sound, faulty, counts = play(**faults)
    assert set(_starts(faulty)) == set(_starts(sound))
    assert len(_starts(faulty)) == len(_starts(sound)) + counts["duplicated"]


def test_no_faults_changes_nothing(play):
    sound, faulty, counts = play()
    assert faulty == sound
    assert not counts


def test_loss(play):
    sound, faulty, counts = play(loss=0.3)
    assert len(_starts(sound)) - len(_starts(faulty)) == counts["lost"] > 20


def test_reorder_moves_by_the_places_asked_for(play):
    sound, faulty, _ = play(reorder=(0.1, 3))
    place = {n0: i for i, n0 in enumerate(_starts(faulty))}
    moved = [place[n0] - i for i, n0 in enumerate(_starts(sound))]
    assert max(moved) >= 3
    assert min(moved) < 0


def test_jitter_delays_by_its_mean(play):
    sound, faulty, _ = play(jitter=0.05)
    due = {e.packet.n0: e.due for e in sound if isinstance(e, Send)}
    delays = [e.due - due[e.packet.n0] for e in faulty if isinstance(e, Send)]
    assert min(delays) >= 0
    assert 0.03 < np.mean(delays) < 0.1


def test_offline_holds_everything_back_until_it_ends(play):
    _, faulty, _ = play(offline=(20.0, 5.0))
    cuts = [e for e in faulty if isinstance(e, Offline)]
    assert len(cuts) >= 2
    for cut in cuts:
        assert 4.5 <= cut.until - cut.due <= 5.0
        assert not [e for e in faulty if isinstance(e, Send) and cut.due <= e.due < cut.until]


def test_drift_changes_the_pace_not_the_device_clock(play):
    sound, faulty, _ = play(drift=100.0)
    assert faulty[-1].due == pytest.approx(sound[-1].due / (1 + 100e-6))
    times = [[e.packet.t0 for e in events if isinstance(e, Send)] for events in (sound, faulty)]
    assert times[0] == times[1]


def test_leadoff_is_flagged_and_flat(play):
    _, faulty, counts = play(leadoff=(20.0, 4.0))
    off = [e.packet for e in faulty if isinstance(e, Send) and e.packet.leadoff]
    assert counts["leadoff"] >= 2
    assert 10 < len(off) < 70
    for packet in off:
        row = packet.leads.index(packet.leadoff[0])
        assert np.ptp(packet.samples[row]) == 0


def test_reboot_begins_again_at_zero(play):
    sound, faulty, counts = play(reboot=10.0)
    boots = {}
    for event in faulty:
        if isinstance(event, Send):
            boots.setdefault(event.packet.boot, []).append(event.packet)
    assert len(boots) == 1 + counts["rebooted"] == 6
    for packets in boots.values():
        assert (packets[0].n0, packets[0].seq) == (0, 0)
        assert all(b.n0 == a.n1 and b.seq == a.seq + 1 for a, b in pairwise(packets))
    assert [t.boot for t in faulty if isinstance(t, Truth)][-1] == list(boots)[-1]
    assert all(0 <= t.n0 <= n < t.n1 for t in faulty if isinstance(t, Truth) for n, _ in t.beats)
    t0 = [e.packet.t0 for e in faulty if isinstance(e, Send)]
    assert t0 == [e.packet.t0 for e in sound if isinstance(e, Send)]


def test_change_of_leads_and_rate(play):
    _, faulty, _ = play(leads=20.0, rate=40.0)
    packets = [e.packet for e in faulty if isinstance(e, Send)]
    kinds = list(dict.fromkeys((p.leads, p.fs) for p in packets))
    assert kinds == [(("II", "V1"), 100.0), (("II",), 100.0), (("II",), 50.0)]
    for packet in packets:
        wire.read(wire.encode_cbor(packet), "d")


def test_bad_packets_come_on_top(play):
    sound, faulty, counts = play(bad=0.2)
    assert _starts(faulty) == _starts(sound)
    raw = [e.payload for e in faulty if isinstance(e, SendRaw)]
    assert len(raw) == counts["bad"] > 10
    for payload in raw:
        with pytest.raises(WireError):
            wire.read(payload, "d")


@pytest.mark.parametrize(
    ("kind", "reason"),
    {
        "truncated": "encoding", "empty": "encoding", "not_utf8": "encoding", "nan": "encoding",
        "huge": "size", "version": "version", "missing": "missing", "type": "type",
        "rate": "range", "gain": "range", "ragged": "length",
    }.items(),
)  # fmt: skip
def test_each_bad_packet_is_bad_in_its_own_way(play, kind, reason):
    assert kind in KINDS
    packet = play()[0][0].packet
    with pytest.raises(WireError) as caught:
        wire.read(corrupt(packet, kind), "d")
    assert caught.value.reason == reason


def test_parse():
    faults = parse_faults(["loss=0.01,reorder=0.05:2", "offline=60:10, drift=-80"])
    assert faults == Faults(loss=0.01, reorder=(0.05, 2), offline=(60.0, 10.0), drift=-80.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lose=1", "unknown fault 'lose'"),
        ("loss=2", "0 to 1"),
        ("loss", "write loss=NUMBER"),
        ("loss=nan", "write loss=NUMBER"),
        ("reorder=0.1:0", "places"),
        ("offline=10", "EVERY_S:LENGTH_S"),
        ("offline=10:20", "under the period"),
        ("jitter=-1", "negative"),
        ("drift=1e6", "10000 ppm"),
    ],
)
def test_wrong_specs_are_named(text, says):
    with pytest.raises(SettingsError, match=says):
        parse_faults([text])


def test_pulses_follow_what_happens_to_their_samples():
    scenario = Scenario((Segment("paced", rate=70),))
    sound = packetize(SyntheticPatient(scenario, fs=250.0), "d", "b", packet_s=0.25, start=0.0)
    part = list(_until(sound, 40))
    for faults in (Faults(rate=5.0), Faults(reboot=9.0), Faults(leadoff=(10.0, 5.0))):
        counts = Counter()
        for event in apply_faults(part, faults, "s", counts):
            if isinstance(event, Send):
                packet = event.packet
                assert wire.read(wire.encode_cbor(packet), "d") == packet
                assert packet.leadoff != packet.leads or packet.pacer == ()
        assert counts
