"""The analyzer: what it finds, and that it finds the same however the signal arrives."""

import numpy as np
import pytest
import wfdb
from hypothesis import HealthCheck, given, settings

from detector.analyzer.analyzer import Analyzer, Output
from ecg_monitor.core.errors import CheckpointError
from ecg_monitor.core.types import Alarm, Beat, Episode, Event, Packet, RPeak, Vitals
from tests.support.deliveries import Delivery, deliveries

FS = 360.0
TOTAL = 360 * 40


@pytest.fixture(scope="module")
def stretch(mitdb) -> np.ndarray:
    """40 s of record 208 (PVCs, fusion beats), two leads, flat for 6 s in the middle."""
    record = wfdb.rdrecord(str(mitdb / "208"), sampto=TOTAL, physical=False)
    samples = (record.d_signal.T - 1024).astype(np.int16)
    samples[:, 360 * 18 : 360 * 24] = samples[:, 360 * 18 : 360 * 18 + 1]
    return samples


def collect(outputs: list[Output]) -> list[Event]:
    """All events in order, having checked that their numbers follow on one another."""
    expected: dict[str, int] = {}
    for output in outputs:
        assert output.ordinal == expected.get(output.device, 0)
        expected[output.device] = output.ordinal + len(output.events)
    return [event for output in outputs for event in output.events]


def run(packets: list[Packet], batch: int = 7) -> list[Event]:
    analyzer = Analyzer()
    outputs = []
    for i in range(0, len(packets), batch):
        outputs += analyzer.feed(packets[i : i + batch])
    for device in analyzer.devices:
        outputs += analyzer.finish(device)
    return collect(outputs)


