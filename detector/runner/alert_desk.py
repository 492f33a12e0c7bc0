"""A partition's alerts on the detector's side: facts, their trail, and evidence.

Makes the commands that `detector.runner.partition` puts into its fenced commit; acts of staff are
not written here (see `ecg_monitor.ward.alerts` for who writes what).

The strip of an alert is taken from the wave stream once it is complete, or once it is clear that
no more will come (the device fell silent or restarted). Which strips are still to be taken is told
by the facts themselves, so that a successor takes over what its predecessor left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from detector.analyzer.analyzer import Output
from detector.runner.desk import Desk, Errand, PartitionState
from detector.runner.evidence import SETTLE_S, Recent, build, reach_s, span_of
from detector.runner.fence import Commit
from detector.runner.stay_end import stay_end
from ecg_monitor.core import keys, wire
from ecg_monitor.core.clock import DeviceClock
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.types import Alarm, Beat, Event, Packet, event_from_map
from ecg_monitor.ward.alarms.catalogue import OF_DEVICE
from ecg_monitor.ward.alerts.book import AlertBook
from ecg_monitor.ward.alerts.evidence import Evidence, pack
from ecg_monitor.ward.alerts.handling.actions import LOG_LENGTH, act_fields
from ecg_monitor.ward.alerts.model import Ack, Alert, parse
from ecg_monitor.ward.alerts.policy import load_policy
from ecg_monitor.ward.alerts.trail import Entry, EntryKind

log = logging.getLogger("detector")

WAIT_S = 15.0
"""A strip that is not complete so long after the alert is taken as it is."""
LATE_S = 10.0
"""Samples that come so long after they were taken are a backlog (a device was offline): alerts
found in them are kept and shown, but a sound about what may be long over would mislead."""
PER_TURN = 4
"""Strips gathered at a time at most: a burst of alerts must not hold analysis up."""
PRUNE_S = 10.0
SOURCES = 3
"""Sources of a device whose last packets are remembered: two devices may have one id."""
LOOK_BACK_S = 8.0
LOOK_AHEAD_S = 7.0
"""Stretch of the streams searched around an onset that is not remembered, or, for a backlog,
around the moment at which the alert was raised: it came in one burst. The second is counted from
the end of the longest strip of the kind. Redis is busy for about 60 ms with 20 s of it in a
partition of 500 beds."""

_OF_DEVICE = lua(__name__, "of_device")
"""Entries of one device in a stretch of a stream: filtered where they lie."""
_BY_ID = lua(__name__, "by_id")
"""Entries of a stream by their ids, in one answer: the client takes as long for each answer."""


@dataclass(slots=True)
class _Pending:
    identity: str
    device: str
    deadline: float


class AlertDesk(Desk):
    """Alerts of one partition.

    Args:
        state: of the partition.
        stay_of: tells the stay at a device, or empty text.
        saved: facts in Redis.
        now: Unix time, s.

    Raises:
        AlertError: a saved fact is malformed.
        SettingsError: the configuration file is wrong.
    """

    def __init__(
        self,
        state: PartitionState,
        stay_of: Callable[[str], str],
        saved: Iterable[bytes] = (),
        now: float = 0.0,
    ) -> None:
        self._state = state
        self._stay_of = stay_of
        self._partition = state.number
        self._settings = settings = state.settings
        self._by_id = state.store.register_script(_BY_ID)
        self._book = AlertBook(saved, load_policy(settings.config))
        self._recent: dict[str, list[Recent]] = {}
        self._pruned_at = 0.0
        self._late = {alert.id for alert in self._book.alerts.values() if alert.late}
        self._pending = [
            _Pending(alert.id, alert.device, now + WAIT_S)
            for alert in self._book.alerts.values()
            if not alert.evidence and now - alert.raised_at < settings.wave_retention_s
        ]
        self._gathering: Errand[list[tuple[str, Evidence]]] = Errand()
        self.errands = (self._gathering,)
        self._moved = {one.device for one in self._pending}
        """Devices whose waiting strips may be complete by now."""

    def open_of(self, device: str, kind: str) -> Alert | None:
        """Return the device's alert of a kind whose condition is present."""
        return self._book.open_of(device, kind)

    def note_packet(self, packet: Packet, entry: str, arrival: float) -> None:
        """Remember where a packet lies in the wave stream."""
        recent = self._recent_of(packet.device, packet.boot, packet.fs)
        self._moved.add(packet.device)
        recent.note(entry, packet.n0, packet.n1, arrival)

    def take(self, commit: Commit, output: Output, news: Sequence[Event], now: float) -> None:
        """Remember the beats among a device's events, and take the alarms that are news."""
        signature = output.signature
        recent = self._recent_of(output.device, signature.boot, signature.fs)
        for event in output.events:
            if isinstance(event, Beat):
                recent.note_beat(event)
        for event in news:
            if isinstance(event, Alarm):
                self.alarm(commit, output.device, signature.boot, event, now)

    async def after(self, commit: Commit, now: float, *, caught_up: bool) -> None:  # noqa: ARG002
        """Keep the alerts up to date: late ones, their strips, and how many there are."""
        self._catch_up(commit, now)
        self._take_strips(commit, now)
        await self._prune(commit, now)

    def alarm(self, commit: Commit, device: str, boot: str, alarm: Alarm, now: float) -> None:
        """Take an alarm event; add to the commit what it changes.

        Args:
            commit: takes the commands.
            device: device id.
            boot: its power-up.
            alarm: the event.
            now: Unix time, s.
        """
        bed = self._state.beds.get(device)
        # The clock is that of the newest power-up: of a former one's last events there is none.
        clock = bed.clock if bed is not None and bed.boot == boot else DeviceClock(0.0)
        stay = self._stay_of(device) if bed is None else bed.stay
        late = self._is_late(device, boot, alarm, clock)
        onset_at = clock.time_of(alarm.n)
        entry = self._book.note(
            device, boot, alarm, onset_at, now, late=late, fs=clock.fs, stay=stay
        )
        if entry is None or entry.alert is None:
            return
        self._add(commit, entry)
        if entry.what is EntryKind.RAISED:
            joined = self._book.join_former(entry.alert, now)
            if joined is not None:
                self._add(commit, joined)
            self._pending.append(_Pending(entry.alert.id, device, now + WAIT_S))
            self._moved.add(device)  # its last packet may have come: twelve leads are judged later
            if late:
                self._late.add(entry.alert.id)

    def present_by_device(self) -> dict[str, list[Alert]]:
        """Return the alerts whose condition is present, by device."""
        found: dict[str, list[Alert]] = {}
        for alert in self._book.alerts.values():
            if alert.present:
                found.setdefault(alert.device, []).append(alert)
        return found

    def of_other_stays(self, device: str, stay: str) -> list[Alert]:
        """Return the alerts to be ended now that ``stay`` is at the device; see `AlertBook`."""
        return self._book.of_other_stays(device, stay)

    def forget(self, device: str) -> None:
        """Drop what is remembered of the signal of a device that is gone."""
        self._recent.pop(device, None)

    async def waiting(self) -> set[str]:
        """Return the devices with an alert about a heart that nobody has acknowledged.

        Raises:
            StoreError: Redis does not answer.
        """
        asking = [
            alert
            for alert in self._book.alerts.values()
            if alert.kind not in OF_DEVICE
            and not (alert.left or alert.joined)
            and (alert.present or alert.latching)
        ]
        acknowledged = await self._acknowledged(asking)
        return {alert.device for alert in asking if alert.id not in acknowledged}

    async def end_stays(self, commit: Commit, over: list[Alert], now: float) -> None:
        """End alerts of stays that have ended; say by whom that was.

        Args:
            commit: takes the commands.
            over: from `of_other_stays`; their conditions may have ended since.
            now: Unix time, s.

        Raises:
            StoreError: Redis does not answer.
        """
        acknowledged = await self._acknowledged(over)
        for alert in over:
            if not alert.present and alert.id in acknowledged:
                continue
            left = self._book.leave(alert.id, now)
            self._add(commit, await stay_end(self._state.store, self._partition, left, now))

    def _catch_up(self, commit: Commit, now: float) -> None:
        """Say so where a late alert's condition is still present in samples that come in time."""
        for name in sorted(self._late):
            alert = self._book.alerts.get(name)
            if alert is None or not alert.present or not alert.late:
                self._late.discard(name)
                continue
            recent = self._known(alert)
            newest = recent.newest() if recent is not None else None
            if newest is None:
                continue
            taken_at = self._state.beds[alert.device].clock.time_of(newest[0])
            if taken_at is not None and newest[1] - taken_at < LATE_S:
                entry = self._book.current(name, now)
                if entry is not None:
                    self._add(commit, entry)

    def _take_strips(self, commit: Commit, now: float) -> None:
        """Add the evidence of alerts whose strip has been gathered; gather what is complete."""
        seconds = int(self._settings.evidence_retention_s)
        for identity, evidence in self._gathering.take() or ():
            entry = self._book.with_evidence(identity, now)
            if entry is None:
                continue
            key = keys.strip(self._partition, identity)
            commit.add("SET", key, pack(evidence), "EX", seconds)
            self._add(commit, entry)
        if self._gathering.under_way or not self._pending:
            return
        # A strip grows with the packets of its device alone: most need not be looked at.
        due = [
            one
            for one in self._pending
            if (one.device in self._moved or now >= one.deadline) and self._is_due(one, now)
        ]
        self._moved = {one.device for one in due[PER_TURN:]}
        for pending in due[:PER_TURN]:
            self._pending.remove(pending)
        alerts = [self._book.alerts.get(one.identity) for one in due[:PER_TURN]]
        known = [alert for alert in alerts if alert is not None]
        if known:
            self._gathering.send(self._gather_all(known, now))

    async def _gather_all(self, alerts: list[Alert], now: float) -> list[tuple[str, Evidence]]:
        return [(alert.id, await self._gather(alert, now)) for alert in alerts]

    async def _prune(self, commit: Commit, now: float) -> None:
        """Remove alerts that are over: beyond the number kept, or past their retention."""
        if now - self._pruned_at < PRUNE_S:
            return
        self._pruned_at = now
        retention_s = self._settings.alert_retention_s
        old = self._book.old(now, retention_s)
        if not old:
            return
        acknowledged = await self._acknowledged(old)
        gone, entries = self._book.remove(old, acknowledged, now, retention_s)
        for entry in entries:
            self._log(commit, entry)
        for name in gone:
            commit.add("HDEL", keys.alerts(self._partition), name)
            commit.add("HDEL", keys.acts(self._partition), *act_fields(name))

    async def _acknowledged(self, alerts: list[Alert]) -> set[str]:
        """Identities of those whose acknowledgement covers them."""
        if not alerts:
            return set()
        names = [act_fields(alert.id)[0] for alert in alerts]
        acts: Any = await self._state.store.hmget(keys.acts(self._partition), names)
        return {
            alert.id
            for alert, text in zip(alerts, acts, strict=True)
            if text is not None and parse(Ack, text).covers(alert)
        }

    def _recent_of(self, device: str, boot: str, fs: float) -> Recent:
        """Return what is remembered of a source; of those that come besides, the last ones are."""
        known = self._recent.setdefault(device, [])
        for recent in known:
            if recent.boot == boot and recent.fs == fs:
                return recent
        if len(known) >= SOURCES:
            bed = self._state.beds.get(device)
            besides = (one for one in known if bed is None or one.boot != bed.boot)
            known.remove(next(besides, known[0]))
        known.append(Recent(boot, fs))
        return known[-1]

    def _known(self, alert: Alert) -> Recent | None:
        """Return what is remembered of the source of an alert."""
        known = self._recent.get(alert.device, ())
        return next((one for one in reversed(known) if one.boot == alert.boot), None)

    def _add(self, commit: Commit, entry: Entry) -> None:
        if entry.alert is not None:
            text = entry.alert.to_json()
            commit.add("HSET", keys.alerts(self._partition), entry.alert.id, text)
        self._log(commit, entry)

    def _log(self, commit: Commit, entry: Entry) -> None:
        words = [word for pair in entry.to_fields().items() for word in pair]
        stream = keys.alertlog(self._partition)
        commit.add("XADD", stream, "MAXLEN", "~", LOG_LENGTH, "*", *words)

    def _is_due(self, pending: _Pending, now: float) -> bool:
        alert = self._book.alerts.get(pending.identity)
        if alert is None or now >= pending.deadline:
            return True
        if alert.device not in self._recent:
            return False
        recent = self._known(alert)
        boot, next_n = self._state.analyzer.position(alert.device)
        if boot != alert.boot or recent is None:
            return True
        _, to_n = span_of(alert, recent.fs)
        return next_n is not None and next_n >= to_n + SETTLE_S * recent.fs

    def _is_late(self, device: str, boot: str, alarm: Alarm, clock: DeviceClock) -> bool:
        known = self._recent.get(device, ())
        recent = next((one for one in reversed(known) if one.boot == boot), None)
        if recent is None or not alarm.present:
            return False
        came_at, taken_at = recent.arrival_of(alarm.decided_n), clock.time_of(alarm.decided_n)
        return came_at is not None and taken_at is not None and came_at - taken_at > LATE_S

    async def _gather(self, alert: Alert, now: float) -> Evidence:
        recent = self._known(alert)
        if recent is not None:
            entries = recent.entries(*span_of(alert, recent.fs))
            if entries is not None:
                packets = await self._fetch(alert.device, entries)
                return build(alert, packets, recent.beats, recent.fs)
        fs = recent.fs if recent is not None else None
        return build(alert, *await self._search(alert, now), fs)

    async def _fetch(self, device: str, entries: list[str]) -> list[Packet]:
        found: Any = await self._by_id(keys=[keys.wave(self._partition)], args=entries)
        return _decoded(device, [_flat(fields)[b"p"] for fields in found])

    async def _search(self, alert: Alert, now: float) -> tuple[list[Packet], list[Beat]]:
        """Look through the streams around the onset: it is older than what is remembered."""
        middle = alert.raised_at
        if alert.onset_at is not None and not alert.late:
            middle = alert.onset_at
        start = round((middle - LOOK_BACK_S) * 1000)
        end = round(min(now, middle + reach_s(alert.kind) + LOOK_AHEAD_S) * 1000)
        script = self._state.store.register_script(_OF_DEVICE)
        args: list[str | int] = [alert.device, max(0, start), max(0, end)]
        waves: Any = await script(keys=[keys.wave(self._partition)], args=args)
        texts: Any = await script(keys=[keys.events(self._partition)], args=args)
        events = [_flat(fields) for fields in texts]
        beats = [
            event
            for fields in events
            if fields[b"b"].decode() == alert.boot
            for event in map(event_from_map, orjson.loads(fields[b"j"]))
            if isinstance(event, Beat)
        ]
        return _decoded(alert.device, [_flat(fields)[b"p"] for fields in waves]), beats


def _flat(words: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(words[::2], words[1::2], strict=True))


def _decoded(device: str, payloads: Iterable[bytes]) -> list[Packet]:
    packets = []
    for payload in payloads:
        try:
            packets.append(wire.read(payload, device, ours=True))
        except WireError as error:
            log.debug("%s: evidence: skipped an entry: %s", device, error)
    return packets
