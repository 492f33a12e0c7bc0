"""Short holes in real signal: what is life-threatening stays told, and nothing is invented."""

import dataclasses

import numpy as np
import pytest
import wfdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.analyzer.analyzer import Analyzer
from ecg_monitor.core.types import Alarm, Beat, Episode, Event, Packet, Vitals
from tests.support.places import shared

FS = 360.0
TECHNICAL = {"analysis_limited", "leadoff", "noise"}
SLOW = {"asystole", "pause", "missed_beat", "extreme_bradycardia"}


def cut(folder, record: str, start_s: float, seconds: float, leads: int = 1) -> np.ndarray:
    """Stretch of a record at 200 units per mV, int16, shape (leads, n)."""
    fs = wfdb.rdheader(str(folder / record)).fs
    first, last = round(start_s * fs), round((start_s + seconds) * fs)
    mv = wfdb.rdrecord(str(folder / record), sampfrom=first, sampto=last).p_signal
    return np.round(200 * mv[:, :leads].T).astype(np.int16)


@pytest.fixture(scope="module")
def tachycardia(mitdb) -> np.ndarray:
    """110 s of record 223, the last 30 of them a slow ventricular tachycardia."""
    return cut(mitdb, "223", 500, 110)


@pytest.fixture(scope="module")
def fibrillation() -> np.ndarray:
    """50 s of a record of the malignant ventricular ectopy database, 30 s of them fibrillation."""
    return cut(shared("data/vfdb"), "422", 1515, 50)


def run(packets: list[Packet]) -> tuple[list[Event], dict[str, int]]:
    analyzer = Analyzer()
    outputs = [output for packet in packets for output in analyzer.feed([packet])]
    (device,) = analyzer.devices
    outputs += analyzer.finish(device)
    return [event for output in outputs for event in output.events], analyzer.counts(device)


def raised(events: list[Event]) -> set[str]:
    return {event.kind for event in events if isinstance(event, Alarm) and event.present}


def flagged(packets: list[Packet], off: set[int]) -> list[Packet]:
    """The packets, with all leads detached in those of these numbers."""
    return [
        dataclasses.replace(p, leadoff=p.leads, samples=np.zeros_like(p.samples)) if i in off else p
        for i, p in enumerate(packets)
    ]


def with_holes(packetize, signal, fs: float, holes: list[tuple[int, int]]) -> list[Packet]:
    """Packets of a signal whose samples from a to b of each hole are flagged as detached."""
    total = signal.shape[1]
    off = np.zeros(total, bool)
    for a, b in holes:
        off[a:b] = True
    edges = {*range(90, total, 90), *(np.flatnonzero(np.diff(off)) + 1).tolist()}
    packets = packetize(signal, fs, sorted(edges))
    return flagged(packets, {i for i, p in enumerate(packets) if off[p.n0]})


@st.composite
def random_holes(draw: st.DrawFn, total: int, fs: float) -> list[tuple[int, int]]:
    """Holes of 1 to 200 ms, together up to a tenth of the signal."""
    count = draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    starts = rng.integers(0, total, count)
    lengths = rng.integers(1, round(0.2 * fs) + 1, count)
    return [(int(a), int(min(total, a + n))) for a, n in zip(starts, lengths, strict=True)]


@pytest.mark.parametrize("every", [20, 10])
def test_a_lead_off_flag_that_flickers_hides_no_tachycardia(tachycardia, packetize, every):
    packets = packetize(tachycardia, FS, 36)
    events, _ = run(flagged(packets, set(range(every - 1, len(packets), every))))
    assert "vt" in raised(events)
    assert not {"af", "atrial_flutter"} & raised(events)
    assert "poor" in {event.quality for event in events if isinstance(event, Vitals)}


@pytest.mark.parametrize("lost", [lambda i: i % 20 == 9, lambda i: i * 7919 % 100 == 3])
def test_lost_packets_hide_no_tachycardia_and_are_counted(tachycardia, packetize, lost):
    packets = packetize(tachycardia, FS, 36)
    kept = [packet for i, packet in enumerate(packets) if not lost(i)]
    events, counts = run(kept)
    assert {"vt", *TECHNICAL} & raised(events)
    assert not {"af", "atrial_flutter"} & raised(events)
    gaps = [event for event in events if isinstance(event, Episode) and event.kind == "gap"]
    missing = 36 * (len(packets) - len(kept))
    assert sum(gap.end_n - gap.n for gap in gaps) == missing == counts["missing"]
    assert counts["bridged"] == missing
    assert counts["unseen"] == pytest.approx(missing, rel=0.12)


