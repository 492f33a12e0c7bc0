"""When a condition of the system begins and ends. Pure.

Like an alarm limit, each has a value at which it begins and another, less strict one, at which it
ends, so that it does not come and go. None ends because its cause can no longer be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "analysis_late",
    "memory_low",
    "disk_low",
    "not_saved",
    "store_away",
    "store_refuses",
    "no_packets",
    "ingest_away",
    "detector_away",
    "broker_away",
    "broker_unsteady",
    "session_taken",
    "unwatched",
    "too_many_devices",
    "recorder_away",
    "not_recorded",
]

LATE_S, IN_TIME_S = 5.0, 2.0
"""Rate alarms have 10 s (IEC 60601-2-27), and need about 4 s of them for themselves."""
MEMORY_FULL, MEMORY_AMPLE = 0.9, 0.85
"""Parts of what Redis may use; beyond it refuses what is written (``noeviction``)."""
DISK_FREE_GB, DISK_AMPLE_GB = 1.0, 1.2
"""The append-only file is rewritten beside itself, which takes its size once more."""
QUIET_S = 5.0
"""No packet of any device for so long, s: as for the silence of one device."""
PART_AWAY_S = 3.5
"""A part that reports every second (`process_figures.REPORT_S`) and has not for so long is away:
with the look that finds it, this is told within 5 s."""
BROKER_AWAY_S = 1.0
"""A connection to the broker that is away for so long, s, is no mere reconnection."""
UNSTEADY, STEADY = 3, 0
"""Connections to the broker lost within a minute: at which it begins, and at which it ends."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was seen of the system. None is what could not be seen.

    Attributes:
        behind_s: how far analysis is behind the live packets, worst partition, s.
        memory: part of the memory that Redis may use that it does use, 0 .. 1, or None.
        disk_free_gb: space left where Redis keeps its file, GB, or None if that is elsewhere.
        saved: whether Redis's last write to its file succeeded; if not, it refuses writes.
        refused: why Redis took no write just now; empty: it took one.
        away: which servers of several do not answer, the first left aside; empty: all do.
        refused_by: which of those take no writes, and why.
        quiet_s: age of the newest packet of any device, s, or None if none is expected.
        quiet_seen: whether that is anybody's silence: for a while Redis could not take packets.
        ingest_silent_s: how long no ingest has reported, s.
        detector_silent_s: how long no detector has reported, s; 0 while analysis is compiled.
        broker_away_s: how long no ingest, or delivery, has been connected to a broker, s.
        broker_away_from: who is not, and to which of several.
        lost: connections of ingest to the broker lost within the last minute.
        taken: those of them that the broker ended since another client came with the same id.
        turned_away: devices that ingest has turned away within the last minute.
        recorder_silent_s: how long no recorder has reported, s; 0 where none is expected.
        recording_held: why the recorder keeps nothing; empty: it does.
    """

    behind_s: float = 0.0
    memory: float | None = None
    disk_free_gb: float | None = None
    saved: bool = True
    refused: str = ""
    away: str = ""
    refused_by: str = ""
    quiet_s: float | None = None
    quiet_seen: bool = True
    ingest_silent_s: float | None = 0.0
    detector_silent_s: float | None = 0.0
    broker_away_s: float | None = 0.0
    broker_away_from: str = ""
    lost: int | None = 0
    taken: int | None = 0
    turned_away: int = 0
    recorder_silent_s: float | None = 0.0
    recording_held: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that is present.

    Attributes:
        kind: what it is.
        since: Unix time, s.
        value: the number that decided: s, part, GB, connections, or None.
        limit: what it was held against, or None.
        detail: what else there is to say.
    """

    kind: Kind
    since: float
    value: float | None = None
    limit: float | None = None
    detail: str = ""

    @property
    def text(self) -> str:
        """What it is, in words."""
        value = self.value or 0.0
        text = _TEXTS[self.kind].format(value=value, percent=100 * value, detail=self.detail)
        return text.rstrip()


_TEXTS: dict[Kind, str] = {
    "analysis_late": "analysis is late by {value:.0f} s",
    "memory_low": "Redis uses {percent:.0f} % of its memory",
    "disk_low": "only {value:.1f} GB are left where Redis keeps its file",
    "not_saved": "Redis cannot write its file",
    "store_away": "Redis does not answer {detail}",
    "store_refuses": "Redis takes no writes, so nothing is monitored: {detail}",
    "no_packets": "no packets arrive from any device",
    "ingest_away": "ingest is away: no packets are taken",
    "detector_away": "the detector is away: nothing is analysed",
    "broker_away": "the MQTT broker does not answer {detail}",
    "broker_unsteady": "ingest has lost its connection to the MQTT broker {value:.0f} times within "
    "a minute: packets may be lost",
    "session_taken": "another client uses ingest's client id at the MQTT broker: packets may be "
    "lost",
    "too_many_devices": "too many devices: {value:.0f} that are new are turned away",
    "recorder_away": "the recorder is away: what is received is not kept on disk",
    "not_recorded": "what is received is not kept on disk: {detail}",
    "unwatched": "nobody watches the system or passes alerts on: delivery is away",
}
_UNHINDERED = frozenset(
    {"memory_low", "disk_low", "not_saved", "store_away", "store_refuses", "broker_away"}
)
"""Kinds that can be seen while Redis takes no writes; the others follow from what parts write."""


