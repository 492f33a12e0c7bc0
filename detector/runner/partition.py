"""Owns one partition: reads its packets, runs the analyzer, commits what it found.

Order of things in a tick: read packets after the last position; analyse; commit events, alerts,
counters, progress and (in turn, every few seconds per device) checkpoints in one fenced call; only
then move on. After a crash the next owner loads the checkpoints, reads again from the oldest
position that they name, and drops the events whose number has been committed already: since the
analysis is deterministic, what is left is exactly what was missing.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import cbor2
import orjson

from detector.analyzer.analyzer import Analyzer, Output
from detector.runner.alert_desk import AlertDesk
from detector.runner.desk import FIRST, Bed, Desk, PartitionState, taking_part
from detector.runner.endings.departures import DepartureDesk
from detector.runner.endings.stays import StayDesk
from detector.runner.fence import Commit, Fence, Word
from detector.runner.patient_limits import LimitsDesk, PatientLimits
from detector.runner.recovery.casualties import MOST, Casualties
from detector.runner.trend_desk import TrendDesk
from detector.runner.turns import Pace, Turns
from detector.runner.twelve_lead_desk import TwelveLeadDesk
from detector.runner.watchdog import WatchdogDesk
from ecg_monitor.core import keys, wire
from ecg_monitor.core.clock import DeviceClock
from ecg_monitor.core.errors import CheckpointError, WireError
from ecg_monitor.core.remote.streams import entry_order
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, read_hash, read_stream
from ecg_monitor.core.types import Packet, event_to_map
from ecg_monitor.ward.limits.file import load_limits

log = logging.getLogger("detector")

READ_COUNT = 2000
BLOCK_MS = 250
CHECKPOINT_S = 5.0
"""Age at which a device's checkpoint is renewed: what must be analysed again after a crash."""
CAUGHT_UP_S = 1.0
"""Silence is judged only when the newest packet read is younger than this, or none waits."""


