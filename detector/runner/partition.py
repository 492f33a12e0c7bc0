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
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
import orjson

from detector.analyzer.analyzer import Analyzer, Output
from detector.runner.alert_desk import AlertDesk
from detector.runner.fence import Commit, Fence
from detector.runner.patient_limits import PatientLimits
from detector.runner.trend_desk import TrendDesk
from detector.runner.watchdog import NO_DATA, Watchdog
from ecg_monitor.core import keys, wire
from ecg_monitor.core.clock import DeviceClock
from ecg_monitor.core.errors import CheckpointError, WireError
from ecg_monitor.core.remote.streams import entry_order as _order
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, read_hash, read_stream
from ecg_monitor.core.types import Alarm, Packet, event_to_map
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.limits.file import load_limits

log = logging.getLogger("detector")

READ_COUNT = 2000
BLOCK_MS = 250
TICK_S = 0.02
"""Least time between ticks: packets of many beds share a call, at a cost of 10 ms on average."""
CHECKPOINT_S = 5.0
"""Age at which a device's checkpoint is renewed: what must be analysed again after a crash."""
CAUGHT_UP_S = 1.0
"""Silence is judged only when the newest packet read is younger than this, or none waits."""
FIRST = "0-0"
UNKNOWN = "unknown"
"""Power-up of a device that has sent nothing since nothing is known of it any more."""


@dataclass(slots=True)
class _Bed:
    """What the runner knows of a device beside the analyzer's state."""

    clock: DeviceClock
    boot: str
    ordinal: int = 0
    last_entry: str = FIRST
    saved_entry: str = FIRST
    saved_at: float = 0.0
    replay_until: str = FIRST
    """Last entry that was committed before a restart: its signal is analysed again up to there."""
    stay: str = ""
    """Stay that the signal analysed so far belongs to; empty: nobody was admitted."""


@dataclass(slots=True)
class _Tick:
    """One batch of packets read from the stream."""

    packets: list[Packet] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    last: str = FIRST


