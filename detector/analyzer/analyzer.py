"""From packets to events: the one path that live monitoring and offline analysis share. Pure.

Per device it keeps order (reassembly), hands samples to the engine, and turns the engine's rows
into events and alarms. Events of a device are numbered from 0; the numbers, like the events, do
not depend on how the signal was cut into packets, so a replay can be told from news.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.analyzer.forms import Leads, fitted, is_plain, scales, split
from detector.analyzer.given import LimitSource, Listener
from detector.analyzer.labelling import Labelling, Verdict
from detector.analyzer.networks import Apparatus, Networks, NoNetworks, read
from detector.analyzer.pulses import Pulses
from detector.analyzer.signature import Signature
from detector.analyzer.stream import (
    FollowedSource,
    Output,
    Stream,
    beat_events,
    collect,
    counted,
    labelled_beat,
    measured_seconds,
    measurement_events,
    peak_events,
    ready_beat,
    second_events,
    source_events,
    tick_events,
)
from detector.delineation.stream import MeasuredAverage, PWave
from detector.engine.engine import Batch
from detector.engine.reassembly import Chunk, Form, Reassembler
from detector.engine.resample import FS
from detector.engine.rows import BeatRow, PeakRow, SecondRow, TickRow, in_turns, named
from detector.engine.state import READY, SECOND
from detector.rhythm.alarms import AlarmRules
from ecg_monitor.core.errors import CheckpointError
from ecg_monitor.core.types import Episode, Packet
from ecg_monitor.ward.limits.model import LimitBook, Limits, default_tables
from ecg_monitor.ward.signal.sources import Choice, Sources

__all__ = ["Analyzer", "Apparatus", "Output", "feed_together"]


class Analyzer:
    """Analyses the streams of many devices.

    Attributes:
        listener: takes the samples in order too.
    """

    def __init__(
        self,
        limits: LimitSource | None = None,
        *,
        networks: bool = True,
        labelling: Labelling | None = None,
        apparatus: Apparatus | None = None,
    ) -> None:
        """Start with no devices.

        Args:
            limits: alarm limits of devices as they appear; the built-in ones if None are given.
            networks: label beats and score them, measure the waves of normal ones, and watch the
                waveform for fibrillation and noise; without, every beat is called N (for measuring
                the engine alone).
            labelling: what labels them, to look over its shoulder; made here if None is given.
            apparatus: shared with other analyzers, by which `feed_together` takes all of them in
                one call; one of its own, of the networks asked for, if None is given.
        """
        self._limits: LimitSource = limits or LimitBook(default_tables())
        self._waveform = networks
        if apparatus is None:
            apparatus = Apparatus(Networks(labelling or Labelling()) if networks else NoNetworks())
        self._apparatus = apparatus
        self._networks, self._engine = apparatus.networks, apparatus.engine
        self._by_slot = apparatus.streams
        self._streams: dict[str, Stream] = {}
        self.listener: Listener | None = None

    @property
    def devices(self) -> list[str]:
        """Devices seen so far."""
        return list(self._streams)

    def feed(self, packets: Iterable[Packet]) -> list[Output]:
        """Take packets of any devices; return what they brought to light."""
        return feed_together([(self, list(packets))])[0]

    def _feed(self, batch: Batch, packets: Iterable[Packet], outputs: list[Output]) -> Batch:
        """Add what packets bring in order to a batch; return the batch that is still to be run."""
        for packet in packets:
            stream = self._streams.get(packet.device)
            if stream is None:
                stream = self._open(packet.device, Signature.of(packet), None)
            choice = stream.sources.take(packet)
            if choice.other or stream.sources.mixed != (stream.mixed_n is not None):
                outputs += self._run(batch)
                batch = Batch()
                stream = self._follow(stream, choice, outputs)
            for one in choice.packets:
                batch, stream = self._take(batch, stream, one, outputs)
        return batch

    def close(self) -> None:
        """Drop all devices: what is shared with other analyzers has room for others."""
        for device in self.devices:
            self.forget(device)

    def finish(self, device: str) -> list[Output]:
        """End a device's stream: what waits is handed on, the last beats are decided."""
        stream = self._streams[device]
        outputs: list[Output] = []
        choice = stream.sources.release()
        if choice.other:
            stream = self._follow(stream, choice, outputs)
            batch = Batch()
            for one in choice.packets:
                batch, stream = self._take(batch, stream, one, outputs)
            outputs += self._run(batch)
        return outputs + self._finish(stream)

    def counts(self, device: str) -> dict[str, int]:
        """Return what became of the device's samples, per lead.

        Returns:
            what `detector.engine.reassembly.Counts` names; ``unseen``: samples that were analysed
            while holes, bridged or not, hid the heart on all leads; ``stale``: those of sources
            that are not followed.
        """
        stream = self._streams[device]
        return counted(stream, self._engine.unseen_s(stream.slot))

    def position(self, device: str) -> tuple[str, int | None]:
        """Return the device's boot and the index of the next sample expected."""
        stream = self._streams[device]
        return stream.signature.boot, stream.order.next_n

    def signature(self, device: str) -> Signature:
        """Return what the device's present stream looks like."""
        return self._streams[device].signature

    def followed(self, device: str) -> FollowedSource:
        """Return the source of the device's signal that is analysed."""
        return self._streams[device].source()

    def stream(self, device: str) -> Stream:
        """Return what is kept of a device, for onlookers: it goes on changing."""
        return self._streams[device]

    def limits_of(self, device: str) -> Limits:
        """Return the limits by which the device's signal is judged."""
        return self._streams[device].alarms.limits

    def change_limits(self, device: str, limits: Limits) -> None:
        """Judge the device's signal by other limits from the next sample on."""
        self._streams[device].alarms.change_limits(limits)

    def begin_anew(self, device: str) -> list[Output]:
        """Forget a device's patient: what comes next may be another's signal.

        The signal goes on unbroken, and so does what is known of its electrodes. What has been
        learnt of the beats (their shapes, intervals, ST levels) is dropped, and beats that lie
        before here no longer count.
        """
        stream = self._streams[device]
        n = stream.order.next_n
        if n is None:
            return []
        stream.fresh += measurement_events(stream, self._networks.finish(stream.waves), n)
        stream.fresh += stream.alarms.begin_anew(n)
        n_leads = len(stream.signature.leads)
        stream.labels = self._networks.forget_labels(stream.labels, n_leads)
        return collect([stream])

    def save(self, device: str) -> bytes:
        """Return a checkpoint of one device."""
        return self._apparatus.save(self._streams[device])

    def load(self, device: str, saved: bytes) -> None:
        """Put a device's checkpoint back.

        Raises:
            CheckpointError: it comes from another version, or is damaged.
        """
        signature, state = read(device, saved)
        stream = self._open(device, signature, None)
        try:
            self._apparatus.load(stream, state)
        except (CheckpointError, KeyError) as error:
            self.forget(device)  # half a state is none
            raise CheckpointError(f"{device}: damaged checkpoint: {error}") from error

    def forget(self, device: str) -> None:
        """Drop all state of a device."""
        self._apparatus.release(self._streams.pop(device))

    def _open(
        self,
        device: str,
        signature: Signature,
        former: Stream | None,
        order: Reassembler | None = None,
    ) -> Stream:
        if former is not None:
            self._apparatus.release(former)
        slot = self._engine.add(signature.fs, signature.gain, signature.baseline)
        labels, waves = self._networks.add(len(signature.leads))
        # Of a device that is known: as in force, so that a replay does not depend on what is new.
        limits = self._limits.of(device) if former is None else former.alarms.limits
        alarms = AlarmRules(signature.fs, limits, signature.leads)
        pulses = Pulses(signature.fs)
        sources = Sources() if former is None else former.sources
        leads = Leads(signature.leads, signature.fs)
        parts = (order or Reassembler(signature.fs), alarms, pulses, sources, leads)
        stream = Stream(device, signature, slot, labels, waves, *parts)
        stream.form = signature.form if is_plain(signature.leads, signature.form) else None
        if former is not None:
            stream.ordinal = former.ordinal
            stream.order.counts = former.order.counts
        self._streams[device] = stream
        self._by_slot[slot] = stream
        return stream

    def _follow(self, stream: Stream, choice: Choice, outputs: list[Output]) -> Stream:
        """Tell whether there are two sources; follow the other one if it is chosen."""
        stream.fresh += source_events(stream)
        outputs += collect([stream])
        if not choice.other:
            return stream
        outputs += self._finish(stream)
        return self._open(stream.device, Signature.of(choice.packets[0]), stream)

    def _finish(self, stream: Stream) -> list[Output]:
        outputs: list[Output] = []
        batch = Batch()
        for chunk in stream.order.finish():
            batch, stream = self._put(batch, stream, chunk, outputs)
        return outputs + self._end(batch, stream, stream.order.next_n)

    def _end(self, batch: Batch, stream: Stream, n: int | None) -> list[Output]:
        """End a stream at sample index ``n``; None: nothing of it has come in order."""
        self._engine.put_end(batch, stream.slot)
        outputs = self._run(batch)
        if n is not None:
            self._end_stretch(stream, n, for_good=True)
        return outputs + collect([stream])

    def _take(
        self, batch: Batch, stream: Stream, packet: Packet, outputs: list[Output]
    ) -> tuple[Batch, Stream]:
        """Add what a packet brings in order to the batch; return the stream that goes on."""
        mask = 0
        for name in packet.leadoff:
            mask |= 1 << packet.leads.index(name)
        form = stream.form
        if form is None or not form.reads(packet):
            form = Form(packet.leads, packet.gain, packet.baseline)
        for chunk in stream.order.feed(packet.n0, packet.samples, mask, packet.pulses, form):
            batch, stream = self._put(batch, stream, chunk, outputs)
        return batch, stream

    def _put(
        self, batch: Batch, stream: Stream, chunk: Chunk, outputs: list[Output]
    ) -> tuple[Batch, Stream]:
        """Add a chunk to the batch; after a gap, run the batch first, to keep events in order."""
        if self.listener is not None:
            self.listener(stream.device, stream.signature, chunk)
        if chunk.hole:
            outputs += self._run(batch)
            batch = Batch()
            stream.fresh.append(Episode("gap", chunk.n0 - chunk.hole, chunk.n0))
        if chunk.after_gap and stream.order.lost and stream.order.lost[-1][1] == chunk.n0:
            outputs += self._run(batch)
            batch = Batch()
            start = stream.order.lost[-1][0]
            self._engine.put_end(batch, stream.slot)
            outputs += self._run(batch)
            batch = Batch()
            self._end_stretch(stream, start)
            stream.fresh.append(Episode("gap", start, chunk.n0))
        form = chunk.form
        if form is stream.form or form is None:
            stream.leads.since = None
            return self._add(batch, stream, chunk), stream
        at = stream.leads.change_due(chunk, form)
        if at is not None:
            if at > chunk.n0:
                head, chunk = split(chunk, at)
                batch = self._add_other(batch, stream, head, form, outputs)
            outputs += self._end(batch, stream, at)
            batch = Batch()
            signature = Signature(stream.signature.boot, stream.signature.fs, *astuple(form))
            stream = self._open(stream.device, signature, stream, stream.order)
            chunk = replace(chunk, after_gap=True, hole=0)
        return self._add_other(batch, stream, chunk, form, outputs), stream

    def _add_other(
        self, batch: Batch, stream: Stream, chunk: Chunk, form: Form, outputs: list[Output]
    ) -> Batch:
        """Add a chunk of another form than the last; a new scale holds from its first sample on."""
        signature = stream.signature
        gain, baseline = scales(signature.leads, form, signature.gain, signature.baseline)
        if (gain, baseline) != (signature.gain, signature.baseline):
            outputs += self._run(batch)
            batch = Batch()
            self._engine.rescale(stream.slot, gain, baseline)
            stream.signature = replace(signature, gain=gain, baseline=baseline)
        if is_plain(signature.leads, form):
            stream.form = form
        return self._add(batch, stream, fitted(signature.leads, chunk, form))

    def _add(self, batch: Batch, stream: Stream, chunk: Chunk) -> Batch:
        self._engine.put(batch, stream.slot, chunk)
        if chunk.pulses is not None:
            stream.pulses.add(chunk.n0, chunk.pulses)
        return batch

    def _end_stretch(self, stream: Stream, n: int, *, for_good: bool = False) -> None:
        """The signal breaks off at ``n``; the engine has told its last beats."""
        stream.fresh += measurement_events(stream, self._networks.finish(stream.waves), n)
        stream.fresh += stream.alarms.on_stretch_end(n, for_good=for_good)
        stream.pulses.break_off()

    def _run(self, batch: Batch) -> list[Output]:
        found = self._engine.advance(batch, waveform=self._waveform)
        rows, kinds = named(found.rows), found.rows["kind"]
        beats = self._judge([r for r in rows if type(r) is BeatRow], found.windows, found.strips)
        whole = [row for row in rows if type(row) is SecondRow]
        seconds = measured_seconds(self._by_slot, whole, found.seconds)
        given: dict[int, Any] = {}
        for kind, some in ((READY, zip(*beats, strict=True)), (SECOND, seconds)):
            given.update(zip(np.flatnonzero(kinds == kind).tolist(), some, strict=True))
        touched = {row.slot: self._by_slot[row.slot] for row in rows}
        for place in in_turns(found.rows).tolist():
            row = rows[place]
            stream = touched[row.slot]
            if stream.pulses.since is not None:
                reached = round(row.decided * stream.signature.fs / FS)
                stream.alarms.on_pulses(stream.pulses.until(reached))
            if type(row) is TickRow:
                stream.fresh += tick_events(stream, row)
            elif type(row) is PeakRow:
                stream.fresh += peak_events(stream, row)
            elif type(row) is BeatRow:
                stream.fresh += beat_events(stream, row, *given[place])
            elif type(row) is SecondRow:
                stream.fresh += second_events(stream, row, *given[place])
        return collect(touched.values())

    def _judge(
        self,
        rows: Sequence[BeatRow],
        windows: npt.NDArray[np.float32],
        strips: npt.NDArray[np.float32],
    ) -> tuple[Sequence[Verdict], Sequence[tuple[PWave, MeasuredAverage | None]]]:
        """Label beats and measure their waves, all of them in one call each."""
        streams = [self._by_slot[row.slot] for row in rows]
        verdicts = self._networks.label(map(ready_beat, streams, rows), windows[: len(rows)])
        labelled = map(labelled_beat, streams, rows, verdicts)
        return verdicts, self._networks.measure(labelled, strips)


def feed_together(shares: Sequence[tuple[Analyzer, Sequence[Packet]]]) -> list[list[Output]]:
    """Have analyzers take packets, as each would by `Analyzer.feed`, in as few calls as one.

    Args:
        shares: analyzers, at least one, that have one `Apparatus`, each with its packets; those of
            a device all go to one.

    Returns:
        what the packets brought to light, by analyzer.
    """
    outputs: list[Output] = []
    batch = Batch()
    for analyzer, packets in shares:
        batch = analyzer._feed(batch, packets, outputs)
    outputs += shares[0][0]._run(batch)
    if len(shares) == 1:
        return [outputs]
    # Not by the devices that each knows: after a change of partitions two may know one.
    place = {packet.device: i for i, (_, packets) in enumerate(shares) for packet in packets}
    found: list[list[Output]] = [[] for _ in shares]
    for output in outputs:
        found[place[output.device]].append(output)
    return found
