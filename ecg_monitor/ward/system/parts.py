"""What the parts' own reports show: who is away, and who has lost the broker. Pure.

A report is judged by its coming, not by the time in it: the clocks of two machines differ. What
could not be seen, since Redis was away or this process stood still, is nobody's silence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ecg_monitor.ward.system.conditions import PART_AWAY_S, QUIET_S, Figures

BLIND_S = 3.0
"""Between two looks so far apart, s, nothing was seen."""

_RECORDER = "record"
"""Role of the part that a system may be without: it is missed once it has reported, until it takes
its report back."""


@dataclass(slots=True)
class PartsReading:
    """When each process was last heard of."""

    _since: float = -math.inf
    _looked_at: float = -math.inf
    _blind_until: float = -math.inf
    _heard: dict[str, tuple[float, float]] = field(default_factory=dict)

    def look(
        self,
        figures: Figures,
        reports: Mapping[str, Mapping[str, Any]],
        clock: float,
        *,
        starting: bool = False,
    ) -> Figures:
        """Return the figures with what the reports show.

        Args:
            figures: what else was seen.
            reports: reports by the name of their process.
            clock: monotonic time, s.
            starting: whether analysis is being compiled: the detector reports when it is done.
        """
        first = self._looked_at == -math.inf
        if figures.refused or clock - self._looked_at > BLIND_S:
            self._since = clock
            self._blind_until = -math.inf if first else clock
        self._looked_at = clock
        heard = {}
        for name, said in reports.items():
            known = self._heard.get(name)
            if known is None or known[0] != said["t"]:  # what stands there at first may be old
                known = (said["t"], -math.inf if first else clock)
            heard[name] = known
        self._heard = heard
        links = [
            said
            for name, said in reports.items()
            if "broker_away_s" in said and clock - heard[name][1] <= PART_AWAY_S
        ]
        recorders = [name for name, said in reports.items() if said["role"] == _RECORDER]
        held = [
            str(reports[name].get("recording_held", ""))
            for name in recorders
            if clock - heard[name][1] <= PART_AWAY_S
        ]
        figures = replace(
            figures,
            quiet_seen=clock - self._blind_until > QUIET_S,
            ingest_silent_s=self._silent_s("ingest", reports, clock),
            detector_silent_s=0.0 if starting else self._silent_s("detect", reports, clock),
            lost=sum(said["broker_lost"] for said in links) if links else None,
            taken=sum(said["session_taken"] for said in links) if links else None,
            turned_away=sum(said.get("turned_away", 0) for said in links),
            recorder_silent_s=self._silent_s(_RECORDER, reports, clock) if recorders else 0.0,
            recording_held=min(held, key=len, default=""),
        )
        if figures.broker_away_s:  # delivery, which looks, has lost it
            return figures
        away = _brokers_away(links)
        away_s = max(away.values(), default=0.0) if links else None
        who = without_broker("ingest", away) if away_s else ""
        return replace(figures, broker_away_s=away_s, broker_away_from=who)

    def _silent_s(
        self, role: str, reports: Mapping[str, Mapping[str, Any]], clock: float
    ) -> float | None:
        """How long no process of a role has reported, s; None if that cannot be said yet."""
        heard = [self._heard[name][1] for name, said in reports.items() if said["role"] == role]
        silent_s = clock - max([self._since, *heard])
        unknown = max(heard, default=-math.inf) < self._since and silent_s <= PART_AWAY_S
        return None if unknown else round(silent_s, 1)


def without_broker(who: str, names: Iterable[str]) -> str:
    """Return who has lost brokers, with what those of several are called."""
    told = "; ".join(sorted(filter(None, names)))
    return f"{who} ({told})" if told else who


def _brokers_away(links: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return for how long no ingest has had a broker, s, by its name; one alone has none.

    Brokers that any ingest has are not in it.
    """
    away: dict[str, float] = {}
    for said in links:
        for name, away_s in said.get("brokers", {"": said["broker_away_s"]}).items():
            away[name] = min(away_s, away.get(name, away_s))
    return {name: away_s for name, away_s in away.items() if away_s}
