"""What the hub remembers of one bed, and the texts by which it tells it to clients."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from dashboard.hub.frames import TAGS, PacketFrames
from dashboard.hub.requests import HISTORY_S
from ecg_monitor.core.clock import DeviceClock
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.signals import next_change, signals
from ecg_monitor.ward.alerts.standby import Standby, StandbyEvent
from ecg_monitor.ward.patients.model import Admission, BedLimits
from ecg_monitor.ward.signal.sources import Sources

MAX_ALARMS = 40
"""Alarms told per bed, besides those that are active: the history on its page."""
MAX_BEATS = 60
"""Beats kept per bed, so that a page that opens lists the last minute at once."""
PVC_WINDOW_S = 60.0
"""Ventricular beats are counted over this, s: wards speak of PVCs per minute."""
RESUMED_S = 60.0
"""So long is it said that a standby is over and why."""
SILENT_S = 60.0
"""A bed that is not on the roster is gone when no packet has come for so long, s."""
ELSEWHERE = 3
"""Entries of events of another power-up in a row after which that one is shown: it is what the
detector follows, and a bed must not show one signal beside the numbers of another."""


@dataclass(slots=True)
class EventNews:
    """What events have changed of a bed.

    Attributes:
        beats: rows of the beats that they are about, by sample index.
        vitals: whether it has other numbers.
        measurement: whether it has other ST levels and intervals.
    """

    beats: dict[int, list[Any]] = field(default_factory=dict)
    vitals: bool = False
    measurement: bool = False


@dataclass(slots=True)
class Bed:
    """State of one bed.

    Attributes:
        index: number by which frames and texts refer to it.
        device: name of its device.
        boot: power-up that is shown.
        tag: tag of the stream that is shown.
        leads: lead names of that stream.
        clock: time of its samples.
        duplicates: packets dropped because they had been seen.
        info: what the device tells of itself: ``status`` and ``meta``.
        admission: the stay of its patient, or None.
        own: limits set for the bed itself, to which nobody is admitted, or None.
        label: what staff call the bed; empty: as its device says.
        place: where it stands on the wall, or None.
        unit: id of its care unit; empty: it belongs to none.
        heard_at: when its device has last sent, as the roster says, Unix s; 0: not known.
        has_been_admitted: whether it ever had a patient: then it does not believe its device.
        alarms_off: kinds of alarms that its limits turn off.
        rate_limits: heart rates below and above which it has an alarm, bpm, or None.
        vitals: last numbers as a JSON-ready map, or None.
        measurement: ST level by lead and intervals at the last average of beats, as a JSON-ready
            map, or None.
        beats: last beats by sample index of the R peak, as ``[n, label, rr_s, amplitude_mv,
            anomaly]``; the label is None until it has been told.
        alarm_text: the text that tells of its alarms.
    """

    index: int
    device: str
    boot: str = ""
    tag: int = 0
    leads: tuple[str, ...] = ()
    clock: DeviceClock = field(default_factory=lambda: DeviceClock(0.0))
    duplicates: int = 0
    info: dict[str, Any] = field(default_factory=dict)
    admission: Admission | None = None
    own: BedLimits | None = None
    label: str = ""
    place: int | None = None
    unit: str = ""
    heard_at: float = 0.0
    has_been_admitted: bool = False
    alarms_off: tuple[str, ...] = ()
    rate_limits: tuple[float | None, float | None] = (None, None)
    vitals: dict[str, Any] | None = None
    measurement: dict[str, Any] | None = None
    beats: dict[int, list[Any]] = field(default_factory=dict)
    alarm_text: bytes = b""
    _ventricular: deque[int] = field(default_factory=deque)
    _counting_from: int | None = None
    _history: deque[PacketFrames] = field(default_factory=deque)
    _shown: set[int] = field(default_factory=set)
    _sources: Sources = field(default_factory=Sources)
    _elsewhere: int = 0

    def followed(self, packet: Packet) -> tuple[Packet, ...]:
        """Return the packets to be shown now that this one has come: of one source, no others."""
        return self._sources.take(packet).packets

    def analysed(self, boot: str) -> bool:
        """Take note of the power-up that events are of; return whether it is the one shown.

        Which of two sources is followed is found by the same rules as the detector's; but who
        begins to listen later may have begun with the other one.
        """
        if boot == self.boot:
            self._elsewhere = 0
            return True
        self._elsewhere += 1
        if self._elsewhere >= ELSEWHERE:
            self._sources.prefer(boot)
        return False

    def accept(self, packet: Packet, arrival: float) -> tuple[PacketFrames | None, bool]:
        """Take a packet that was accepted at Unix time ``arrival``.

        Returns:
            The packet as frames, or None when it repeats one; and whether the bed's description
            has changed.
        """
        changed = False
        if (packet.boot, packet.fs, packet.leads) != (self.boot, self.clock.fs, self.leads):
            self._restart(packet)
            changed = True
        elif packet.n0 in self._shown:
            self.duplicates += 1
            return None, False
        late_s = self.clock.update(packet.n1, arrival)
        start = self.clock.start or 0.0
        packed = PacketFrames(packet, self.index, self.tag, start, arrival, late_s)
        self._history.append(packed)
        self._shown.add(packet.n0)
        self.forget_before(arrival - HISTORY_S)
        return packed, changed

    def is_silent(self, now: float, held_at: float) -> bool:
        """Whether nobody is admitted to it and no packet has come lately.

        Args:
            now: Unix time, s.
            held_at: arrival of the newest packet that was put aside unread, Unix s.
        """
        last = max(held_at, self._history[-1].arrival if self._history else 0.0)
        return self.admission is None and now - last > SILENT_S

    def hear(self, at: float) -> bool:
        """Take when its device has last sent, Unix s; whether that is to be told: it is silent."""
        silent = not self.boot and at != self.heard_at
        self.heard_at = at
        return silent

    def forget_before(self, at: float) -> bool:
        """Forget the packets that arrived before Unix time ``at``, s; return whether all did."""
        while self._history and self._history[0].arrival < at:
            self._shown.discard(self._history.popleft().packet.n0)
        return not self._history

    def history(self, seconds: float) -> Iterator[PacketFrames]:
        """Yield the packets of the last ``seconds``."""
        if not self._history:
            return
        since = self._history[-1].arrival - seconds
        for packed in self._history:
            if packed.arrival >= since:
                yield packed

    def take_events(self, events: Iterable[dict[str, Any]]) -> EventNews:
        """Take events of the detector, as maps; return what they have changed."""
        news = EventNews()
        for event in events:
            match event["type"]:
                case "r_peak" | "beat":
                    news.beats[event["n"]] = self.add_beat(event)
                case "vitals":
                    self.set_vitals(event)
                    news.vitals = True
                case "measurement":
                    self.set_measurement(event)
                    news.measurement = True
        return news

    def news_texts(self, news: EventNews) -> tuple[list[tuple[str, bytes]], bytes | None]:
        """Return the texts that tell of news: those that replace former ones, and that of beats."""
        states = [("vitals", self.vitals_text())] if news.vitals else []
        if news.measurement:
            states.append(("measurement", self.measurement_text()))
        return states, self.beats_text(list(news.beats.values())) if news.beats else None

    def add_beat(self, event: dict[str, Any]) -> list[Any]:
        """Take an ``r_peak`` or ``beat`` event; returns all that is known of the beat now."""
        n = event["n"]
        row = self.beats.setdefault(n, [n, None, event["rr_s"], None, None])
        if event["type"] == "beat":
            row[1], row[4] = event["label"], event["anomaly"]
            if event["label"] == "V":
                self._ventricular.append(n)
        else:
            row[3] = event["amplitude_mv"]
        while len(self.beats) > MAX_BEATS:
            del self.beats[next(iter(self.beats))]
        return row

    def set_vitals(self, event: dict[str, Any]) -> None:
        """Take a ``vitals`` event."""
        self.vitals = {
            "n": event["n"],
            "hr": event["heart_rate"],
            "q": event["quality"],
            "pvc": self._pvcs_per_minute(event["n"]),
            "rhythm": event.get("rhythm"),
        }

    def set_measurement(self, event: dict[str, Any]) -> None:
        """Take a ``measurement`` event."""
        self.measurement = {
            "n": event["n"],
            "st": event["st_mv"],
            "qrs": event.get("qrs_ms"),
            "pr": event.get("pr_ms"),
            "qt": event.get("qt_ms"),
            "qtc": event.get("qtc_ms"),
        }

    def _pvcs_per_minute(self, n: int) -> int | None:
        """Ventricular beats of the minute up to sample ``n``; None until a minute is known."""
        window = PVC_WINDOW_S * self.clock.fs
        if self._counting_from is None:
            self._counting_from = n
        while self._ventricular and self._ventricular[0] <= n - window:
            self._ventricular.popleft()
        return len(self._ventricular) if n - self._counting_from >= window else None

    def show_alerts(self, board: Board, policy: Policy, now: float) -> tuple[bool, float]:
        """Bring the text about its alarms up to date.

        Returns:
            Whether the text has changed, and when time alone may change it, Unix s; infinite if it
            never does.
        """
        records = board.of_device(self.device)
        former = records[:-MAX_ALARMS]
        records = [one for one in former if one.alert.id in board.active] + records[-MAX_ALARMS:]
        pause, standby = board.pauses.get(self.device), board.standbys.get(self.device)
        paused = pause is not None and now < pause.until
        found = signals(records, pause, policy, now, standby)
        due_at = next_change(records, pause, policy, now, standby)
        away, resumed = _standby_maps(standby, now)
        text = orjson.dumps(
            {
                "t": "alarms",
                "bed": self.index,
                "pause": {"until": pause.until, "by": pause.by} if pause and paused else None,
                "standby": away,
                "resumed": resumed,
                "alarms": [one.to_map() for one in reversed(found)],
            }
        )
        changed, self.alarm_text = text != self.alarm_text, text
        if resumed is not None:
            due_at = min(due_at, resumed["at"] + RESUMED_S)
        return changed, due_at

    def describe(self) -> bytes:
        """Return the text that introduces the bed."""
        meta = self.info.get("meta") or {}
        status = self.info.get("status") or {}
        return orjson.dumps(
            {
                "t": "bed",
                "bed": self.index,
                "device": self.device,
                "label": self.label or _text(meta.get("label")) or self.device,
                "place": self.place,
                "unit": self.unit,
                "heard_at": self.heard_at or None,
                **self._patient(meta),
                "alarms_off": self.alarms_off,
                "rate_limits": self.rate_limits,
                "status": _text(status.get("state")) or "unknown",
                "boot": self.boot,
                "tag": self.tag,
                "fs": self.clock.fs,
                "leads": self.leads,
            }
        )

    def _patient(self, meta: Mapping[str, Any]) -> dict[str, Any]:
        """Who is monitored: as admitted, else as the device says."""
        if self.admission is None:
            told = "" if self.has_been_admitted else _text(meta.get("patient"))
            return {"patient": told, "category": "", "discharged": self.has_been_admitted}
        name = self.admission.name or self.admission.patient
        return {"patient": name, "category": self.admission.category, "discharged": False}

    def vitals_text(self) -> bytes:
        """Return the text that gives its last numbers."""
        vitals = self.vitals or {}
        return orjson.dumps({"t": "vitals", "bed": self.index, "tag": self.tag, **vitals})

    def measurement_text(self) -> bytes:
        """Return the text that gives its last ST levels and intervals."""
        found = self.measurement or {}
        return orjson.dumps({"t": "measurement", "bed": self.index, "tag": self.tag, **found})

    def beats_text(self, beats: list[list[Any]]) -> bytes:
        """Return the text that tells of these beats."""
        return orjson.dumps({"t": "beats", "bed": self.index, "tag": self.tag, "beats": beats})

    def _restart(self, packet: Packet) -> None:
        self.boot = packet.boot
        self.tag = (self.tag + 1) % TAGS
        self.leads = packet.leads
        self.clock = DeviceClock(packet.fs)
        self.vitals = self.measurement = None
        self.beats.clear()
        self._ventricular.clear()
        self._counting_from = None
        self._history.clear()
        self._shown.clear()


def _standby_maps(
    standby: Standby | None, now: float
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return what is said of a standby, and, for a while, that monitoring has resumed and why."""
    over_at = None if standby is None else standby.over_at(now)
    if standby is None or over_at is None:
        return (None if standby is None else standby.to_map(now)), None
    if now >= over_at + RESUMED_S:
        return None, None
    why = standby.ended or StandbyEvent.TIME.value
    return None, {"at": over_at, "why": why, "by": standby.ended_by}


def _text(value: Any) -> str:
    """Return a short text of a field that a device has filled in: it may be anything."""
    return value[:80] if isinstance(value, str) else ""
