"""Records a partition: journals what is read of it, and seals that every few minutes.

Entries are on the disk before the next are read. If the disk takes nothing, reading stands still:
Redis keeps what comes meanwhile, for a while, and monitoring knows nothing of it. What Redis had to
let go is a hole, kept in the index with its reason.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from redis.asyncio.client import Pipeline

from ecg_monitor.archive.gathering import PartitionEntries
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.kept.journal import Entry, Journal, Kind, path_of
from ecg_monitor.archive.kept.tables import Hole
from ecg_monitor.archive.sealing import seal
from ecg_monitor.core import keys
from ecg_monitor.core.errors import ArchiveError, PatientError
from ecg_monitor.core.remote.streams import entry_ms, entry_order, read_range
from ecg_monitor.core.store import Store, StoreRefusedError
from ecg_monitor.ward.patients.model import bed_from_json

log = logging.getLogger("record")

SEAL_S = 600.0
"""Length of segments, s of arrival."""
BEGINNING = "0-0"
_BEAT = b'"beat"'
"""What is in the JSON of events that hold a beat: only those are kept."""
_COUNT = "packets read of {}"
"""Name beside the cursors of how many entries of a partition's wave stream were read or lost."""


class Figures:
    """What the recorder tells of itself.

    Attributes:
        held: by partition that is not recorded now: why.
        segments: segments written.
        written: bytes of them.
        lost: packets that Redis had let go before they were read.
        left_out: samples per lead of devices that scatter their indices.
        removed: segments removed by age or size.
        waiting: packets that are in no segment yet, by partition.
        unreadable: entries that could not be read, by partition.
    """

    def __init__(self) -> None:
        self.held: dict[int, str] = {}
        self.segments = self.written = self.left_out = self.removed = 0
        self.lost = 0
        self.waiting: dict[int, int] = {}
        self.unreadable: dict[int, int] = {}

    def to_map(self) -> dict[str, Any]:
        """Return what the process reports (`ecg_monitor.ward.system.process_figures`)."""
        return {
            "recording_held": next(iter(self.held.values()), ""),
            "segments": self.segments,
            "bytes_written": self.written,
            "packets_lost": self.lost,
            "left_out": self.left_out,
            "removed": self.removed,
            "waiting": sum(self.waiting.values()),
            "unrecorded": sum(self.unreadable.values()),
        }


class Lock:
    """The right to write to an archive: one recorder at a time."""

    def __init__(self, root: Path) -> None:
        """Take the right to write to an archive.

        Raises:
            ArchiveError: another recorder has it, or the folder cannot be written.
        """
        try:
            root.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ArchiveError(f"{root}: cannot be written: {error}") from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            raise ArchiveError(
                f"{root}: another recorder writes there; give ECG_ARCHIVE another folder"
            ) from error

    def release(self) -> None:
        """Let another recorder write to the archive."""
        os.close(self._handle)


Found = Mapping[str, Sequence[tuple[bytes, Mapping[bytes, bytes]]]]
"""Entries of streams, as Redis has them: id and fields."""


class Answer(NamedTuple):
    """What Redis says of a partition, all of one moment.

    Attributes:
        wave: of its wave stream (XINFO STREAM); an error: there is none yet.
        patients: who is in its beds.
        found: entries by stream that were not read yet.
    """

    wave: Mapping[str, Any] | StoreRefusedError
    patients: Mapping[bytes, bytes]
    found: Found