@dataclass(slots=True)
class _Tick:
    """One batch of packets read from the stream."""

    packets: list[Packet] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    last: str = FIRST
    alone: str | None = None
    note: tuple[Callable[..., None], ...] = ()


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
    ) -> None:
        """Serve a partition that has been taken over.

        Args:
            store: client.
            fence: the right to write.
            settings: of the process.
            now: tells the Unix time, s.
            alerts: facts in Redis.
            more: desks beside the runner's own.
        """
        self._store = store
        self._fence = fence
        self._settings = settings
        self._now = now
        self._partition = fence.partition
        limits = PatientLimits(fence.partition, load_limits(settings.config))
        self._limits = limits
        self._analyzer = Analyzer(limits)
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
        self.position = FIRST
        self._skip_until: dict[str, str] = {}
        self._casualties = Casualties(fence.partition, FIRST, FIRST)
        self._turns = Turns(CHECKPOINT_S, now())

    @classmethod
    async def open(
        cls,
        store: Store,
        partition: int,
        settings: Settings,
        now: Callable[[], float] = time.time,
        more: Iterable[Desk] = (),
    ) -> PartitionRunner:
        """Take a partition over and restore its state; arguments as of the class.

        Raises:
            StoreError: Redis does not answer.
        """
        fence = await Fence.take(store, partition)
        alerts = await read_hash(store, keys.alerts(partition))
        runner = cls(store, fence, settings, now, alerts.values(), more)
        await runner._restore()
        return runner

    async def run(self, pace: Pace) -> None:
        """Tick until cancelled.

        Args:
            pace: of the partitions of this process.

        Raises:
            FencedError: another process has taken over.
        """
        settled = 0
        try:
            while True:
                started = time.monotonic()
                await self.tick()
                if len(self._beds) > settled:
                    # State of a bed lives long: the collector need not search it again and
                    # again, which costs a fifth of the time at 2000 beds.
                    settled = len(self._beds)
                    gc.freeze()
                pace.count(self._partition, len(self._beds))
                await asyncio.sleep(max(0.0, started + pace.least_s - time.monotonic()))
        finally:
            pace.count(self._partition, 0)
            await self.close()

    async def close(self) -> None:
        """Fetch no further; `save_all` can still be called."""
        for errand in self._errands:
            await errand.drop()

    async def fetched(self) -> None:
        """Wait for what desks are fetching: the next tick takes it."""
        for errand in self._errands:
            await errand.come()

    async def tick(self, block_ms: int = BLOCK_MS) -> int:
        """Read, analyse and commit once; return how many packets were read.

        Raises:
            FencedError: another process has taken over; nothing of this tick was written.
        """
        commit = Commit()
        for desk in self._desks:
            await desk.before(commit, self._now())
        tick = await self._read(block_ms)
        now = self._now()
        if tick.alone is not None and tick.packets:
            await self._casualties.before(self._store, tick.alone, tick.packets[0].device)
            self._casualties.survived(commit)
        outputs = self._analyzer.feed(tick.packets)
        self._set_clocks(tick)
        for output in outputs:
            self._deliver(commit, output, now)
        self._add_progress(commit, {packet.device for packet in tick.packets}, now)
        behind_s = now - tick.arrivals[-1] if tick.arrivals else 0.0
        for desk in self._desks:
            await desk.after(commit, now, caught_up=behind_s < CAUGHT_UP_S)
        self._add_checkpoints(commit, tick.last, now)
        if commit.words or tick.packets:
            figures: dict[str, Word] = {"position": tick.last}
            figures |= {"behind_s": f"{behind_s:.3f}", "at": f"{now:.3f}"}
            figures |= self.figures()
            pairs = [word for pair in figures.items() for word in pair]
            commit.add("HSET", keys.lag(self._partition), *pairs)
            await self._fence.commit(commit)
        else:
            await self._fence.check(now)
        self.position = tick.last
        return len(tick.packets)

    def figures(self) -> dict[str, Word]:
        """Return what the desks count, as it is published with the partition's position."""
        return {name: word for desk in self._desks for name, word in desk.figures().items()}

    async def save_all(self) -> None:
        """Checkpoint every device now: a restart then has nothing to analyse again."""
        commit = Commit()
        self._add_checkpoints(commit, self.position, self._now(), everything=True)
        if commit.words:
            await self._fence.commit(commit)

    async def _read(self, block_ms: int) -> _Tick:
        tick = _Tick(last=self.position, note=taking_part(self._desks, "note_packet"))
        wave = keys.wave(self._partition)
        for entry, fields in await read_stream(
            self._store, wave, self.position, READ_COUNT, block_ms
        ):
            alone = self._casualties.alone(entry)
            if alone and tick.last != self.position:
                break  # what comes before it is committed first
            tick.last = entry
            if entry not in self._casualties.aside:
                self._take_entry(tick, entry, fields)
            if alone:
                tick.alone = entry
                break
        return tick

    def _take_entry(self, tick: _Tick, entry: str, fields: dict[bytes, bytes]) -> None:
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
        for note in tick.note:
            note(packet, entry, tick.arrivals[-1])
        if device not in self._beds:
            bed = self._beds[device] = Bed(DeviceClock(packet.fs), packet.boot)
            bed.stay = self._limits.stay_of(device)
            for desk in self._desks:
                desk.opened(packet)
        self._beds[device].last_entry = entry

    def _set_clocks(self, tick: _Tick) -> None:
        """Take the arrivals of packets: of the sources that are followed, no others."""
        for packet, arrival in zip(tick.packets, tick.arrivals, strict=True):
            bed, followed = self._beds[packet.device], self._analyzer.followed(packet.device)
            if bed.followed != followed:
                bed.followed, bed.boot = followed, followed.boot
                bed.clock = DeviceClock(followed.fs)
            if (packet.boot, packet.fs) == (followed.boot, followed.fs):
                bed.clock.update(packet.n1, arrival)

    def _deliver(self, commit: Commit, output: Output, now: float) -> None:
        """Hand on a device's events, and add those not committed before a restart."""
        bed, signature = self._beds[output.device], output.signature
        news = output.events[max(0, bed.ordinal - output.ordinal) :]
        if news:
            first = output.ordinal + len(output.events) - len(news)
            bed.ordinal = first + len(news)
            stream = {"fs": signature.fs, "leads": signature.leads}
            fields: dict[str, Word] = {
                "d": output.device,
                "b": signature.boot,
                "s": orjson.dumps(stream),
                "i": first,
                "j": orjson.dumps([event_to_map(event) for event in news]),
            }
            commit.add(
                "XADD",
                keys.events(self._partition),
                "MINID",
                "~",
                int((now - self._settings.event_retention_s) * 1000),
                "*",
                *[word for pair in fields.items() for word in pair],
            )
        for desk in self._desks:
            desk.take(commit, output, news, now)

    def _deliver_between(self, commit: Commit, output: Output, now: float) -> None:
        """Hand on events that a desk has brought about between two ticks."""
        self._deliver(commit, output, now)
        self._add_progress(commit, [output.device], now)

    def _add_progress(self, commit: Commit, devices: Iterable[str], now: float) -> None:
        """Add how far the analysis of devices has come, and what has become of their samples."""
        reached: list[Word] = []
        counted: list[Word] = []
        takes_note = taking_part(self._desks, "progress")
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
            for note in takes_note:
                note(commit, device, now)
        commit.set_fields(keys.progress(self._partition), reached)
        commit.set_fields(keys.counters(self._partition), counted)

    def _add_checkpoints(
        self, commit: Commit, position: str, now: float, *, everything: bool = False
    ) -> None:
        """Add checkpoints of those whose turn it is; a new device gets one at once."""
        turns = set(self._beds if everything else self._turns.next(self._beds, now))
        for device, bed in self._beds.items():
            if not (bed.save_due or device in turns) or bed.last_entry == bed.saved_entry:
                continue
            bed.saved_entry = bed.last_entry
            bed.save_due = False
            saved: dict[str, Any] = {"position": position, "boot": bed.boot, "stay": bed.stay}
            saved |= {desk.PART: desk.save(device) for desk in self._desks if desk.PART}
            saved["analyzer"] = self._analyzer.save(device)
            commit.add("HSET", keys.state(self._partition), device, cbor2.dumps(saved))
            for desk in self._desks:
                desk.saved(commit, device, now)

    async def _restore(self) -> None:
        """Load checkpoints and progress; find where to read on from."""
        partition, now = self._partition, self._now()
        self._limits.take(*await self._limits.changes(self._store))
        states = await read_hash(self._store, keys.state(partition))
        progress = await read_hash(self._store, keys.progress(partition))
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
            position = self._restore_device(device, saved, int(ordinal), last_entry)
            if position is not None and entry_order(position) < entry_order(last_entry):
                behind.append(position)
                self._skip_until[device] = position
            elif position is not None:
                self._skip_until[device] = max(committed, position, key=entry_order)
        self.position = min([committed, *behind], key=entry_order)
        present = self._alerts.present_by_device()
        for device in sorted((states.keys() | present.keys()) - self._beds.keys()):
            for desk in self._desks:
                desk.started_anew(device, now)
        log.info(
            "partition %d: epoch %d, %d devices restored, reading on from %s",
            partition,
            self._fence.epoch,
            len(self._beds),
            self.position,
        )

    def _restore_device(
        self, device: str, saved: bytes, ordinal: int, last_entry: str
    ) -> str | None:
        """Load one checkpoint; return its position, or None if the device starts anew."""
        try:
            state: dict[str, Any] = cbor2.loads(saved)
            self._analyzer.load(device, state["analyzer"])
            for desk in self._desks:
                if desk.PART:
                    desk.load(device, state.get(desk.PART))
        except (CheckpointError, cbor2.CBORDecodeError, KeyError, TypeError) as error:
            log.warning("%s starts anew: %s", device, error)
            if device in self._analyzer.devices:
                self._analyzer.forget(device)
            return None
        signature, position = self._analyzer.signature(device), str(state["position"])
        bed = Bed(DeviceClock(signature.fs), signature.boot, ordinal, last_entry, last_entry, False)
        bed.stay = state.get("stay", "")
        self._beds[device] = bed
        if entry_order(position) < entry_order(last_entry):
            bed.last_entry, bed.replay_until = position, last_entry
            bed.saved_entry = position
        for desk in self._desks:
            desk.resumed(device, self._now())
        return position