def of(events: list[Event], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(delivery=deliveries(TOTAL))
def test_events_do_not_depend_on_packets_order_repeats_or_kills(
    stretch, packetize, delivery: Delivery
):
    whole = run(packetize(stretch, FS, 180))
    analyzer, outputs = delivery.outputs(lambda cuts: packetize(stretch, FS, cuts))
    assert collect(outputs) == whole
    assert analyzer.counts("bed-01")["accepted"] == TOTAL


def test_it_finds_the_beats_and_the_asystole(stretch, packetize, mitdb):
    events = run(packetize(stretch, FS, 180))
    reference = wfdb.rdann(str(mitdb / "208"), "atr", sampto=TOTAL)
    beats = [s for s, y in zip(reference.sample, reference.symbol, strict=True) if y in "NVF"]
    true = np.array([s for s in beats if not 360 * 18 <= s < 360 * 24])
    found = np.array([beat.n for beat in of(events, Beat)])
    distance = np.abs(true[:, None] - found[None, :]).min(axis=1)
    assert (distance <= 0.15 * FS).mean() > 0.97
    assert np.median(distance) <= 0.010 * FS

    begins, ends = (a for a in of(events, Alarm) if a.kind == "asystole")
    assert begins.present
    assert not ends.present
    assert begins.n in found
    assert 4.0 <= (begins.decided_n - begins.n) / FS <= 5.0
    assert ends.decided_n / FS < 24 + 2.0


def test_many_beds_in_one_call_do_not_touch_each_other(stretch, packetize):
    alone = run(packetize(stretch, FS, 180))
    beds = {}
    for i in range(20):
        beds[f"bed-{i}"] = packetize(
            stretch[: 1 + i % 2, i * 40 :], FS, 90 + 10 * i, device=f"bed-{i}", boot=f"boot-{i}"
        )
    analyzer = Analyzer()
    outputs: list[Output] = []
    for round_ in range(max(map(len, beds.values()))):
        outputs += analyzer.feed(p[round_] for p in beds.values() if round_ < len(p))
    for device in beds:
        outputs += analyzer.finish(device)
    for device, packets in beds.items():
        mine = collect([output for output in outputs if output.device == device])
        assert mine == run(packets)
    one = collect([output for output in outputs if output.device == "bed-1"])
    assert len(of(one, Beat)) == pytest.approx(len(of(alone, Beat)), abs=2)


@pytest.mark.parametrize("fs", [50.0, 125.0, 128.0, 250.0, 257.0, 333.3333, 500.0, 1000.0, 2000.0])
def test_rate_and_r_peaks_at_any_sampling_rate(pulses, packetize, fs):
    events = run(packetize(pulses(fs, 30, 75), fs, round(fs / 4)))
    beats = np.array([beat.n for beat in of(events, Beat)]) / fs
    true = (np.arange(37) + 0.5) * 0.8
    assert len(beats) == 37
    assert np.abs(beats - true).max() < 0.010
    rates = [v.heart_rate for v in of(events, Vitals) if v.n > 6 * fs]
    assert rates == pytest.approx([75.0] * len(rates), rel=0.01)


@pytest.mark.parametrize("mv", [0.2, 0.5, 2.0, 5.0, -1.0])
def test_small_tall_and_inverted_complexes(pulses, packetize, mv):
    events = run(packetize(pulses(FS, 20, 60, mv), FS, 90))
    assert len(of(events, Beat)) == len(of(events, RPeak)) == 20
    for beat in of(events, RPeak):
        assert beat.amplitude_mv == pytest.approx(mv, rel=0.25)


def test_a_gap_is_declared_and_nothing_is_found_in_it(pulses, packetize):
    packets = packetize(pulses(FS, 40, 60), FS, 90)
    kept = [p for p in packets if not 3600 <= p.n0 < 3600 + 360 * 8]
    events = run(kept)
    (gap,) = of(events, Episode)
    assert (gap.kind, gap.n, gap.end_n) == ("gap", 3600, 3600 + 360 * 8)
    beats = [beat.n for beat in of(events, Beat)]
    assert len(beats) == 32
    assert not [n for n in beats if gap.n <= n < gap.end_n]
    after = [beat for beat in of(events, Beat) if beat.n >= gap.end_n]
    assert after[0].rr_s is None  # not measured across the gap
    assert after[0].n / FS - gap.end_n / FS < 1.0
    assert not [a for a in of(events, Alarm) if a.kind == "asystole"]


def test_leadoff_is_a_technical_alarm_and_not_an_asystole(pulses, packetize):
    import dataclasses

    packets = packetize(pulses(FS, 40, 60), FS, 90)
    off = [
        dataclasses.replace(p, leadoff=p.leads, samples=np.zeros_like(p.samples))
        if 3600 <= p.n0 < 7200
        else p
        for p in packets
    ]
    alarms = of(run(off), Alarm)
    assert [(a.kind, a.priority, a.present) for a in alarms] == [
        ("leadoff", "technical", True),
        ("leadoff", "technical", False),
    ]


@pytest.mark.parametrize(
    ("bpm", "kind"), [(32, "extreme_bradycardia"), (170, "extreme_tachycardia")]
)
def test_extreme_rates_are_alarmed_once(pulses, packetize, bpm, kind):
    signal = np.hstack([pulses(FS, 20, 75), pulses(FS, 40, bpm), pulses(FS, 30, 75)])
    alarms = of(run(packetize(signal, FS, 90)), Alarm)
    assert [(a.kind, a.present) for a in alarms] == [(kind, True), (kind, False)]
    assert alarms[0].n / FS == pytest.approx(20, abs=2.5)  # the oldest of its beats


def test_a_new_boot_starts_a_new_stream_and_stale_packets_are_counted(pulses, packetize):
    first = packetize(pulses(FS, 10, 60), FS, 90, boot="one")
    second = packetize(pulses(FS, 10, 60), FS, 90, boot="two")
    analyzer = Analyzer()
    outputs = [*analyzer.feed(first), *analyzer.feed(second[:9]), *analyzer.feed(first[-2:])]
    outputs += [*analyzer.feed(second[9:]), *analyzer.finish("bed-01")]
    collect(outputs)
    boots = {}
    for output in outputs:
        found = [event for event in output.events if isinstance(event, Beat)]
        boots[output.signature.boot] = boots.get(output.signature.boot, 0) + len(found)
    assert boots == {"one": 10, "two": 10}
    assert analyzer.counts("bed-01")["stale"] == 180


def test_a_change_of_rate_or_leads_in_mid_stream_starts_a_new_stream(pulses, packetize):
    slow = packetize(pulses(FS, 10, 60), FS, 90)
    fast = packetize(pulses(500.0, 10, 60), 500.0, 125, start=5000)
    two = packetize(np.vstack([pulses(500.0, 10, 60)] * 2), 500.0, 125, start=10000)
    events = run(slow + fast + two)
    assert len(of(events, Beat)) == 30


def test_a_damaged_checkpoint_is_refused(pulses, packetize):
    analyzer = Analyzer()
    analyzer.feed(packetize(pulses(FS, 5, 60), FS, 90))
    saved = analyzer.save("bed-01")
    for bad in (saved[:-10], b"", b"\xa0", saved.replace(b"version", b"VERSION")):
        with pytest.raises(CheckpointError):
            Analyzer().load("bed-01", bad)
