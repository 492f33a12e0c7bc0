"""One device's stream, and how rows of the engine become its events. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detector.analyzer.forms import Leads
from detector.analyzer.labelling import ReadyBeat, Verdict, never_premature
from detector.analyzer.pulses import PulseOrigin, Pulses
from detector.analyzer.signature import Signature
from detector.delineation.stream import LabelledBeat, MeasuredAverage, PWave, measurement
from detector.engine.reassembly import Counts, Form, Reassembler
from detector.engine.resample import FS
from detector.engine.rows import BeatRow, PeakRow, SecondRow, TickRow
from detector.engine.state import QUALITIES
from detector.rhythm.alarms import AlarmRules
from detector.rhythm.beats import NO_HOLES, PERHAPS, Holes
from detector.rhythm.waveform.quality import MeasuredSecond, measure_all
from ecg_monitor.core.checkpoint.fields import Configuration, Derived
from ecg_monitor.core.types import Alarm, Beat, Event, RPeak, Vitals
from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.signal.sources import Sources

TWO_SOURCES = "two_devices"
"""The kind of alarm that two sources under one device id raise."""

_SECOND = int(FS)
_OF_ORDER = tuple(one.name for one in fields(Counts))
_READ_COUNTS: Callable[[Counts], tuple[int, ...]] = attrgetter(*_OF_ORDER)
_COUNTS = (*_OF_ORDER, "unseen", "stale")


class FollowedSource(NamedTuple):
    """The source of a device's signal that is analysed.

    Attributes:
        boot: power-up.
        fs: sampling rate, Hz.
        number: how many sources were followed before it.
    """

    boot: str
    fs: float
    number: int


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
        sources: tells which packets of the device are its own.
        leads: whether its packets still have its leads.
        alarms: its rules.
        pulses: of its pacemaker.
        ordinal: number of its next event.
        mixed_n: sample index since which it is told that another source comes besides; None: none.
        form: of the chunks that can be taken as they are; None: of none.
        fresh: events that have not been handed out.
        followed: what `source` has returned.
    """

    device: Configuration[str]
    signature: Configuration[Signature]
    slot: Configuration[int]
    labels: Configuration[int]
    waves: Configuration[int]
    order: Reassembler
    alarms: AlarmRules
    pulses: Pulses
    sources: Sources
    leads: Leads
    ordinal: int = 0
    mixed_n: int | None = None
    form: Configuration[Form | None] = None
    fresh: Derived[list[Event]] = field(default_factory=list)
    followed: Derived[FollowedSource | None] = None

    def source(self) -> FollowedSource:
        """Return the source that it is of: another begins another stream."""
        if self.followed is None:
            boot, fs = self.signature.boot, self.signature.fs
            self.followed = FollowedSource(boot, fs, self.sources.left)
        return self.followed


class Output(NamedTuple):
    """Events of one device, in order.

    Attributes:
        device: device id.
        signature: the stream that they belong to.
        ordinal: number of the first event among all of the device.
        events: the events.
    """

    device: str
    signature: Signature
    ordinal: int
    events: list[Event]


def collect(streams: Iterable[Stream]) -> list[Output]:
    """Number the fresh events of streams, and return them."""
    outputs = []
    for stream in streams:
        if stream.fresh:
            outputs.append(Output(stream.device, stream.signature, stream.ordinal, stream.fresh))
            stream.ordinal += len(stream.fresh)
            stream.fresh = []
    return outputs


def counted(stream: Stream, unseen_s: float) -> dict[str, int]:
    """Return what became of a stream's samples, as of `detector.analyzer.analyzer.Analyzer.counts`.

    Args:
        stream: the stream.
        unseen_s: for how many seconds no lead has shown a heart.
    """
    unseen = round(unseen_s * stream.signature.fs)
    counts = (*_READ_COUNTS(stream.order.counts), unseen, stream.sources.stale)
    return dict(zip(_COUNTS, counts, strict=True))


def peak_events(stream: Stream, row: PeakRow) -> list[Event]:
    """Return the events of a beat that has been found."""
    fs = stream.signature.fs
    n, decided_n = round(row.k * fs / FS), round(row.decided * fs / FS)
    rr_s = None if row.rr_s is None else round(row.rr_s, 4)
    found = RPeak(n, rr_s, round(row.amplitude_mv, 3), decided_n)
    return [found, *stream.alarms.on_peak(n, decided_n, joined=row.rr_s is not None)]


def tick_events(stream: Stream, row: TickRow) -> list[Event]:
    """Return the events of a half-second tick; every second one shows the vital signs."""
    n = round(row.k * stream.signature.fs / FS)
    events: list[Event] = []
    if row.k % _SECOND == 0:
        alarms = stream.alarms
        rate = None if row.rate_bpm is None else round(row.rate_bpm, 1)
        if alarms.stands_still:
            rate = 0.0  # what was counted are P waves
        if alarms.rests:
            rate = None
        quality = QUALITIES[row.quality]
        if quality == "good" and (row.unseen_s >= UNSEEN_S or alarms.limited):
            quality = "poor"
        events.append(Vitals(n, rate, quality, alarms.rhythm))
    since = stream.pulses.since
    looked_for = since is not None and since <= n
    events += stream.alarms.on_tick(n, row.silent_s, row.quality, looked_for=looked_for)
    return events


