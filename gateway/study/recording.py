"""Analyses one recording, and puts together what the page of the dashboard shows of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from detector.analyzer.offline import as_analysis, timed_events
from detector.engine.resample import FS
from ecg_monitor.records import Recording
from ecg_monitor.records.recording import BeatMark
from ecg_monitor.ward.limits.model import LimitBook
from gateway.export.excerpt import Excerpt, alarms_of
from gateway.export.writers.marks import rhythms_of
from gateway.report.beats import Moment, Run
from gateway.report.summary import Summary, summarise
from gateway.study.averages import averages
from gateway.study.comparison import compared
from gateway.study.rebuilt import UnusualBeat, UnusualBeats
from gateway.study.twelve import twelve_leads
from models.autoencoder.inputs import BEFORE

MOST_ROWS = 200
"""Runs, pauses and alarms that are listed; how many there are is told in any case."""
MOST_POINTS = 1500
"""Points of a trend: more than a screen has columns for."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Everything that was found in a recording.

    Attributes:
        analysis: as `detector.analyzer.offline.analyze` returns it.
        page: what the dashboard shows, JSON-ready; see `docs/ANALYZE.md`.
        excerpt: signal with the beats, rhythms and alarms that were found: what is exported.
        summary: the figures of its report.
    """

    analysis: dict[str, Any]
    page: dict[str, Any]
    excerpt: Excerpt
    summary: Summary


def study(recording: Recording, limits: LimitBook, progress: Progress) -> Study:
    """Analyse a recording and sum it up.

    Args:
        recording: the signal, with its own annotations if it has any.
        limits: alarm limits.
        progress: told the share that is done, 0 .. 1.

    Raises:
        RecordError: the recording cannot be sent by a device.
    """
    labelling = UnusualBeats()
    timed = timed_events(
        recording,
        limits=limits,
        labelling=labelling,
        progress=lambda at: progress(0.9 * at / recording.duration_s),
    )
    analysis = as_analysis(recording, timed)
    n, fs = recording.n_samples, recording.fs
    alarms = alarms_of(analysis["alarms"], 0.0, recording.duration_s)
    found = [(beat["sample"], beat["label"]) for beat in analysis["beats"]]
    marked = replace(
        recording,
        beats=tuple(BeatMark(*one) for one in found),
        rhythms=rhythms_of(alarms, fs, n),
    )
    excerpt = Excerpt(marked, alarms, notes=recording.notes)
    summary = summarise(excerpt, (event for _, event in timed))
    progress(0.93)
    page = {
        "kind": "recording",
        "record": recording.name,
        "fs": fs,
        "leads": list(recording.leads),
        "gain": list(recording.gain),
        "baseline": list(recording.baseline),
        "duration_s": recording.duration_s,
        "comments": _comments(recording),
        "holes": analysis["holes"],
        "figures": _figures(summary),
        "alarms": analysis["alarms"][:MOST_ROWS],
        "alarm_count": len(analysis["alarms"]),
        "trend": _trend(summary),
        "unusual": [_unusual(beat, fs) for beat in labelling.highest()],
        "averages": averages(recording, found),
        "reference": compared(recording, found),
        "twelve": twelve_leads(recording),
    }
    return Study(analysis, page, excerpt, summary)


def _comments(recording: Recording) -> list[str]:
    """Return the comments of the header, without what is empty."""
    return [text.strip() for text in recording.comments if re.search(r"\w", text)][:20]


def _figures(summary: Summary) -> dict[str, Any]:
    rates = summary.rates
    hrv = summary.variability
    measured = summary.intervals
    return {
        "quality_s": summary.quality_s,
        "beats": len(summary.beats.times),
        "counts": summary.counts,
        "rate": {
            "mean": rates.mean,
            "lowest": _moment(rates.lowest),
            "highest": _moment(rates.highest),
        },
        "pauses": [_moment(one) for one in summary.pauses[:MOST_ROWS]],
        "pause_count": len(summary.pauses),
        "ventricular": [_run(one) for one in summary.ventricular[:MOST_ROWS]],
        "ventricular_count": len(summary.ventricular),
        "supraventricular": [_run(one) for one in summary.supraventricular[:MOST_ROWS]],
        "supraventricular_count": len(summary.supraventricular),
        "couplets": [_run(one) for one in summary.couplets[:MOST_ROWS]],
        "couplet_count": len(summary.couplets),
        "af_s": summary.af_s,
        "af_longest": _moment(summary.af_longest),
        "hrv": None if hrv is None else {"sdnn_ms": hrv.sdnn_ms, "rmssd_ms": hrv.rmssd_ms},
        "intervals": {
            "count": measured.count,
            "qrs_ms": measured.qrs_ms,
            "pr_ms": measured.pr_ms,
            "qt_ms": measured.qt_ms,
            "qtc_ms": measured.qtc_ms,
            "longest_qtc": _moment(measured.longest_qtc),
        },
    }


def _moment(moment: Moment | None) -> dict[str, float] | None:
    if moment is None:
        return None
    return {"value": round(moment.value, 3), "at_s": round(moment.at_s, 3)}


def _run(run: Run) -> dict[str, float]:
    return {
        "at_s": round(run.start_s, 3),
        "end_s": round(run.end_s, 3),
        "beats": run.beats,
        "bpm": round(run.bpm, 1),
    }


def _trend(summary: Summary) -> dict[str, Any]:
    """Return heart rate and RR intervals in so few steps that a screen shows them all.

    Returns:
        ``step_s``; ``rate``: [step, lowest, highest] in bpm; ``rr``: [time s, interval s, class],
        of each step the shortest and the longest.
    """
    step_s = max(1.0, summary.duration_s / MOST_POINTS)
    rates: dict[int, list[float]] = {}
    for at, bpm in summary.trend:
        rates.setdefault(int(at / step_s), []).append(bpm)
    steps: dict[int, list[tuple[float, float, str]]] = {}
    beats = summary.beats
    for at, label, rr in zip(beats.times, beats.labels, beats.rr, strict=True):
        if rr is not None:
            steps.setdefault(int(at / step_s), []).append((round(at, 2), round(rr, 3), label))
    chosen = [
        one
        for some in steps.values()
        for one in sorted({min(some, key=_interval), max(some, key=_interval)})
    ]
    return {
        "step_s": step_s,
        "rate": [[step, round(min(some)), round(max(some))] for step, some in rates.items()],
        "rr": chosen,
    }


def _interval(point: tuple[float, float, str]) -> float:
    return point[1]


def _unusual(beat: UnusualBeat, fs: float) -> dict[str, Any]:
    return {
        "n": round(beat.peak * fs / FS),
        "at_s": beat.peak / FS,
        "label": beat.label,
        "score": beat.score,
        "fs": FS,
        "before_s": BEFORE / FS,
        "window": [round(float(value), 3) for value in beat.window],
        "rebuilt": [round(float(value), 3) for value in beat.rebuilt],
    }
