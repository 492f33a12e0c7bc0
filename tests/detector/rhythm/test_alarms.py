"""All rules together: what holds whatever the heart does."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.engine.state import FLAT, GOOD, LEADOFF, POOR
from detector.rhythm.alarms import AlarmRules
from detector.rhythm.waveform.quality import measure
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm, Episode, Event

FS = 360.0
NOISE = np.random.default_rng(7).normal(0, 0.5, (8, 2, 250)).astype(np.float32)

steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("beat"),
            st.sampled_from([0.25, 0.3, 0.4, 0.6, 0.8, 1.2, 2.5, 5.0]),
            st.text(st.sampled_from("NNNSVVFQ"), min_size=1, max_size=30),
        ),
        st.tuples(st.just("quality"), st.sampled_from([GOOD, POOR, FLAT, LEADOFF]), st.just("")),
        st.tuples(st.just("break"), st.just(0), st.just("")),
    ),
    max_size=25,
)


def play(story: list[tuple[str, float, str]], reload_every: int = 0) -> list[Event]:
    """Beats, ticks and seconds of signal after a story, with restarts from a checkpoint."""
    rules, events = AlarmRules(FS), []
    at, last, tick, calls, quality = 0.0, 0.0, 0, 0, GOOD
    waiting: list[tuple[float, str]] = []  # beats whose labels come 1.4 s later
    for what, value, labels in story:
        if what == "quality":
            quality = int(value)
            last = at
            continue
        if what == "break":
            for peak, name in waiting:
                events += rules.on_beat(round(peak * FS), round(at * FS), name)
            waiting = []
            events += rules.on_stretch_end(round(at * FS))
            last = at
            continue
        for label in labels:
            at += value
            while (tick + 1) * 0.5 <= at:
                tick += 1
                n = round(tick * 0.5 * FS)
                while waiting and waiting[0][0] + 1.4 <= tick * 0.5:
                    peak, name = waiting.pop(0)
                    events += rules.on_beat(round(peak * FS), n, name)
                if tick % 2 == 0:
                    block = NOISE[tick // 2 % 8]
                    events += rules.on_second(
                        n, measure(block, tick // 100 % 4), block, tick // 100 % 4
                    )
                events += rules.on_tick(n, max(0.0, tick * 0.5 - last), quality)
                calls += 1
                if reload_every and calls % reload_every == 0:
                    saved, rules = codec.pack(rules), AlarmRules(FS)
                    codec.unpack(rules, saved)
            if quality != LEADOFF:
                last = at
                waiting.append((at, label))
                events += rules.on_peak(round(at * FS), round((at + 0.3) * FS))
    return events + list(rules.on_stretch_end(round(at * FS)))


@settings(max_examples=60, deadline=None)
@given(steps, st.integers(1, 20))
def test_every_alarm_begins_once_and_ends_and_restarts_change_nothing(story, reload_every):
    events = play(story)
    assert play(story, reload_every) == events
    present: dict[str, int] = {}
    identities = set()
    for event in events:
        if isinstance(event, Alarm) and event.present:
            assert event.kind not in present
            assert (event.kind, event.n) not in identities
            identities.add((event.kind, event.n))
            present[event.kind] = event.n
        elif isinstance(event, Alarm):
            assert present.pop(event.kind) == event.n
        if isinstance(event, Alarm):
            assert event.n <= event.decided_n
        if isinstance(event, Episode):
            assert event.n < event.end_n
    assert not present


def test_a_beat_alone_stands_for_its_peak_too():
    """Labels at once, with or without the peak told before, make the same events."""
    told = []
    for peaks_first in (True, False):
        rules, events = AlarmRules(FS), []
        for i in range(60):
            n = 120 * i + 100
            if peaks_first:
                events += rules.on_peak(n, n + 108)
            events += rules.on_beat(n, n + 108, "V" if i % 2 else "N")
        told.append(events)
    assert told[0] == told[1]
    assert {e.kind for e in told[0] if isinstance(e, Alarm)} >= {"extreme_tachycardia", "bigeminy"}


def test_leadoff_ends_everything_else_after_a_second():
    rules = AlarmRules(FS)
    events: list[Event] = []
    for tick in range(1, 21):
        events += rules.on_tick(tick * 180, tick * 0.5, FLAT)
    for tick in range(21, 31):
        events += rules.on_tick(tick * 180, 0.0, LEADOFF)
    told = [(e.kind, e.present) for e in events if isinstance(e, Alarm)]
    assert told == [
        ("pause", True),
        ("pause", False),
        ("asystole", True),
        ("asystole", False),
        ("leadoff", True),
    ]