def judge_away(known: Mapping[str, Condition], now: float, who: str = "") -> dict[str, Condition]:
    """Return the conditions that are present while Redis does not answer.

    Of the others nothing can be seen: those that were present are taken to go on.

    Args:
        known: conditions that were present the last time, by kind.
        now: Unix time, s.
        who: which server of several; empty: there is but one.
    """
    since = known["store_away"].since if "store_away" in known else now
    return {**known, "store_away": Condition("store_away", since, detail=_named(who))}


def _named(who: str) -> str:
    return f"({who})" if who else ""


def judge(figures: Figures, known: Mapping[str, Condition], now: float) -> dict[str, Condition]:
    """Return the conditions that are present now.

    Args:
        figures: what was seen.
        known: conditions that were present the last time, by kind.
        now: Unix time, s.
    """
    present: dict[str, Condition] = {one.kind: one for one in _present(figures, known, now)}
    unseen: set[str] = {kind for kind in _unseen(figures) if kind in known}
    if figures.refused:
        present = {kind: one for kind, one in present.items() if kind in _UNHINDERED}
        unseen |= known.keys() - _UNHINDERED
    return present | {kind: known[kind] for kind in unseen}


def _unseen(figures: Figures) -> Iterator[str]:
    if figures.ingest_silent_s is None:
        yield "ingest_away"
    if figures.detector_silent_s is None:
        yield "detector_away"
    if figures.broker_away_s is None:
        yield "broker_away"
    if figures.recorder_silent_s is None:
        yield "recorder_away"
    if figures.lost is None:
        yield "broker_unsteady"
    if figures.taken is None:
        yield "session_taken"


def _present(figures: Figures, known: Mapping[str, Condition], now: float) -> Iterator[Condition]:
    def found(
        kind: Kind, value: float | None = None, limit: float | None = None, detail: str = ""
    ) -> Condition:
        since = known[kind].since if kind in known else now
        return Condition(kind, since, value, limit, detail)

    yield from _of_servers(figures, found)
    if figures.behind_s > (IN_TIME_S if "analysis_late" in known else LATE_S):
        yield found("analysis_late", round(figures.behind_s, 1), LATE_S)
    if figures.memory is not None and figures.memory > (
        MEMORY_AMPLE if "memory_low" in known else MEMORY_FULL
    ):
        yield found("memory_low", round(figures.memory, 3), MEMORY_FULL)
    if figures.disk_free_gb is not None and figures.disk_free_gb < (
        DISK_AMPLE_GB if "disk_low" in known else DISK_FREE_GB
    ):
        yield found("disk_low", round(figures.disk_free_gb, 2), DISK_FREE_GB)
    if not figures.saved:
        yield found("not_saved")
    quiet = figures.quiet_s is not None and figures.quiet_s > QUIET_S
    if quiet and (figures.quiet_seen or "no_packets" in known):
        yield found("no_packets", round(figures.quiet_s or 0.0, 1), QUIET_S)
    if (figures.ingest_silent_s or 0.0) > PART_AWAY_S:
        yield found("ingest_away", figures.ingest_silent_s, PART_AWAY_S)
    if (figures.detector_silent_s or 0.0) > PART_AWAY_S:
        yield found("detector_away", figures.detector_silent_s, PART_AWAY_S)
    if (figures.broker_away_s or 0.0) > (0.0 if "broker_away" in known else BROKER_AWAY_S):
        away_s, who = figures.broker_away_s, figures.broker_away_from
        yield found("broker_away", away_s, BROKER_AWAY_S, who)
    if (figures.lost or 0) > (STEADY if "broker_unsteady" in known else UNSTEADY - 1):
        yield found("broker_unsteady", figures.lost, UNSTEADY)
    if figures.taken:
        yield found("session_taken", figures.taken)
    if figures.turned_away:
        yield found("too_many_devices", float(figures.turned_away))
    yield from _not_recording(figures, found)


def _of_servers(figures: Figures, found: Callable[..., Condition]) -> Iterator[Condition]:
    if figures.away:
        yield found("store_away", detail=_named(figures.away))
    if figures.refused or figures.refused_by:
        yield found("store_refuses", detail=figures.refused or figures.refused_by)


def _not_recording(figures: Figures, found: Callable[..., Condition]) -> Iterator[Condition]:
    if (figures.recorder_silent_s or 0.0) > PART_AWAY_S:
        yield found("recorder_away", figures.recorder_silent_s, PART_AWAY_S)
    if figures.recording_held:
        yield found("not_recorded", detail=figures.recording_held)