class PartitionRunner:
    """Runs one partition. Make it with `open`; call `tick` until cancelled."""

    def __init__(
        self, store: Store, fence: Fence, settings: Settings, now: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._fence = fence
        self._partition = fence.partition
        self._settings = settings
        self._now = now
        self._limits = PatientLimits(fence.partition, load_limits(settings.config))
        self._analyzer = Analyzer(self._limits)
        self._beds: dict[str, _Bed] = {}
        self._desk = AlertDesk(fence.partition, settings)
        self._trends = TrendDesk(fence.partition, settings)
        self._watchdog = Watchdog()
        self._position = FIRST
        self._skip_until: dict[str, str] = {}
        self._orphans: list[Alert] = []
        self._watched_at = 0.0

    @classmethod
    async def open(
        cls, store: Store, partition: int, settings: Settings, now: Callable[[], float] = time.time
    ) -> PartitionRunner:
        """Take a partition over and restore its state.

        Raises:
            StoreError: Redis does not answer.
        """
        runner = cls(store, await Fence.take(store, partition), settings, now)
        await runner._restore()
        return runner

    async def run(self) -> None:
        """Tick until cancelled.

        Raises:
            FencedError: another process has taken over.
        """
        settled = 0
        while True:
            started = time.monotonic()
            await self.tick()
            if len(self._beds) > settled:
                # State of a bed lives long: the collector need not search it again and again,
                # which costs a fifth of the time at 2000 beds.
                settled = len(self._beds)
                gc.freeze()
            await asyncio.sleep(max(0.0, TICK_S - (time.monotonic() - started)))

    async def tick(self, block_ms: int = BLOCK_MS) -> int:
        """Read, analyse and commit once; return how many packets were read.

        Raises:
            FencedError: another process has taken over; nothing of this tick was written.
        """
        await self._limits.poll(self._store, self._now())
        for device in self._limits.settle(self._analyzer, self._is_current):
            self._beds[device].saved_at = 0.0  # with the next signal comes a checkpoint
        commit = Commit()
        self._end_orphans(commit, self._now())
        await self._end_stays(commit, self._now())
        tick = await self._read(block_ms)
        now = self._now()
        for packet, arrival in zip(tick.packets, tick.arrivals, strict=True):
            self._clock_of(packet).update(packet.n1, arrival)
        for output in self._analyzer.feed(tick.packets):
            self._add_output(commit, output, now)
        for device in {packet.device for packet in tick.packets}:
            self._add_progress(commit, device, now)
        self._trends.write(commit, now)
        behind_s = now - tick.arrivals[-1] if tick.arrivals else 0.0
        if behind_s < CAUGHT_UP_S and now - self._watched_at >= 1.0:
            self._watched_at = now
            self._watch(commit, now)
        self._add_checkpoints(commit, tick.last, now)
        self._desk.catch_up(commit, lambda device: self._beds[device].clock, now)
        await self._desk.take_strips(self._store, commit, self._analyzer.position, now)
        await self._desk.prune(self._store, commit, now)
        if commit.words or tick.packets:
            commit.add(
                "HSET",
                keys.lag(self._partition),
                *("position", tick.last, "behind_s", f"{behind_s:.3f}", "at", f"{now:.3f}"),
                *("patients", self._limits.version),
            )
            await self._fence.commit(commit)
        self._position = tick.last
        return len(tick.packets)

    async def save_all(self) -> None:
        """Checkpoint every device now: a restart then has nothing to analyse again."""
        commit = Commit()
        self._add_checkpoints(commit, self._position, self._now(), everything=True)
        if commit.words:
            await self._fence.commit(commit)

    def _end_orphans(self, commit: Commit, now: float) -> None:
        """End what was present on devices that have started anew: nobody else would.

        A condition that still holds is found again, as another alert.
        """
        for alert in self._orphans:
            over = Alarm(alert.kind, alert.priority, alert.n, alert.n, False)
            self._add_alarm(commit, alert.device, alert.boot, over, now)
        self._orphans.clear()

    async def _end_stays(self, commit: Commit, now: float) -> None:
        """Where a patient has gone: forget the heart, and end the alerts that were theirs.

        Between two ticks, at a definite sample, like a change of limits. The commit contains a
        checkpoint, so that a replay neither forgets twice nor judges by what was forgotten.
        """
        for device in sorted(self._limits.moved):
            bed = self._beds.get(device)
            if bed is not None and not self._is_current(device):
                continue
            self._limits.moved.discard(device)
            stay = self._limits.stay_of(device)
            over = self._desk.of_other_stays(device, stay)
            if bed is not None:
                if over or bed.stay not in ("", stay):
                    for output in self._analyzer.begin_anew(device):
                        self._add_output(commit, output, now)
                    self._add_progress(commit, device, now)
                    bed.saved_at, bed.saved_entry = 0.0, FIRST
                bed.stay = stay
            await self._desk.end_stays(self._store, commit, over, now)

    async def _read(self, block_ms: int) -> _Tick:
        tick = _Tick(last=self._position)
        wave = keys.wave(self._partition)
        for entry, fields in await read_stream(
            self._store, wave, self._position, READ_COUNT, block_ms
        ):
            tick.last = entry
            self._take_entry(tick, entry, fields)
        return tick

    def _take_entry(self, tick: _Tick, entry: str, fields: dict[bytes, bytes]) -> None:
        device = fields[b"d"].decode()
        if device in self._skip_until:
            if _order(entry) <= _order(self._skip_until[device]):
                return
            del self._skip_until[device]
        try:
            packet = wire.decode(fields[b"p"], device)
        except WireError as error:  # ingest lets none through: something else has written here
            log.error("entry %s of partition %d: %s", entry, self._partition, error)
            return
        tick.packets.append(packet)
        tick.arrivals.append(float(fields[b"t"]))
        self._desk.note_packet(packet, entry, tick.arrivals[-1])
        if device not in self._beds:
            bed = self._beds[device] = _Bed(DeviceClock(packet.fs), packet.boot)
            bed.stay = self._limits.stay_of(device)
            self._limits.opened(device, packet.boot, packet.n0)
        self._beds[device].last_entry = entry

    def _clock_of(self, packet: Packet) -> DeviceClock:
        bed = self._beds[packet.device]
        if bed.boot != packet.boot or bed.clock.fs != packet.fs:
            bed.boot = packet.boot
            bed.clock = DeviceClock(packet.fs)
        return bed.clock

    def _add_output(self, commit: Commit, output: Output, now: float) -> None:
        """Add the events that have not been committed before a restart."""
        bed = self._beds[output.device]
        signature = output.signature
        self._desk.note_events(output.device, signature.boot, signature.fs, output.events)
        # The clock is that of the newest packet: an old stream's last events have none any more.
        self._trends.take(output, bed.clock.start if signature.boot == bed.boot else None)
        events = output.events[max(0, bed.ordinal - output.ordinal) :]
        if not events:
            return
        first = output.ordinal + len(output.events) - len(events)
        bed.ordinal = first + len(events)
        stream = {"fs": signature.fs, "leads": signature.leads}
        commit.add(
            "XADD",
            keys.events(self._partition),
            *("MINID", "~", int((now - self._settings.event_retention_s) * 1000), "*"),
            *("d", output.device, "b", signature.boot, "s", orjson.dumps(stream), "i", first),
            *("j", orjson.dumps([event_to_map(event) for event in events])),
        )
        for event in events:
            if isinstance(event, Alarm):
                self._add_alarm(commit, output.device, signature.boot, event, now)

    def _add_alarm(self, commit: Commit, device: str, boot: str, alarm: Alarm, now: float) -> None:
        bed = self._beds.get(device)
        # The clock is that of the newest power-up: of a former one's last events there is none.
        clock = bed.clock if bed is not None and bed.boot == boot else DeviceClock(0.0)
        stay = self._limits.stay_of(device) if bed is None else bed.stay
        self._desk.alarm(commit, device, boot, alarm, clock, now, stay)

    def _add_progress(self, commit: Commit, device: str, now: float) -> None:
        bed = self._beds[device]
        commit.add(
            "HSET",
            keys.progress(self._partition),
            # What was committed before a restart stays so while it is analysed again.
            *(device, f"{bed.ordinal} {max(bed.last_entry, bed.replay_until, key=_order)}"),
        )
        counts = self._analyzer.counts(device)
        pairs = [word for name in counts for word in (f"{device}|samples_{name}", counts[name])]
        commit.add("HSET", keys.counters(self._partition), *pairs)
        boot, next_n = self._analyzer.position(device)
        if next_n is not None:
            ended = self._watchdog.progress(device, next_n, now)
            if ended is not None:
                silence = self._desk.open_of(device, ended.kind)
                self._add_alarm(commit, device, silence.boot if silence else boot, ended, now)

    def _watch(self, commit: Commit, now: float) -> None:
        for device, alarm in self._watchdog.check(now):
            boot = self._beds[device].boot if device in self._beds else UNKNOWN
            self._add_alarm(commit, device, boot, alarm, now)

    def _add_checkpoints(
        self, commit: Commit, position: str, now: float, *, everything: bool = False
    ) -> None:
        """Add checkpoints that are due; a device that has none yet gets one at once."""
        for device, bed in self._beds.items():
            due = everything or bed.saved_at == 0.0 or now - bed.saved_at >= CHECKPOINT_S
            if bed.last_entry == bed.saved_entry or not due:
                continue
            bed.saved_entry = bed.last_entry
            bed.saved_at = now
            saved = {
                "position": position,
                "boot": bed.boot,
                "stay": bed.stay,
                "analyzer": self._analyzer.save(device),
                "trend": self._trends.save(device),
            }
            commit.add("HSET", keys.state(self._partition), device, cbor2.dumps(saved))
            self._limits.tell(commit, device, now)

    def _is_current(self, device: str) -> bool:
        bed = self._beds[device]
        return _order(bed.last_entry) >= _order(bed.replay_until)

    async def _restore(self) -> None:
        """Load checkpoints, progress and alerts; find where to read on from."""
        partition = self._partition
        await self._limits.poll(self._store, self._now())
        states = await read_hash(self._store, keys.state(partition))
        progress = await read_hash(self._store, keys.progress(partition))
        alerts = await read_hash(self._store, keys.alerts(partition))
        lag = await read_hash(self._store, keys.lag(partition))
        self._desk = AlertDesk(partition, self._settings, alerts.values(), self._now())
        committed = lag.get("position", FIRST.encode()).decode()
        behind: list[str] = []
        for device, saved in states.items():
            ordinal, last_entry = progress[device].decode().split()
            position = self._restore_device(device, saved, int(ordinal), last_entry)
            if position is not None and _order(position) < _order(last_entry):
                behind.append(position)
                self._skip_until[device] = position
            elif position is not None:
                self._skip_until[device] = max(committed, position, key=_order)
        self._position = min([committed, *behind], key=_order)
        present = self._desk.present_by_device()
        for device in sorted((states.keys() | present.keys()) - self._beds.keys()):
            self._start_anew(device, present.get(device, []), self._now())
        self._limits.look_at(self._beds)
        log.info(
            "partition %d: epoch %d, %d devices restored, reading on from %s",
            *(partition, self._fence.epoch, len(self._beds), self._position),
        )

    def _start_anew(self, device: str, present: list[Alert], now: float) -> None:
        """Watch a device of which nothing is known any more; note what was present on it.

        That it is silent ends with its next sample, whatever index that has; the time stands in.
        """
        self._orphans += [alert for alert in present if alert.kind != NO_DATA]
        self._watchdog.progress(device, round(now), now)
        for alert in present:
            if alert.kind == NO_DATA:
                silence = Alarm(alert.kind, alert.priority, alert.n, alert.n, True)
                self._watchdog.resume(device, silence, now)

    def _restore_device(
        self, device: str, saved: bytes, ordinal: int, last_entry: str
    ) -> str | None:
        """Load one checkpoint; return its position, or None if the device starts anew."""
        try:
            state: dict[str, Any] = cbor2.loads(saved)
            self._analyzer.load(device, state["analyzer"])
            self._trends.load(device, state.get("trend"))
        except (CheckpointError, cbor2.CBORDecodeError, KeyError, TypeError) as error:
            log.warning("%s starts anew: %s", device, error)
            if device in self._analyzer.devices:
                self._analyzer.forget(device)
            return None
        boot, next_n = self._analyzer.position(device)
        fs = self._analyzer.signature(device).fs
        bed = _Bed(DeviceClock(fs), boot, ordinal, last_entry, last_entry, self._now())
        bed.stay = state.get("stay", "")
        self._beds[device] = bed
        position: str = state["position"]
        bed.saved_entry = position if _order(position) < _order(last_entry) else last_entry
        if bed.saved_entry != last_entry:
            bed.last_entry, bed.replay_until = position, last_entry
        silence = self._desk.open_of(device, NO_DATA)
        now = self._now()
        if silence is not None:
            alarm = Alarm(NO_DATA, silence.priority, silence.n, silence.n, True)
            self._watchdog.resume(device, alarm, now)
        elif next_n is not None:
            self._watchdog.progress(device, next_n, now)
        return position
