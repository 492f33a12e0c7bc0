"""Whatever forms, boots and publishers a device's stream goes through: what is live is analysed."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import cbor2
import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.analyzer.analyzer import Analyzer, Output
from detector.analyzer.forms import ADMIT_S, FORGET_S
from ecg_monitor.core import wire
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.format.ranges import RANGES
from ecg_monitor.core.types import Alarm, Episode, Event, Packet, RPeak
from tests.detector.conftest import pulse_train

FS = 360.0


def make(
    mv: np.ndarray,
    start: int = 0,
    *,
    boot: str = "b",
    leads: tuple[str, ...] = ("II",),
    gain: float = 200.0,
    baseline: float = 0.0,
    fs: float = FS,
    length: int = 180,
    began: float = 1.7e9,
) -> list[Packet]:
    """Packets of a signal, mV, shape (2, n), as a device of such a form sends it.

    V1 shows the second row, all other leads the first.
    """
    total = mv.shape[1]
    found = []
    for a, b in pairwise([*range(0, total, length), total]):
        rows = [int(lead == "V1") for lead in leads]
        samples = np.round(mv[rows, a:b] * gain + baseline).astype(np.int16)
        scale = ((gain,) * len(leads), (baseline,) * len(leads))
        n0 = start + a
        found.append(Packet("bed", boot, n0, n0, began + n0 / fs, fs, leads, *scale, samples))
    return found


def heart(seconds: float, fs: float = FS, bpm: float = 75.0) -> np.ndarray:
    """Two leads of a beating heart with a trace of noise, mV."""
    noise = np.random.default_rng(1).normal(0, 0.01, (2, round(fs * seconds)))
    return pulse_train(fs, seconds, bpm) * np.array([[1.0], [0.6]]) + noise


def stopped(seconds: float, fs: float = FS) -> np.ndarray:
    return np.random.default_rng(2).normal(0, 0.005, (2, round(fs * seconds)))


def outputs_of(packets: Iterable[Packet], analyzer: Analyzer | None = None) -> list[Output]:
    analyzer = analyzer or Analyzer(networks=False)
    found = [output for packet in packets for output in analyzer.feed([packet])]
    return found + analyzer.finish("bed")


def events_of(outputs: Iterable[Output]) -> list[Event]:
    return [event for output in outputs for event in output.events]


def alarms(outputs: Iterable[Output], kind: str) -> list[Alarm]:
    return [e for e in events_of(outputs) if isinstance(e, Alarm) and e.kind == kind]


def peaks(outputs: Iterable[Output], boot: str = "b", since: float = 0.0) -> int:
    """How many beats have been found in a boot after so many seconds of it."""
    return sum(
        isinstance(event, RPeak) and event.n >= since * output.signature.fs
        for output in outputs
        if output.signature.boot == boot
        for event in output.events
    )


def split(plan: list[tuple[float, dict]], mv: np.ndarray) -> list[Packet]:
    """Packets of a signal whose form changes after so many seconds each."""
    found, n = [], 0
    for seconds, form in plan:
        end = n + round(seconds * FS)
        found += make(mv[:, n:end], n, **form)
        n = end
    return found


BOTH, ONE = {"leads": ("II", "V1")}, {"leads": ("II",)}
PLANS = {
    "a lead plugged in for 20 s": [(20, ONE), (20, BOTH), (20, ONE)],
    "a lead lost for 20 s": [(20, BOTH), (20, ONE), (20, BOTH)],
    "gain 200 -> 400 -> 200": [(20, {}), (20, {"gain": 400.0}), (20, {})],
    "baseline toggles every 5 s": [(5, {"baseline": 1024.0 * (i % 2)}) for i in range(12)],
    "a contact that flickers": [(0.5, (BOTH, ONE)[i % 2]) for i in range(120)],
    "leads in another order": [(5, {"leads": ("II", "V1")}), (55, {"leads": ("V1", "II")})],
}


@pytest.mark.parametrize("name", PLANS)
def test_forms_that_change_and_change_back_lose_no_beat(name):
    mv = np.hstack([heart(60), stopped(12)])
    (seconds, last), rest = PLANS[name][-1], PLANS[name][:-1]
    analyzer = Analyzer()
    outputs = outputs_of(split([*rest, (seconds + 12, last)], mv), analyzer)
    assert peaks(outputs) >= 73  # of 75
    counts = analyzer.counts("bed")
    assert (counts["stale"], counts["missing"], counts["accepted"]) == (0, 0, 72 * 360)
    (told, *_) = alarms(outputs, "asystole")
    assert 60 <= told.decided_n / FS <= 66
    assert not alarms(outputs, "two_devices")


def test_real_signal_whose_leads_change_and_change_back(mitdb):
    record = wfdb.rdrecord(str(mitdb / "106"), sampto=60 * 360, physical=True)
    outputs = outputs_of(split(PLANS["a lead plugged in for 20 s"], record.p_signal.T))
    mark = wfdb.rdann(str(mitdb / "106"), "atr", sampto=60 * 360)
    beats = sum(symbol in "NVLRAFQ/fejE" for symbol in mark.symbol)
    assert peaks(outputs) >= beats - 4


def test_a_new_gain_holds_from_its_first_sample_on():
    mv = heart(40)
    plain = events_of(outputs_of(make(mv)))
    changed = events_of(outputs_of(split([(20, {}), (20, {"gain": 190.0, "baseline": 9.0})], mv)))
    found = [[(e.n, round(e.amplitude_mv, 1)) for e in one if isinstance(e, RPeak)]
             for one in (plain, changed)]  # fmt: skip
    assert found[0] == found[1]


def test_a_lead_that_is_new_is_taken_in_and_one_that_is_gone_is_forgotten():
    mv = heart(60)
    outputs = outputs_of(split([(10, ONE), (10, BOTH), (40, ONE)], mv))
    seen = [output.signature.leads for output in outputs]
    assert [one for i, one in enumerate(seen) if i == 0 or seen[i - 1] != one] == [
        ("II",), ("II", "V1"), ("II",)
    ]  # fmt: skip
    assert ADMIT_S < 10 < FORGET_S < 40


def test_a_lead_that_is_gone_is_told_as_detached():
    mv = heart(40)
    outputs = outputs_of(split([(20, BOTH), (20, ONE)], mv), Analyzer())
    (told, *_) = alarms(outputs, "electrode_off")
    assert told.lead == "V1"


@settings(max_examples=15, deadline=None)
@given(
    length=st.sampled_from([36, 60, 90, 120, 180, 360]),
    batch=st.integers(1, 9),
    killed_every=st.integers(3, 60),
    swaps=st.sets(st.integers(0, 60), max_size=12),
)
def test_changes_of_form_do_not_depend_on_packets_or_kills(length, batch, killed_every, swaps):
    plan = [(8, ONE), (3, BOTH), (1, ONE), (9, BOTH), (4, {"gain": 100.0, **BOTH}), (8, BOTH)]
    mv = heart(33)
    whole = events_of(outputs_of(split(plan, mv)))
    packets = split([(seconds, {**form, "length": length}) for seconds, form in plan], mv)
    for i in swaps:
        if i + 1 < len(packets):
            packets[i], packets[i + 1] = packets[i + 1], packets[i]
    analyzer, outputs = Analyzer(networks=False), []
    for i in range(0, len(packets), batch):
        outputs += analyzer.feed(packets[i : i + batch])
        if i // batch % killed_every == 0:
            saved, analyzer = analyzer.save("bed"), Analyzer(networks=False)
            analyzer.load("bed", saved)
    assert events_of(outputs + analyzer.finish("bed")) == whole


def test_two_devices_under_one_id_are_told_and_neither_blinds_the_other():
    mine, other = heart(90), heart(20, bpm=130)
    mine_sent = make(mine, boot="mine")
    begun = next(i for i, one in enumerate(mine_sent) if one.n0 >= 20 * FS)
    both = [
        one for pair in zip(mine_sent[begun:], make(other, boot="other"), strict=False)
        for one in pair[::-1]
    ]  # fmt: skip
    sent = [*mine_sent[:begun], *both, *mine_sent[begun + len(both) // 2 :]]
    analyzer = Analyzer(networks=False)
    outputs = outputs_of(sent, analyzer)
    assert peaks(outputs, "mine") >= 110  # of 112
    assert peaks(outputs, "other") == 0
    begins, ends = alarms(outputs, "two_devices")
    assert (begins.present, ends.present) == (True, False)
    assert begins.priority == "technical"
    assert 20 < begins.n / FS < 24
    assert 40 < ends.decided_n / FS < 55
    assert analyzer.counts("bed")["stale"] == 20 * FS


def test_the_heart_of_the_device_that_stays_is_watched():
    """The first of two leaves; the heart of the other stops a while later."""
    other = np.hstack([heart(60), stopped(15)])
    outputs = outputs_of(
        [
            *make(heart(20), boot="mine"),
            *(one for pair in zip(make(heart(10), 7200, boot="mine"), make(other, boot="other"),
                                  strict=False) for one in pair),
            *make(other, boot="other")[20:],
        ]
    )  # fmt: skip
    assert peaks(outputs, "other", since=12) >= 58  # of 60
    (told, *_) = alarms(outputs, "asystole")
    assert 60 <= told.decided_n / FS <= 66


SCALES = ((1e-38, 0.0), (5e-324, 0.0), (200.0, 1e100), (200.0, -1e300), (1e300, 0.0),
          (float("nan"), 0.0), (200.0, float("inf")))  # fmt: skip


@pytest.mark.parametrize(("gain", "baseline"), SCALES)
@pytest.mark.parametrize("from_s", [0, 10])
def test_an_impossible_scale_is_no_signal(gain, baseline, from_s):
    """Ingest refuses such packets; the analysis lives through one that gets here all the same."""
    packets = [
        dataclasses.replace(one, gain=(gain,) * 2, baseline=(baseline,) * 2)
        if one.n0 >= from_s * FS
        else one
        for one in make(heart(30), leads=("II", "V1"))
    ]
    outputs = outputs_of(packets, Analyzer())
    assert not alarms(outputs, "asystole")
    assert alarms(outputs, "leadoff")
    good = [
        dataclasses.replace(one, gain=(200.0, gain)) for one in make(heart(30), leads=("II", "V1"))
    ]
    outputs = outputs_of(good, Analyzer())
    assert peaks(outputs) >= 36  # of 37, from the other lead


def extremes(name: str) -> st.SearchStrategy[float]:
    """Numbers of a field from its whole range, its ends above all."""
    low, high = RANGES[name].low, RANGES[name].high
    return st.sampled_from([low, high]) | st.floats(low, high)


@st.composite
def wild_packets(draw: st.DrawFn) -> list[Packet]:
    """Seconds of signal as wild as the format allows, in packets that ingest takes."""
    fs = draw(extremes("fs"))
    n0 = draw(st.sampled_from([0, 2**42, int(RANGES["n0"].high) - 12 * 2000]))
    found = []
    for i in range(draw(st.integers(8, 11))):
        length = int(fs)
        kind = draw(st.sampled_from(["rail", "noise", "square", "ramp", "one"]))
        t = np.arange(length)
        row = {
            "rail": np.full(length, draw(st.sampled_from([-32768, 32767]))),
            "noise": np.random.default_rng(i).integers(-32768, 32767, length),
            "square": np.where(t // 7 % 2 == 0, -32768, 32767),
            "ramp": np.linspace(-32768, 32767, length),
            "one": np.where(t == length // 2, 32767, 0),
        }[kind]
        names = draw(st.sampled_from([("II",), ("II", "V1")]))
        gain, baseline = draw(extremes("gain")), draw(st.just(0.0) | extremes("baseline"))
        fields = {
            **{"v": 1, "boot": "b", "seq": i, "n0": n0 + i * length, "t0": float(i), "fs": fs},
            **{"gain": gain, "baseline": baseline},
            "leads": dict.fromkeys(names, row.astype("<i2").tobytes()),
        }
        with contextlib.suppress(WireError):
            found.append(wire.read(cbor2.dumps(fields), "bed"))
    return found


@settings(max_examples=12, deadline=None)
@given(wild_packets())
def test_no_packet_that_is_taken_ends_the_analysis(packets):
    analyzer = Analyzer()
    for packet in packets:
        analyzer.feed([packet])
    if packets:
        analyzer.finish("bed")
        assert analyzer.counts("bed")["accepted"] > 0


def test_a_second_source_with_indices_far_ahead_shuts_nothing_out():
    mine, far = make(heart(40)), make(heart(40), 2**42)
    analyzer = Analyzer(networks=False)
    outputs = outputs_of([one for pair in zip(mine, far, strict=True) for one in pair], analyzer)
    assert peaks(outputs) >= 49  # of 50
    assert analyzer.counts("bed")["stray"] == 40 * FS
    assert not [event for event in events_of(outputs) if isinstance(event, Episode)]


FORMS: tuple[dict[str, Any], ...] = (
    {"leads": ("II",)},
    {"leads": ("II", "V1")},
    {"leads": ("II",), "gain": 1000.0},
    {"leads": ("II",), "baseline": 512.0},
    {"leads": ("V5",)},
    {"leads": ("II",), "fs": 250.0, "length": 125},
)


@st.composite
def histories(draw: st.DrawFn) -> list[Packet]:
    """Stretches of random boots and forms, in disorder, repeated, late, beside one another."""
    ends = dict.fromkeys(["a", "b", "c"], 0)
    queues: list[list[Packet]] = []
    sent: list[Packet] = []
    for _ in range(draw(st.integers(0, 8))):
        boot, form = draw(st.sampled_from("abc")), draw(st.sampled_from(FORMS))
        seconds = draw(st.integers(1, 12))
        skipped = draw(st.sampled_from([0, 0, 180, 3600]))
        fs = form.get("fs", FS)
        packets = make(heart(seconds, fs), ends[boot] + skipped, boot=boot, **form)
        ends[boot] = packets[-1].n1
        queues.append(packets)
        match draw(st.sampled_from(["alone", "beside", "again", "late", "shuffled"])):
            case "beside" if len(queues) > 1:
                other = queues[-2]
                sent += [one for pair in zip(packets, other, strict=False) for one in pair]
                sent += packets[len(other) :]
            case "again":
                sent += packets + packets
            case "late":
                sent += packets[2:] + packets[:2] + [one for queue in queues[:2] for one in queue]
            case "shuffled":
                sent += draw(st.permutations(packets))
            case _:
                sent += packets
    return sent


@settings(max_examples=40, deadline=None)
@given(
    history=histories(),
    form=st.sampled_from(FORMS),
    boot=st.sampled_from(["a", "b", "c", "new"]),
    killed=st.booleans(),
)
def test_after_any_history_the_live_stream_is_analysed_and_its_heart_watched(
    history, form, boot, killed
):
    fs = form.get("fs", FS)
    analyzer = Analyzer(networks=False)
    outputs = [output for packet in history for output in analyzer.feed([packet])]
    if killed and history:
        saved, analyzer = analyzer.save("bed"), Analyzer(networks=False)
        analyzer.load("bed", saved)
    start = max((one.n1 for one in history if one.boot == boot), default=0)
    live = make(np.hstack([heart(30, fs), stopped(12, fs)]), start, boot=boot, **form)
    outputs = outputs_of(live, analyzer)
    stopped_n = start + 30 * fs
    found = [
        event
        for output in outputs
        if (output.signature.boot, output.signature.fs) == (boot, fs)
        for event in output.events
    ]
    beats = [e.n for e in found if isinstance(e, RPeak)]
    assert sum(start + 12 * fs <= n < stopped_n for n in beats) >= 21  # of 22
    told = [e for e in found if isinstance(e, Alarm) and e.kind == "asystole" and e.present]
    assert any(0 < (e.decided_n - stopped_n) / fs < 10 for e in told)
