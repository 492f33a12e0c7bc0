"""Which strips a report shows. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ecg_monitor.ward.alarms.catalogue import BURDENS
from ecg_monitor.ward.trends.minute import LABELS
from gateway.export.excerpt import Excerpt
from gateway.report.beats import RATE_BEATS
from gateway.report.summary import Summary

MOST = 12
"""Most strips of a report."""
NEAR_S = 2.0
"""Strips whose middles lie nearer than this show the same."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip to show.

    Attributes:
        what: why it was chosen, a key of `gateway.report.words.CAPTIONS`.
        middle_s: what it shows lies here, s from the first sample of the report.
        value: the number of its caption: s of a pause, bpm of a rate or run, else 0.
        kind: kind of the alarm; empty for the others.
        also: what it shows as well, such as the longest pause within an alarm.
    """

    what: str
    middle_s: float
    value: float = 0.0
    kind: str = ""
    also: tuple[Strip, ...] = ()


def choose(excerpt: Excerpt, summary: Summary) -> list[Strip]:
    """Return the strips, what matters most first; one that would show the same is named there."""
    found: list[Strip] = []
    for strip in _wanted(excerpt, summary):
        near = (i for i, one in enumerate(found) if abs(one.middle_s - strip.middle_s) < NEAR_S)
        same = next(near, None)
        if same is None:
            found += [strip] if len(found) < MOST else []
        elif strip.what not in LABELS:
            found[same] = replace(found[same], also=(*found[same].also, strip))
    return found


def _wanted(excerpt: Excerpt, summary: Summary) -> list[Strip]:
    wanted: list[Strip] = []
    seen: set[str] = set()
    for alarm in sorted(excerpt.alarms, key=lambda alarm: alarm.onset_s):
        if alarm.priority == "high" and alarm.kind not in seen:
            seen.add(alarm.kind)
            # What is decided over seconds is best seen some time after it began.
            at = max(0.0, alarm.onset_s) + 2.0
            wanted.append(Strip("alarm", at, kind=alarm.kind))
    for pause in summary.pauses[:1]:
        wanted.append(Strip("longest_rr", pause.at_s + pause.value / 2, pause.value))
    for what, some in (("v_run", summary.ventricular), ("s_run", summary.supraventricular)):
        if some:
            run = max(some, key=lambda one: one.bpm)
            wanted.append(Strip(what, (run.start_s + run.end_s) / 2, run.bpm))
    for what, rate in (("highest", summary.rates.highest), ("lowest", summary.rates.lowest)):
        if rate is not None:
            half = 0.5 * RATE_BEATS * 60.0 / rate.value
            wanted.append(Strip(what, rate.at_s + half, rate.value))
    if summary.couplets:
        pair = max(summary.couplets, key=lambda one: one.bpm)
        wanted.append(Strip("two_v", pair.start_s, pair.bpm))
    for alarm in excerpt.alarms:
        if alarm.kind in BURDENS and alarm.kind not in seen:
            seen.add(alarm.kind)
            wanted.append(Strip("alarm", max(0.0, alarm.onset_s) + 2.0, kind=alarm.kind))
    for label in ("V", "S", "F", "N"):
        times = [
            at
            for at, one in zip(summary.beats.times, summary.beats.labels, strict=True)
            if one == label
        ]
        if times:  # the middle one: the first may come before the engine knows the heart
            wanted.append(Strip(label, times[len(times) // 2]))
    return wanted
