"""Owns one partition: reads its packets, runs the analyzer, commits what it found.

Order of things in a tick: read packets after the last position; analyse; commit events, alerts,
counters, progress and (in turn, every few seconds per device) checkpoints in one fenced call; only
then move on. After a crash the next owner loads the checkpoints, reads again from the oldest
position that they name, and drops the events whose number has been committed already: since the
analysis is deterministic, what is left is exactly what was missing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from detector.analyzer.analyzer import Analyzer, Apparatus, Output
from detector.runner.alert_desk import AlertDesk
from detector.runner.desk import FIRST, Bed, Desk, PartitionState, taking_part
from detector.runner.endings.departures import DepartureDesk
from detector.runner.endings.stays import StayDesk
from detector.runner.fence import Commit, Fence, Word
from detector.runner.patient_limits import LimitsDesk, PatientLimits
from detector.runner.recovery.casualties import MOST, Casualties
from detector.runner.recovery.checkpoints import Checkpoints
from detector.runner.trend_desk import TrendDesk
from detector.runner.twelve_lead_desk import TwelveLeadDesk
from detector.runner.watchdog import WatchdogDesk
from ecg_monitor.core import keys, wire
from ecg_monitor.core.clock import DeviceClock
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.remote.streams import entry_order
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, read_hash, read_words
from ecg_monitor.core.types import Packet, event_to_map
from ecg_monitor.ward.limits.file import load_limits

log = logging.getLogger("detector")

READ_COUNT = 2000
BLOCK_MS = 250
CAUGHT_UP_S = 1.0
"""Silence is judged only when the newest packet read is younger than this, or none waits."""


@dataclass(slots=True)
class Tick:
    """One batch of packets read from the stream, and what is written about it.

    Attributes:
        last: id of the entry up to which the batch reaches.
        packets: what is to be analysed.
        arrivals: when each of them came, Unix time, s.
        alone: id of the entry, if its packet is analysed by itself, since others like it have ended
            the detector.
        commit: what takes effect together.
        now: Unix time at which the packets were read, s.
    """

    last: str
    packets: list[Packet] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    alone: str | None = None
    commit: Commit = field(default_factory=Commit)
    now: float = 0.0


class PartitionRunner:
    """One partition's analysis, with its effects in Redis exactly once.

    Attributes:
        state: the analyzer and the beds, shared with the desks.
        position: entry of the wave stream up to which everything has been committed.
    """

    def __init__(
        self,
        store: Store,
        fence: Fence,
        settings: Settings,
        now: Callable[[], float] = time.time,
        alerts: Iterable[bytes] = (),
        more: Iterable[Desk] = (),
        apparatus: Apparatus | None = None,
    ) -> None:
        """Serve a partition that has been taken over.

        Args:
            store: client.
            fence: the right to write.
            settings: of the process.
            now: tells the Unix time, s.
            alerts: facts in Redis.
            more: desks beside the runner's own.
            apparatus: shared with partitions that are analysed together with this one.
        """
        self._store = store
        self._fence = fence
        self._settings = settings
        self._now = now
        self._partition = fence.partition
        limits = PatientLimits(fence.partition, load_limits(settings.config))
        self._limits = limits
        self._analyzer = Analyzer(limits, apparatus=apparatus)
        self.state = state = PartitionState(fence.partition, store, settings, self._analyzer)
        self._beds = state.beds
        self._alerts = AlertDesk(state, limits.stay_of, alerts, now())
        desks: tuple[Desk, ...] = (
            LimitsDesk(state, limits),
            WatchdogDesk(state, self._alerts),
            StayDesk(state, limits, self._alerts, self._deliver_between),
            TrendDesk(state),
            self._alerts,
            TwelveLeadDesk(state, self._alerts),
        )
        self._desks = (*desks, DepartureDesk(state, self._alerts, desks), *more)
        self._errands = [errand for desk in self._desks for errand in desk.errands]
        self._before, self._after, self._take, self._note, self._opened, self._progress = (
            taking_part(self._desks, step)
            for step in ("before", "after", "take", "note_packet", "opened", "progress")
        )
        self.position = FIRST
        self._skip_until: dict[str, str] = {}
        self._casualties = Casualties(fence.partition, FIRST, FIRST)
        self._checkpoints = Checkpoints(state, self._desks, now())

    @classmethod
    async def open(
        cls,
        store: Store,
        partition: int,
        settings: Settings,
        now: Callable[[], float] = time.time,
        more: Iterable[Desk] = (),
        apparatus: Apparatus | None = None,
    ) -> PartitionRunner:
        """Take a partition over and restore its state; arguments as of the class.

        Raises:
            StoreError: Redis does not answer.
        """
        fence = await Fence.take(store, partition)
        alerts = await read_hash(store, keys.alerts(partition))
        runner = cls(store, fence, settings, now, alerts.values(), more, apparatus)
        await runner._restore()
        return runner

    @property
    def partition(self) -> int:
        """Its number."""
        return self._partition

    @property
    def beds(self) -> int:
        """How many devices it follows."""
        return len(self._beds)

    @property
    def reads_alone(self) -> bool:
        """Whether packets that wait may end the detector: only `tick` reads those."""
        until = self._casualties.until
        return until != self._casualties.committed and entry_order(self.position) < entry_order(
            until
        )

    async def close(self) -> None:
        """Give up the state of all devices, and fetch no further."""
        self._analyzer.close()
        for errand in self._errands:
            await errand.drop()

    async def fetched(self) -> None:
        """Wait for what desks are fetching: the next tick takes it."""
        for errand in self._errands:
            await errand.come()

    async def tick(self, block_ms: int = BLOCK_MS) -> int:
        """Read, analyse and commit once, this partition alone; return how many packets were read.

        Raises:
            FencedError: another process has taken over; nothing of this tick was written.
            StoreError: Redis does not answer.
        """
        tick = await self.begin()
        wave = keys.wave(self._partition)
        found = await read_words(self._store, {wave: self.position}, READ_COUNT, block_ms)
        self.read(tick, found[0][1] if found else ())
        if tick.alone is not None and tick.packets:
            await self._casualties.before(self._store, tick.alone, tick.packets[0].device)
            self._casualties.survived(tick.commit)
        await self.conclude(tick, self._analyzer.feed(tick.packets))
        await self.commit(tick)
        return len(tick.packets)

    async def begin(self) -> Tick:
        """Let desks do what is to be done between two ticks.

        Raises:
            StoreError: Redis does not answer.
        """
        tick = Tick(self.position)
        for before in self._before:
            await before(tick.commit, self._now())
        return tick

    def read(self, tick: Tick, entries: Iterable[Sequence[Any]]) -> None:
        """Take entries of the wave stream after the position, as `read_words` gives them."""
        casualties = self._casualties
        watchful = casualties.until != casualties.committed
        for name, words in entries:
            entry = name.decode()
            alone = watchful and casualties.alone(entry)
            if alone and tick.last != self.position:
                break  # what comes before it is committed first
            tick.last = entry
            if entry not in casualties.aside:
                self._take_entry(tick, entry, words)
            if alone:
                tick.alone = entry
                break
        tick.now = self._now()

    async def conclude(self, tick: Tick, outputs: Iterable[Output]) -> None:
        """Put into a tick's commit what the analysis of its packets has brought to light.

        Raises:
            StoreError: Redis does not answer.
        """
        commit, now = tick.commit, tick.now
        self._set_clocks(tick)
        for output in outputs:
            self._deliver(commit, output, now)
        self._add_progress(commit, {packet.device for packet in tick.packets}, now)
        behind_s = now - tick.arrivals[-1] if tick.arrivals else 0.0
        for after in self._after:
            await after(commit, now, caught_up=behind_s < CAUGHT_UP_S)
        self._checkpoints.add(commit, tick.last, now)
        if commit or tick.packets:
            figures: dict[str, Word] = {"position": tick.last}
            figures |= {"behind_s": f"{behind_s:.3f}", "at": f"{now:.3f}"}
            figures |= self.figures()
            pairs = [word for pair in figures.items() for word in pair]
            commit.add("HSET", keys.lag(self._partition), *pairs)

    async def commit(self, tick: Tick) -> None:
        """Carry out a tick's commit, and go on from where it reaches to.

        Raises:
            FencedError: another process has taken over; nothing of this tick was written.
            StoreError: Redis does not answer.
        """
        if tick.commit:
            await self._fence.commit(tick.commit)
        else:
            await self._fence.check(tick.now)
        self.position = tick.last

    def figures(self) -> dict[str, Word]:
        """Return what the desks count, as it is published with the partition's position."""
        return {name: word for desk in self._desks for name, word in desk.figures().items()}

    async def save_all(self) -> None:
        """Checkpoint every device now: a restart then has nothing to analyse again."""
        commit = Commit()
        self._checkpoints.add(commit, self.position, self._now(), everything=True)
        if commit:
            await self._fence.commit(commit)

    def _take_entry(self, tick: Tick, entry: str, words: Sequence[bytes]) -> None:
        fields = dict(zip(words[::2], words[1::2], strict=True))
        device = fields[b"d"].decode()
        if device in self._skip_until:
            if entry_order(entry) <= entry_order(self._skip_until[device]):
                return
            del self._skip_until[device]
        try:
            packet = wire.read(fields[b"p"], device, ours=True)
        except WireError as error:  # ingest lets none through: something else has written here
            log.error("entry %s of partition %d: %s", entry, self._partition, error)
            return
        tick.packets.append(packet)
        tick.arrivals.append(float(fields[b"t"]))
        for note in self._note:
            note(packet, entry, tick.arrivals[-1])
        if device not in self._beds:
            bed = self._beds[device] = Bed(DeviceClock(packet.fs), packet.boot)
            bed.stay = self._limits.stay_of(device)
            for opened in self._opened:
                opened(packet)
        self._beds[device].last_entry = entry

    def _set_clocks(self, tick: Tick) -> None:
        """Take the arrivals of packets: of the sources that are followed, no others."""
        for packet, arrival in zip(tick.packets, tick.arrivals, strict=True):
            bed, followed = self._beds[packet.device], self._analyzer.followed(packet.device)
            if bed.followed != followed:
                bed.followed, bed.boot = followed, followed.boot
                bed.clock = DeviceClock(followed.fs)
            if packet.boot == followed.boot and packet.fs == followed.fs:
                bed.clock.update(packet.n1, arrival)

    def _deliver(self, commit: Commit, output: Output, now: float) -> None:
        """Hand on a device's events, and add those not committed before a restart."""
        bed, signature = self._beds[output.device], output.signature
        news = output.events[max(0, bed.ordinal - output.ordinal) :]
        if news:
            first = output.ordinal + len(output.events) - len(news)
            bed.ordinal = first + len(news)
            oldest = int((now - self._settings.event_retention_s) * 1000)
            commit.add(
                *("XADD", keys.events(self._partition), "MINID", "~", oldest, "*"),
                *("d", output.device, "b", signature.boot),
                *("s", _stream_json(signature.fs, signature.leads), "i", first),
                *("j", orjson.dumps([event_to_map(event) for event in news])),
            )
        for take in self._take:
            take(commit, output, news, now)

    def _deliver_between(self, commit: Commit, output: Output, now: float) -> None:
        """Hand on events that a desk has brought about between two ticks."""
        self._deliver(commit, output, now)
        self._add_progress(commit, [output.device], now)

    def _add_progress(self, commit: Commit, devices: Iterable[str], now: float) -> None:
        """Add how far the analysis of devices has come, and what has become of their samples."""
        reached: list[Word] = []
        counted: list[Word] = []
        for device in devices:
            bed = self._beds[device]
            # What was committed before a restart stays so while it is analysed again.
            entry = bed.last_entry
            if bed.replay_until != FIRST:
                entry = max(entry, bed.replay_until, key=entry_order)
            reached += (device, f"{bed.ordinal} {entry}")
            counts, former = self._analyzer.counts(device), bed.counted
            for name, count in counts.items():
                if former.get(name) != count:
                    counted += (f"{device}|samples_{name}", count)
            bed.counted = counts
            for note in self._progress:
                note(commit, device, now)
        commit.set_fields(keys.progress(self._partition), reached)
        commit.set_fields(keys.counters(self._partition), counted)

    async def _restore(self) -> None:
        """Load checkpoints and progress; find where to read on from."""
        partition, now = self._partition, self._now()
        self._limits.take(*await self._limits.changes(self._store))
        progress = await read_hash(self._store, keys.progress(partition))
        states = await self._checkpoints.read(list(progress))
        lag = await read_hash(self._store, keys.lag(partition))
        committed = lag.get("position", FIRST.encode()).decode()
        self._casualties = await Casualties.look_back(self._store, self._fence, committed, now)
        behind: list[str] = []
        for device, saved in states.items():
            if self._casualties.must_start_anew(device):
                log.warning("%s starts anew: the detector has died of %d packets", device, MOST)
                self._skip_until[device] = committed
                continue
            ordinal, last_entry = progress[device].decode().split()
            position = self._checkpoints.restore(device, saved, int(ordinal), last_entry, now)
            if position is not None and entry_order(position) < entry_order(last_entry):
                behind.append(position)
                self._skip_until[device] = position
            elif position is not None:
                self._skip_until[device] = max(committed, position, key=entry_order)
        self.position = min([committed, *behind], key=entry_order)
        present = self._alerts.present_by_device()
        for device in sorted((progress.keys() | present.keys()) - self._beds.keys()):
            for desk in self._desks:
                desk.started_anew(device, now)
        log.info(
            "partition %d: epoch %d, %d devices restored, reading on from %s",
            partition,
            self._fence.epoch,
            len(self._beds),
            self.position,
        )


@lru_cache(maxsize=1024)
def _stream_json(fs: float, leads: tuple[str, ...]) -> bytes:
    """Return what is told of a stream with its events: beds of one make have the same."""
    return orjson.dumps({"fs": fs, "leads": leads})