def pulse_origin(stream: Stream, row: BeatRow) -> PulseOrigin:
    """Tell whether a pacemaker's pulse brought a beat."""
    pulses = stream.pulses
    if pulses.since is None or stream.alarms.limits.pacing.paced == "no":
        return PulseOrigin.NO
    n = round(row.k * pulses.fs / FS)
    return pulses.origin(n, None if row.before < 0 else (row.k - row.before) / FS)


def ready_beat(stream: Stream, row: BeatRow) -> ReadyBeat:
    """Return a beat as the labelling takes it."""
    origin = PulseOrigin.NO if stream.pulses.since is None else pulse_origin(stream, row)
    return ReadyBeat(stream.labels, row.k, row.before, row.after, row.usable, origin)


def labelled_beat(stream: Stream, row: BeatRow, verdict: Verdict) -> LabelledBeat:
    """Return a beat as the delineation takes it."""
    normal = verdict.label == "N"
    return LabelledBeat(stream.waves, row.k, row.before, row.after, row.decided, row.whole, normal)


def beat_events(
    stream: Stream, row: BeatRow, verdict: Verdict, waves: tuple[PWave, MeasuredAverage | None]
) -> list[Event]:
    """Return the events of a labelled beat, after those of the average that it has ended."""
    fs = stream.signature.fs
    n, decided_n = round(row.k * fs / FS), round(row.decided * fs / FS)
    rr_s = None if row.before < 0 else round((row.k - row.before) / FS, 4)
    irregular = stream.alarms.irregular  # as earlier beats and seconds have left it
    rhythm, label, shares = irregular.rhythm, verdict.label, verdict.probabilities
    if label == "S":
        since_s = stream.alarms.moment.beats.until(n, joined=row.before >= 0)
        label = irregular.called(label, since_s)
    if rhythm is not None or label != verdict.label:
        shares = never_premature(shares)
    events: list[Event] = []
    if waves[1] is not None:
        events += measurement_events(stream, waves[1], decided_n)
    events.append(Beat(n, label, shares, verdict.anomaly, rr_s, decided_n, rhythm))
    holes = holes_of(row, verdict)
    looks = verdict.looks
    events += stream.alarms.on_beat(n, decided_n, verdict.label, waves[0], holes, looks)
    return events


def holes_of(row: BeatRow, verdict: Verdict) -> Holes:
    """Return what holes leave unknown of a labelled beat, and may have changed."""
    label, ventricular = verdict.label, verdict.probabilities.get("V", 0.0)
    if row.before >= 0 and ventricular < PERHAPS and not (row.hidden or row.cut):
        return NO_HOLES  # nearly always
    return Holes(
        joined=row.before >= 0,
        hidden=row.hidden and label == "Q",
        cut=row.cut,
        perhaps=label != "V" and ventricular >= PERHAPS,
    )


def measurement_events(
    stream: Stream, measured: MeasuredAverage | None, decided_n: int
) -> Iterator[Event]:
    """Tell what an average has shown, if one has been measured."""
    if measured is not None:
        found = measurement(measured, stream.signature.leads, stream.signature.fs)
        yield found
        yield from stream.alarms.on_measurement(found, decided_n)


def measured_seconds(
    streams: Mapping[int, Stream], rows: Sequence[SecondRow], seconds: npt.NDArray[np.float32]
) -> Iterator[tuple[npt.NDArray[np.float32], MeasuredSecond]]:
    """Return what is shown to the rules of whole seconds, measured in one call.

    Args:
        streams: by slot.
        rows: the seconds.
        seconds: their signal, as of `detector.engine.engine.EngineOutput`.

    Returns:
        signal without baseline wander, mV, shape (leads, 250), and what the second shows by itself.
    """
    if not rows:
        return iter(())
    n_leads = [min(len(streams[row.slot].signature.leads), seconds.shape[2]) for row in rows]
    measured = measure_all(seconds, n_leads, [row.leadoff | row.wrong for row in rows])
    wide = [second[:n] for second, n in zip(seconds[:, 1], n_leads, strict=False)]
    return zip(wide, measured, strict=True)


def second_events(
    stream: Stream, row: SecondRow, wide: npt.NDArray[np.float32], measured: MeasuredSecond
) -> Iterable[Event]:
    """Show a second of signal to the rules; return their events.

    Args:
        stream: of the device.
        row: the second.
        wide: signal without baseline wander, mV, shape (leads, 250).
        measured: what it shows by itself.
    """
    n = round((row.k + 1) * stream.signature.fs / FS)
    return stream.alarms.on_second(
        n, measured, wide, row.leadoff, row.wrong, row.span_mv, holed=row.holed
    )


def source_events(stream: Stream) -> Iterator[Event]:
    """Tell that another source comes besides the one that is followed, or that it has left."""
    mixed = stream.sources.mixed
    if mixed == (stream.mixed_n is not None):
        return
    n = stream.order.next_n or 0
    onset = n if stream.mixed_n is None else stream.mixed_n
    stream.mixed_n = n if mixed else None
    yield Alarm(TWO_SOURCES, KINDS[TWO_SOURCES].priority, onset, n, mixed)
