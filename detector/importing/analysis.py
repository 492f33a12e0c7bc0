"""Analyses a recording, and brings what was found into the form in which live findings are kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from detector.analyzer.offline import analyze
from ecg_monitor.archive.history import boot_of
from ecg_monitor.core.types import alert_id
from ecg_monitor.records.recording import BeatMark, Recording
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.limits.model import LimitBook


def analysed(
    recording: Recording,
    device: str,
    start: float,
    limits: LimitBook | None = None,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[Recording, list[Alert]]:
    """Return a recording with the beats that the engine finds, without rhythms, and its alarms.

    Args:
        recording: what to analyse.
        device: bed that it is of.
        start: Unix time of its first sample, s.
        limits: alarm limits; None: the built-in ones for adults.
        progress: told the seconds of signal analysed.

    Raises:
        RecordError: the recording cannot be sent by a device.
    """
    found = analyze(recording, limits=limits, progress=progress)
    beats = tuple(BeatMark(beat["sample"], beat["label"]) for beat in found["beats"])
    boot = boot_of(recording.name, start)
    end_s = recording.duration_s  # nothing goes on after the recording
    alarms = [
        _alert({**one, "cleared_s": one["cleared_s"] or end_s}, device, boot, start, recording.fs)
        for one in found["alarms"]
    ]
    return dataclasses.replace(recording, beats=beats, rhythms=()), alarms


def _alert(found: dict[str, Any], device: str, boot: str, start: float, fs: float) -> Alert:
    n = round(found["onset_s"] * fs)
    cleared = found["cleared_s"]
    return Alert(
        id=alert_id(device, boot, found["kind"], n),
        device=device,
        boot=boot,
        kind=found["kind"],
        priority=found["priority"],
        n=n,
        value=found["value"],
        limit=found["limit"],
        present=False,
        onset_at=start + found["onset_s"],
        raised_at=start + found["raised_s"],
        cleared_at=start + cleared,
        announced_at=start + found["raised_s"],
        decided_n=round(found["decided_s"] * fs),
        latching=False,
        evidence=False,
        ended_n=round(cleared * fs),
    )