def test_one_missing_sample_a_second_costs_no_class(tachycardia, packetize):
    total = tachycardia.shape[1]
    whole, _ = run(packetize(tachycardia, FS, 90))
    holed, _ = run(
        with_holes(packetize, tachycardia, FS, [(n, n + 1) for n in range(180, total, 360)])
    )
    labels = [[e.label for e in events if isinstance(e, Beat)] for events in (whole, holed)]
    assert labels[0].count("Q") == labels[1].count("Q") <= 1  # one at power-up
    assert abs(labels[0].count("V") - labels[1].count("V")) <= 1
    assert raised(whole) == raised(holed)
    assert {e.quality for e in holed if isinstance(e, Vitals)} == {"good"}


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_holes_keep_a_tachycardia_or_are_told(tachycardia, packetize, data):
    holes = data.draw(random_holes(tachycardia.shape[1], FS))
    events, _ = run(with_holes(packetize, tachycardia, FS, holes))
    assert "vt" in raised(events) or TECHNICAL & raised(events)
    assert not {"af", "atrial_flutter", "asystole", "vf"} & raised(events)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_holes_keep_a_fibrillation_or_are_told(fibrillation, packetize, data):
    holes = data.draw(random_holes(fibrillation.shape[1], 250.0))
    events, _ = run(with_holes(packetize, fibrillation, 250.0, holes))
    assert "vf" in raised(events) or TECHNICAL & raised(events)
    assert "asystole" not in raised(events)


def test_holes_in_one_of_two_leads_change_no_class(mitdb, packetize):
    signal = cut(mitdb, "223", 500, 100, leads=2)
    packets = packetize(signal, FS, 36)
    whole, _ = run(packets)
    flicker = [
        dataclasses.replace(packet, leadoff=packet.leads[:1]) if i % 10 == 9 else packet
        for i, packet in enumerate(packets)
    ]
    holed, counts = run(flicker)
    found = [[event.label for event in one if isinstance(event, Beat)] for one in (whole, holed)]
    assert len(found[0]) == pytest.approx(len(found[1]), abs=1)
    assert found[1].count("Q") <= 1  # one at power-up
    assert raised(holed) >= {"vt"}
    assert counts["unseen"] == 0


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_found_over_holes_does_not_depend_on_the_packets(tachycardia, packetize, data):
    signal = tachycardia[:, : 360 * 25]
    total = signal.shape[1]
    holes = data.draw(random_holes(total, FS))
    lost = sorted(data.draw(st.sets(st.integers(720, total - 360), min_size=1, max_size=4)))
    gaps = [(n, n + data.draw(st.integers(1, 300))) for n in lost]
    cuts = data.draw(st.sets(st.integers(1, total - 1), min_size=20, max_size=60))
    found = []
    for edges in (set(range(0, total, 90)), cuts):
        ends = {end for span in (*holes, *gaps) for end in span if 0 < end < total}
        packets = packetize(signal, FS, sorted((edges | ends) - {0}))
        off = {i for i, p in enumerate(packets) if any(a <= p.n0 < b for a, b in holes)}
        arrived = [
            packet
            for packet in flagged(packets, off)
            if not any(a <= packet.n0 < b for a, b in gaps)
        ]
        found.append(run(arrived))
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["100", "117"])
@pytest.mark.parametrize("period_ms", [200, 500, 1000])
def test_contacts_that_come_and_go_in_turn_make_no_pause(mitdb, packetize, name, period_ms):
    """One of two leads is there at each moment, and neither for long enough to show each beat."""
    packets = packetize(cut(mitdb, name, 0, 60, leads=2), FS, 36)
    in_turn = [
        dataclasses.replace(packet, leadoff=(packet.leads[i * 100 // period_ms % 2],))
        for i, packet in enumerate(packets)
    ]
    events, _ = run(in_turn)
    assert "analysis_limited" in raised(events)
    assert not SLOW & raised(events)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turns=st.lists(st.lists(st.integers(1, 20), min_size=30, max_size=60), min_size=2, max_size=2)
)
def test_loose_contacts_of_both_leads_make_no_pause(mitdb, packetize, turns):
    """Each lead is on and off in turn for so many packets of 100 ms."""
    packets = packetize(cut(mitdb, "117", 0, 40, leads=2), FS, 36)
    off = [np.repeat(np.arange(len(one)) % 2, one) for one in turns]
    loose = [
        dataclasses.replace(
            packet,
            leadoff=tuple(
                lead for lead, one in zip(packet.leads, off, strict=True) if i < len(one) and one[i]
            ),
        )
        for i, packet in enumerate(packets)
    ]
    assert not SLOW & raised(run(loose)[0])
