"""One device's stream, and how rows of the engine become its events. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.analyzer.labelling import Verdict, never_premature
from detector.analyzer.pulses import Brought, Pulses
from detector.analyzer.signature import Signature
from detector.delineation.stream import Measured, PWave, measurement
from detector.engine.reassembly import Reassembler
from detector.engine.resample import FS
from detector.engine.state import PEAK, QUALITIES
from detector.rhythm.alarms import AlarmRules
from ecg_monitor.core.checkpoint.fields import Configuration, Derived
from ecg_monitor.core.types import Beat, Event, RPeak, Vitals


@dataclass(slots=True)
class Stream:
    """One power-up of a device, as far as it has been analysed.

    Attributes:
        device: device id.
        signature: what its packets look like.
        slot: its place in the engine.
        labels: in the networks' state.
        waves: in the delineation's.
        order: puts its packets in order.
        alarms: its rules.
        pulses: of its pacemaker.
        ordinal: number of its next event.
        past: signatures of former power-ups.
        stale: samples of those that came late.
        fresh: events that have not been handed out.
    """

    device: Configuration[str]
    signature: Configuration[Signature]
    slot: Configuration[int]
    labels: Configuration[int]
    waves: Configuration[int]
    order: Reassembler
    alarms: AlarmRules
    pulses: Pulses
    ordinal: int = 0
    past: list[Signature] = field(default_factory=list)
    stale: int = 0
    fresh: Derived[list[Event]] = field(default_factory=list)


def events_of(stream: Stream, row: tuple[Any, ...]) -> Iterator[Event]:
    """Turn a PEAK or TICK row of the engine into events."""
    kind, _, k, decided, a, b, c = row
    fs = stream.signature.fs
    n = round(k * fs / FS)
    value = None if math.isnan(a) else a
    if kind == PEAK:
        decided_n = round(decided * fs / FS)
        yield RPeak(n, None if value is None else round(value, 4), round(b, 3), decided_n)
        yield from stream.alarms.on_peak(n, decided_n)
        return
    if k % int(FS) == 0:
        rate, quality = None if value is None else round(value, 1), QUALITIES[int(c)]
        if stream.alarms.stands_still:
            rate = 0.0  # what was counted are P waves
        if stream.alarms.rests:
            rate = None
        yield Vitals(n, rate, quality, stream.alarms.rhythm)
    since = stream.pulses.since
    yield from stream.alarms.on_tick(n, b, int(c), looked_for=since is not None and since <= n)


def brought(stream: Stream, k: int, before: float) -> Brought:
    """Tell whether a pulse brought the beat at engine sample ``k``; ``before``: the one before."""
    pulses = stream.pulses
    if pulses.since is None or stream.alarms.limits.pacing.paced == "no":
        return Brought.NO
    n = round(k * pulses.fs / FS)
    return pulses.brought(n, None if before < 0 else (k - before) / FS)


def beat_events(
    stream: Stream, row: tuple[Any, ...], verdict: Verdict, waves: tuple[PWave, Measured | None]
) -> Iterator[Event]:
    """Turn a READY row of the engine into events."""
    _, _, k, decided, before, _, _ = row
    fs = stream.signature.fs
    n, decided_n = round(k * fs / FS), round(decided * fs / FS)
    rr_s = None if before < 0 else round((k - before) / FS, 4)
    irregular = stream.alarms.irregular  # as earlier beats and seconds have left it
    rhythm, label = irregular.rhythm, irregular.called(verdict.label)
    shares = verdict.probabilities
    if rhythm is not None:
        shares = never_premature(shares)
    yield from measurement_events(stream, waves[1], decided_n)
    yield Beat(n, label, shares, verdict.anomaly, rr_s, decided_n, rhythm)
    yield from stream.alarms.on_beat(n, decided_n, verdict.label, waves[0])


def measurement_events(
    stream: Stream, measured: Measured | None, decided_n: int
) -> Iterator[Event]:
    """Tell what an average has shown, if one has been measured."""
    if measured is not None:
        told = measurement(measured, stream.signature.leads, stream.signature.fs)
        yield told
        yield from stream.alarms.on_measurement(told, decided_n)


def second_events(
    stream: Stream, row: tuple[Any, ...], signal: npt.NDArray[np.float32]
) -> Iterable[Event]:
    """Show a SECOND row of the engine, shape (2, leads, 250), to the waveform rules."""
    _, _, k, _, wrong, span, leadoff = row
    raw, wide = signal[:, : len(stream.signature.leads)]
    n = round((k + 1) * stream.signature.fs / FS)
    return stream.alarms.on_second(n, raw, wide, int(leadoff), int(wrong), span)
