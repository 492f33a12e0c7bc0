"""What was read of a partition and is in no segment yet: packets, beats, alarms. Pure."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson

from ecg_monitor.archive.kept.journal import Entry
from ecg_monitor.archive.kept.marks import Mark
from ecg_monitor.archive.kept.segments import PacketReader, Segment, Stream, Track
from ecg_monitor.core.clock import DeviceClock
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.format import cbor
from ecg_monitor.ward.alerts import trail
from ecg_monitor.ward.alerts.model import Alert

log = logging.getLogger("record")

Source = tuple[str, str]
"""Device and boot."""
KnownStart = Callable[[str, str, float], tuple[float | None, float]]
"""Returns the Unix time, s, of sample 0 of a device's boot at a sampling rate, or None if nothing
of it is known, and the Unix time up to which it is."""

_NOBODY = ("", "")


@dataclass(slots=True)
class PartitionEntries:
    """Entries of one partition.

    Attributes:
        known_start: tells when a boot began of which segments are kept.
        tracks: packets by what their samples have in common.
        clocks: times of sample 0.
        beats: beats by device and boot, samples counted from power-up.
        alarms: facts by identity.
        whose: stay and patient by device; a device that is absent has none.
        packets: how many packets there are.
        unreadable: entries that could not be read, ever.
    """

    known_start: KnownStart
    tracks: dict[Stream, Track] = field(default_factory=dict)
    clocks: dict[tuple[str, str, float], DeviceClock] = field(default_factory=dict)
    beats: dict[Source, set[Mark]] = field(default_factory=dict)
    alarms: dict[str, Alert] = field(default_factory=dict)
    whose: dict[str, tuple[str, str]] = field(default_factory=dict)
    packets: int = 0
    unreadable: int = 0
    _reader: PacketReader = field(default_factory=PacketReader)
    _newest: dict[str, tuple[Track, DeviceClock]] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Take one entry; one that is malformed is counted and left out."""
        try:
            if not entry.device and entry.kind != "a":
                raise ValueError("its device has no name")
            if entry.kind == "w":
                self._packet(entry)
            elif entry.kind == "e":
                self._events(entry)
            elif entry.kind == "a":
                self._alert(entry)
            elif entry.kind == "s":
                self.whose[entry.device] = (entry.head.decode(), entry.body.decode())
        except (AlertError, KeyError, TypeError, ValueError, AttributeError) as error:
            self.unreadable += 1
            log.error("entry %s of %s cannot be recorded: %s", entry.id, entry.device, error)

    def about(self, source: Source) -> tuple[set[Mark], list[Alert]]:
        """Return the beats and alarms of a device's boot."""
        alarms = [one for one in self.alarms.values() if (one.device, one.boot) == source]
        return self.beats.get(source, set()), alarms

    def segments(self) -> dict[str, list[Segment]]:
        """Return the packets as segments, by device."""
        found: dict[str, list[Segment]] = {}
        for track in self.tracks.values():
            stream = track.stream
            start = self.clocks[stream.device, stream.boot, stream.fs].start or 0.0
            found.setdefault(stream.device, []).extend(track.segments(start))
        return found

    def sealed(self) -> None:
        """Forget what segments hold now."""
        live = {(one.stream.device, one.stream.boot, one.stream.fs) for one in self.tracks.values()}
        self.clocks = {name: clock for name, clock in self.clocks.items() if name in live}
        self.tracks = {}
        self._newest = {}
        self.beats = {}
        self.alarms = {}
        self.packets = 0

    def beginning(self) -> Iterable[Entry]:
        """Return what a journal that begins anew has to begin with: who is where."""
        for device, (stay, patient) in self.whose.items():
            yield Entry("s", "", device, stay.encode(), patient.encode())

    def _packet(self, entry: Entry) -> None:
        device = entry.device
        whose = self.whose.get(device, _NOBODY)
        stream, piece = self._reader.read(device, cbor.decoded(entry.body), whose)
        arrival = float(entry.head)
        newest = self._newest.get(device)
        if newest is None or newest[0].stream is not stream:
            newest = self._newest[device] = self._track(stream), self._clock(stream)
        track, clock = newest
        clock.update(piece.n1, arrival)
        track.pieces.append(piece)
        self.packets += 1

    def _track(self, stream: Stream) -> Track:
        track = self.tracks.get(stream)
        if track is None:
            track = self.tracks[stream] = Track(stream)
        return track

    def _clock(self, stream: Stream) -> DeviceClock:
        source = stream.device, stream.boot, stream.fs
        clock = self.clocks.get(source)
        if clock is None:
            clock = self.clocks[source] = DeviceClock(stream.fs, *self.known_start(*source))
        return clock

    def _events(self, entry: Entry) -> None:
        beats = self.beats.setdefault((entry.device, entry.head.decode()), set())
        for event in orjson.loads(entry.body):
            if event["type"] == "beat":
                beats.add(Mark(int(event["n"]), str(event["label"])))

    def _alert(self, entry: Entry) -> None:
        if not entry.body:
            return
        fields = {b"e": entry.head, b"j": entry.body}
        alert = trail.from_fields({name: text for name, text in fields.items() if text}).alert
        if alert is not None:
            known = self.alarms.get(alert.id)
            self.alarms[alert.id] = alert if known is None else known.join(alert)


def beats_within(beats: Iterable[Mark], n0: int, n1: int) -> list[Mark]:
    """Return the beats at samples ``n0`` .. ``n1`` (exclusive), counted from ``n0``."""
    return [mark._replace(sample=mark.sample - n0) for mark in beats if n0 <= mark.sample < n1]
