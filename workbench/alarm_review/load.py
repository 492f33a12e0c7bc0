"""Counts the alarms of a bed per day that staff would hear and have to handle. Pure.

Three counts, each over 24 h of signal:

``raised``   alarm conditions that have begun
``alerts``   what staff have to handle: a condition that keeps coming back is one alert with a count
             (`ecg_monitor.ward.alerts.policy.Policy.repeat_s`)
``audible``  what is heard: of a series of low priority only the first, and nothing that is over
             within its delay. It is an upper bound: as if each alert were acknowledged before the
             next comes, and no stronger one covered it.

The yardstick is Drew et al., Insights into the problem of alarm fatigue with physiologic monitor
devices, PLoS ONE 9(10):e110274, 2014, doi:10.1371/journal.pone.0110274: 187 audible alarms per
bed and day in intensive care. A database that was collected for its arrhythmias is no ward: it
has more of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alerts.book import AlertBook
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.alerts.policy import RANK, Policy
from ecg_monitor.ward.alerts.signals import is_quiet_repeat
from ecg_monitor.ward.alerts.trail import EntryKind

DREW_AUDIBLE = 187
"""Audible alarms per bed and day in intensive care (Drew 2014)."""
_TICKS = 1000.0
"""Steps per second of alarm times: the analysis gives them in s, to the ms."""
_COUNTS = ("raised", "alerts", "audible")
HEADINGS = ("priority", "alarm", "raised", "raised/day", "alerts/day", "audible/day")
DELAYS_S = (0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 60.0)
"""Waits before the sound that are compared, s; the policy allows no more than 10 s of it, and none
at high and medium priority."""
_DAY_S = 86_400.0

_PLACE: dict[str, int] = {one: -rank for one, rank in sorted(RANK.items(), key=lambda it: -it[1])}

Analysed = list[dict[str, Any]]
"""``alarms`` of `detector.analyzer.offline.analyze`."""


@dataclass(slots=True)
class AlarmLoad:
    """Counts of alarms over recordings.

    Attributes:
        policy: how alerts are handled.
        seconds: length of the signal, s.
        counts: by name of the count, then by priority and kind.
        heard: number of audible alarms, by the wait before the sound in s and priority.
    """

    policy: Policy = field(default_factory=Policy)
    seconds: float = 0.0
    counts: dict[str, Counter[tuple[str, str]]] = field(
        default_factory=lambda: {name: Counter() for name in _COUNTS}
    )
    heard: Counter[tuple[float, str]] = field(default_factory=Counter)

    def take(self, alarms: Analysed, seconds: float) -> None:
        """Count the alarms of a recording that is ``seconds`` long."""
        self.seconds += seconds
        for alert in self._handled(alarms):
            key = (alert.priority, alert.kind)
            self.counts["raised"][key] += 1
            self.counts["alerts"][key] += alert.times == 1
            delay_s = self.policy.on_delay_s[alert.priority]
            self.counts["audible"][key] += _is_audible(alert, delay_s)
            for delay_s in DELAYS_S:
                self.heard[delay_s, alert.priority] += _is_audible(alert, delay_s)

    def as_map(self) -> dict[str, Any]:
        """Return the counts, JSON-ready: in all, by priority, and by priority and kind.

        ``delays`` says how many would be heard per bed and day, by priority, if every sound waited
        so long; ``table`` holds the counts as cells.
        """
        raised = self.counts["raised"]
        kinds = sorted(raised, key=lambda key: (_PLACE[key[0]], -raised[key], key))
        load = {
            "bed_days": round(self.seconds / _DAY_S, 4),
            "drew_2014_audible_per_bed_day": DREW_AUDIBLE,
            "all": self._row(*kinds),
            "priorities": [
                {"priority": priority, **self._row(*(key for key in kinds if key[0] == priority))}
                for priority in _PLACE
            ],
            "kinds": [{"priority": key[0], "kind": key[1], **self._row(key)} for key in kinds],
            "delays": [
                {
                    "on_delay_s": delay_s,
                    **{one: self._per_day(self.heard[delay_s, one]) for one in _PLACE},
                }
                for delay_s in DELAYS_S
            ],
        }
        return {**load, "table": {"columns": list(HEADINGS), "rows": _rows(load)}}

    def _row(self, *keys: tuple[str, str]) -> dict[str, Any]:
        found = {name: sum(self.counts[name][key] for key in keys) for name in _COUNTS}
        rates = {f"{name}_per_bed_day": self._per_day(count) for name, count in found.items()}
        return {**found, **rates}

    def _per_day(self, count: int) -> float:
        return round(count * _DAY_S / self.seconds, 1) if self.seconds else 0.0

    def _handled(self, alarms: Analysed) -> list[Alert]:
        """Put alarms through the book of alerts as the detector does; return the alerts."""
        events = []
        for alarm in alarms:
            n = round(alarm["onset_s"] * _TICKS)
            for at_s, present in ((alarm["raised_s"], True), (alarm["cleared_s"], False)):
                if at_s is not None:
                    decided_n = round(at_s * _TICKS)
                    event = Alarm(alarm["kind"], alarm["priority"], n, decided_n, present)
                    events.append((at_s, present, event))
        book = AlertBook(policy=self.policy)
        for at_s, _, event in sorted(events, key=lambda one: one[:2]):
            onset_s = event.n / _TICKS
            entry = book.note("bed", "boot", event, onset_s, at_s, fs=_TICKS)
            if entry is not None and entry.what is EntryKind.RAISED and entry.alert is not None:
                book.join_former(entry.alert, at_s)
        return list(book.alerts.values())


def _is_audible(alert: Alert, delay_s: float) -> bool:
    """Return whether an alert is heard whose sound waits ``delay_s`` seconds."""
    over_s = None if alert.cleared_at is None else alert.cleared_at - alert.raised_at
    return not is_quiet_repeat(alert) and (over_s is None or over_s >= delay_s)


def _rows(load: dict[str, Any]) -> list[list[str]]:
    """Return the counts as cells under `HEADINGS`: by priority, then all, then by kind."""
    rows = [(one["priority"], "all", one) for one in load["priorities"]]
    rows += [("all", "all", load["all"])]
    rows += [(one["priority"], one["kind"], one) for one in load["kinds"]]
    return [
        [
            *(priority, kind, f"{row['raised']}", f"{row['raised_per_bed_day']:.1f}"),
            *(f"{row['alerts_per_bed_day']:.1f}", f"{row['audible_per_bed_day']:.1f}"),
        ]
        for priority, kind, row in rows
    ]


def load_title(load: dict[str, Any]) -> str:
    """Return the table's title, with the figure to compare it with."""
    return (
        f"Alarms per bed and day, over {load['bed_days']:.2f} bed days (intensive care: "
        f"{load['drew_2014_audible_per_bed_day']} audible, Drew 2014)"
    )