class PartitionRecorder:
    """Records one partition. Make it with `open`.

    A turn is `ask`, then `read`, `journal` and `keep`; what fails on the way leaves it as it was.

    Attributes:
        partition: its number.
        figures: what the recorder tells of itself.
        positions: by stream: id of the last entry that was read.
    """

    def __init__(
        self, client: Store, root: Path, index: Index, partition: int, figures: Figures,
        seal_s: float = SEAL_S,
    ) -> None:  # fmt: skip
        self._client = client
        self._root = root
        self._index = index
        self.partition = partition
        self.figures = figures
        self._seal_s = seal_s
        self._streams: dict[str, Kind] = {
            keys.wave(partition): "w",
            keys.events(partition): "e",
            keys.alertlog(partition): "a",
        }
        self.positions = dict.fromkeys(self._streams, BEGINNING)
        self._gathered = PartitionEntries(self._known_start)
        self._ordinal: int | None = None
        self._journaled = 0
        self._patients: Mapping[bytes, bytes] = {}
        self._devices: dict[bytes, str] = {}
        self._journal: Journal
        # Partitions take turns: not all of them compress in the same second.
        self._seal_at = time.monotonic() + seal_s * (1 + partition % 8 / 8)

    @classmethod
    def open(
        cls, client: Store, root: Path, index: Index, partition: int, figures: Figures,
        seal_s: float = SEAL_S,
    ) -> PartitionRecorder:  # fmt: skip
        """Take up where the last recorder ended: at the cursors, and at the end of the journal.

        Raises:
            ArchiveError: the index or the journal cannot be read.
        """
        recorder = cls(client, root, index, partition, figures, seal_s)
        cursors = index.cursors()
        for stream in recorder._streams:
            recorder.positions[stream] = cursors.get(stream, BEGINNING)
        if _COUNT.format(partition) in cursors:
            recorder._ordinal = int(cursors[_COUNT.format(partition)])
        try:
            recorder._journal, entries = Journal.open(path_of(root, partition))
        except OSError as error:
            raise ArchiveError(f"{path_of(root, partition)}: {error}") from error
        begun = next((entry.id for entry in entries if entry.id), None)
        if begun is not None:
            age_s = time.time() - entry_ms(begun) / 1000
            recorder._seal_at -= max(0.0, age_s)  # restarts do not put sealing off for ever
        names: dict[Kind, str] = {kind: stream for stream, kind in recorder._streams.items()}
        for entry in entries:
            if entry.kind == "s":
                recorder._gathered.take(entry)
            elif _after(entry.id, recorder.positions[names[entry.kind]]):
                recorder.positions[names[entry.kind]] = entry.id
                recorder._take(entry)
        return recorder

    def ask(self, pipe: Pipeline) -> None:
        """Ask in a transaction for what an `Answer` has beside the entries."""
        pipe.xinfo_stream(keys.wave(self.partition))
        pipe.hgetall(keys.patients(self.partition))

    async def read(self, answer: Answer) -> list[Entry]:
        """Return what the journal is to keep of an answer.

        Raises:
            StoreError: Redis does not answer.
            ArchiveError: the index cannot be written.
        """
        if isinstance(answer.wave, StoreRefusedError):  # no stream: nothing was ever added
            self._ordinal = 0
        else:
            await self._look_for_loss(answer.wave)
        entries = self._who(answer.patients)
        for stream, some in answer.found.items():
            kept = (self._entry(self._streams[stream], entry, fields) for entry, fields in some)
            entries += [entry for entry in kept if entry is not None]
        return entries

    def journal(self, entries: list[Entry]) -> None:
        """Write what was read into the journal; when it returns, the disk has it.

        Raises:
            OSError: the disk takes nothing.
        """
        if entries:
            self._journal.append(entries)

    def keep(self, answer: Answer, entries: list[Entry]) -> None:
        """Take what the journal has of an answer: it is not asked for again."""
        self._patients = answer.patients
        for stream, some in answer.found.items():
            self.positions[stream] = some[-1][0].decode()
        for entry in entries:
            self._take(entry)
        self.figures.waiting[self.partition] = self._gathered.packets
        self.figures.unreadable[self.partition] = self._gathered.unreadable

    @property
    def is_due(self) -> bool:
        """Whether it is time to make segments of what was gathered."""
        return time.monotonic() >= self._seal_at

    def seal(self) -> None:
        """Make segments of what was gathered.

        Raises:
            OSError: the disk takes nothing.
            ArchiveError: likewise, of the index.
        """
        gathered = self._gathered
        cursors = dict(self.positions)
        if self._ordinal is not None:
            cursors[_COUNT.format(self.partition)] = str(self._ordinal)
        done = seal(self._root, self._index, gathered, cursors)
        self._journaled = 0
        self._devices = {}
        gathered.sealed()
        self._journal.begin_anew(gathered.beginning())
        figures = self.figures
        figures.segments += done.segments
        figures.written += done.size
        figures.left_out += done.left_out
        self._seal_at = time.monotonic() + self._seal_s

    def hold(self, why: str) -> None:
        """Tell that this partition is not recorded now; said once for each reason."""
        if self.figures.held.get(self.partition) != why:
            log.error("partition %d is not recorded: %s; trying again", self.partition, why)
            self.figures.held[self.partition] = why

    def go_on(self) -> None:
        """Tell that this partition is recorded."""
        if self.figures.held.pop(self.partition, ""):
            log.info("partition %d: recording goes on", self.partition)

    def close(self) -> None:
        """Give the journal back; what is in it is taken up by the next recorder."""
        self._journal.close()

    def _who(self, found: Mapping[bytes, bytes]) -> list[Entry]:
        """Return who has come to or left a bed of this partition."""
        if found == self._patients:
            return []
        entries = []
        for name, text in found.items():
            if self._patients.get(name) == text:
                continue
            try:
                admission = bed_from_json(text).admission
            except PatientError as error:
                log.error("%s: %s", name.decode(), error)
                continue
            whose = ("", "") if admission is None else (admission.stay, admission.patient)
            if self._gathered.whose.get(name.decode(), ("", "")) != whose:
                entries.append(Entry("s", "", name.decode(), whose[0].encode(), whose[1].encode()))
        return entries

    async def _look_for_loss(self, said: Mapping[str, Any]) -> None:
        """Say so if Redis has let packets go that were not read.

        Redis counts what was ever added to a stream, and the recorder what it has read. It looks
        at each reading: a process that was stopped for long does not know it.

        Args:
            said: what Redis says of the wave stream (XINFO STREAM), before the next is read.

        Raises:
            StoreError: Redis does not answer.
            ArchiveError: the index cannot be written.
        """
        wave = keys.wave(self.partition)
        added = said.get("entries-added")
        if added is None:  # a server that does not count them
            return
        gone = added - said["length"]
        ordinal = self._ordinal
        if ordinal is None or ordinal > added:
            # A first start, or a Redis that has begun anew, or has lost its newest entries.
            self._ordinal = added - await self._unread(said)
            self._index.seal({_COUNT.format(self.partition): str(self._ordinal - self._journaled)})
        elif gone > ordinal and said["first-entry"]:
            start = entry_ms(self.positions[wave]) / 1000
            end = entry_ms(said["first-entry"][0]) / 1000
            why = f"{gone - ordinal} packets are not recorded: the recorder, or space, was away"
            self._index.seal(
                {_COUNT.format(self.partition): str(gone - self._journaled)},
                holes=[Hole(self.partition, start, end, why)],
            )
            self._ordinal = gone
            self.figures.lost += gone - ordinal
            log.error("partition %d, %.0f s: %s", self.partition, end - start, why)

    async def _unread(self, said: Mapping[str, Any]) -> int:
        """Return how many packets there are beyond what was read."""
        wave = keys.wave(self.partition)
        position = self.positions[wave]
        first = said["first-entry"]
        if not first or _after(first[0].decode(), position):
            return int(said["length"])
        last = said["last-generated-id"].decode()
        unread = read_range(self._client, wave, f"({position}", last)
        return len([None async for _ in unread])

    def _take(self, entry: Entry) -> None:
        self._gathered.take(entry)
        if entry.kind == "w":
            self._journaled += 1
            self._ordinal = None if self._ordinal is None else self._ordinal + 1

    def _entry(self, kind: Kind, entry: bytes, fields: Mapping[bytes, bytes]) -> Entry | None:
        """Return what the journal keeps of an entry; None: nothing. Missing fields are empty."""
        name = entry.decode()
        if kind == "a":
            return Entry("a", name, "", fields.get(b"e", b""), fields.get(b"j", b""))
        raw = fields.get(b"d", b"")
        device = self._devices.get(raw)
        if device is None:
            device = raw.decode(errors="replace")
            if not keys.DEVICE_ID.fullmatch(device):  # it becomes the name of a folder
                device = ""
            self._devices[raw] = device
        if kind == "w":
            return Entry("w", name, device, fields.get(b"t", b""), fields.get(b"p", b""))
        body = fields.get(b"j", b"")
        return Entry("e", name, device, fields.get(b"b", b""), body) if _BEAT in body else None

    def _known_start(self, device: str, boot: str, fs: float) -> tuple[float | None, float]:
        try:
            row = self._index.newest(device, boot, fs)
        except ArchiveError as error:
            log.error("the clock of %s begins anew: %s", device, error)
            row = None
        return (None, 0.0) if row is None else (row.start - row.n0 / fs, row.end)


def _after(entry: str, position: str) -> bool:
    return entry_order(entry) > entry_order(position)
