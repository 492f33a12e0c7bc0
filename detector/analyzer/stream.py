"""One device's stream, and how rows of the engine become its events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detector.analyzer.labelling import Verdict, never_premature
from detector.analyzer.pulses import PulseOrigin, Pulses
from detector.analyzer.signature import Signature
from detector.delineation.stream import MeasuredAverage, PWave, measurement
from detector.engine.reassembly import Reassembler
from detector.engine.resample import FS
from detector.engine.rows import BeatRow, PeakRow, SecondRow, TickRow
from detector.engine.state import QUALITIES
from detector.rhythm.alarms import AlarmRules
from detector.rhythm.beats import Holes
from ecg_monitor.core.checkpoint.fields import Configuration, Derived
from ecg_monitor.core.types import Beat, Event, RPeak, Vitals

UNSEEN_S = 0.1
"""A second's quality is poor if holes hid so much of it, s, on all leads: a QRS complex at most."""


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


def peak_events(stream: Stream, row: PeakRow) -> Iterator[Event]:
    """Yield the events of a beat that has been found."""
    fs = stream.signature.fs
    n, decided_n = round(row.k * fs / FS), round(row.decided * fs / FS)
    rr_s = None if row.rr_s is None else round(row.rr_s, 4)
    yield RPeak(n, rr_s, round(row.amplitude_mv, 3), decided_n)
    yield from stream.alarms.on_peak(n, decided_n, joined=row.rr_s is not None)


def tick_events(stream: Stream, row: TickRow) -> Iterator[Event]:
    """Yield the events of a half-second tick; every second one shows the vital signs."""
    n = round(row.k * stream.signature.fs / FS)
    if row.k % int(FS) == 0:
        rate = None if row.rate_bpm is None else round(row.rate_bpm, 1)
        if stream.alarms.stands_still:
            rate = 0.0  # what was counted are P waves
        if stream.alarms.rests:
            rate = None
        quality = QUALITIES[row.quality]
        if quality == "good" and (row.unseen_s >= UNSEEN_S or stream.alarms.limited):
            quality = "poor"
        yield Vitals(n, rate, quality, stream.alarms.rhythm)
    since = stream.pulses.since
    looked_for = since is not None and since <= n
    yield from stream.alarms.on_tick(n, row.silent_s, row.quality, looked_for=looked_for)


def pulse_origin(stream: Stream, row: BeatRow) -> PulseOrigin:
    """Tell whether a pacemaker's pulse brought a beat."""
    pulses = stream.pulses
    if pulses.since is None or stream.alarms.limits.pacing.paced == "no":
        return PulseOrigin.NO
    n = round(row.k * pulses.fs / FS)
    return pulses.origin(n, None if row.before < 0 else (row.k - row.before) / FS)


def beat_events(
    stream: Stream, row: BeatRow, verdict: Verdict, waves: tuple[PWave, MeasuredAverage | None]
) -> Iterator[Event]:
    """Yield the events of a labelled beat, after those of the average that it has ended."""
    fs = stream.signature.fs
    n, decided_n = round(row.k * fs / FS), round(row.decided * fs / FS)
    rr_s = None if row.before < 0 else round((row.k - row.before) / FS, 4)
    irregular = stream.alarms.irregular  # as earlier beats and seconds have left it
    rhythm, label = irregular.rhythm, irregular.called(verdict.label)
    shares = verdict.probabilities
    if rhythm is not None:
        shares = never_premature(shares)
    yield from measurement_events(stream, waves[1], decided_n)
    yield Beat(n, label, shares, verdict.anomaly, rr_s, decided_n, rhythm)
    holes = Holes(row.before >= 0, row.hidden and verdict.label == "Q", row.cut)
    yield from stream.alarms.on_beat(n, decided_n, verdict.label, waves[0], holes)


def measurement_events(
    stream: Stream, measured: MeasuredAverage | None, decided_n: int
) -> Iterator[Event]:
    """Tell what an average has shown, if one has been measured."""
    if measured is not None:
        found = measurement(measured, stream.signature.leads, stream.signature.fs)
        yield found
        yield from stream.alarms.on_measurement(found, decided_n)


def second_events(
    stream: Stream, row: SecondRow, signal: npt.NDArray[np.float32]
) -> Iterable[Event]:
    """Show a second of signal, mV, shape (2, leads, 250), to the rules; return their events."""
    raw, wide = signal[:, : len(stream.signature.leads)]
    n = round((row.k + 1) * stream.signature.fs / FS)
    return stream.alarms.on_second(
        n, raw, wide, row.leadoff, row.wrong, row.span_mv, holed=row.holed
    )
