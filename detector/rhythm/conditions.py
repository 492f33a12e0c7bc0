"""Alarm conditions of one device: which are present, and which silence which.

A rule says that its condition holds as often as it likes; an event comes out when that is news.
A stronger condition of the same chain silences a weaker one (an alarm chain): the weaker one ends
when the stronger begins, and comes back if it still holds when the stronger has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecg_monitor.core.checkpoint.fields import Configuration, Derived
from ecg_monitor.core.types import Alarm, Episode, Event, Priority
from ecg_monitor.ward.alarms.catalogue import KINDS, SILENCES
from ecg_monitor.ward.alerts.policy import RANK

REPEAT_S = 180.0
"""After its end a condition whose repeats are withheld is not told again for so long, in s, unless
it is of high priority; what lies within is told by episodes and numbers. Bedside monitors have such
a time-out for arrhythmia alarms that are not life-threatening (0 to 15 min: Philips IntelliVue
configuration guide, "TimeOut 1st, 2nd")."""


@dataclass(slots=True)
class Conditions:
    """What is present on one device.

    Attributes:
        fs: sampling rate, Hz.
        priorities: of each kind that is not turned off.
        present: onset of each condition that is present.
        until: sample index at which a condition ends by itself.
        told: onset last told of each kind.
        ended: sample index at which each kind last ended.
        risen: conditions whose priority has been raised since they were told.
        fresh: events not yet taken.
        doubted_n: sample index since which the beats are more likely noise, None if they are not:
            what they do not prove does not begin on them.
        withheld: a condition that they, or the noise, do not prove has been refused, not only kept
            waiting.
    """

    fs: Configuration[float]
    priorities: Configuration[Mapping[str, Priority]]
    present: dict[str, int] = field(default_factory=dict)
    until: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    risen: set[str] = field(default_factory=set)
    fresh: Derived[list[Event]] = field(default_factory=list)
    doubted_n: Derived[int | None] = None
    withheld: Derived[bool] = False

    def begin(
        self,
        kind: str,
        onset: int,
        decided_n: int,
        value: float | None = None,
        limit: float | None = None,
        lead: str | None = None,
    ) -> None:
        """Say that a condition holds.

        Args:
            kind: what it is.
            onset: sample index at which it began.
            decided_n: sample index that the analysis has reached.
            value: the number that decided.
            limit: the limit that it was held against.
            lead: the lead that shows it, if it matters.

        Raises:
            KeyError: there is no such kind, so that a rule without a row is no silent one.
        """
        self.until.pop(kind, None)
        if kind not in self.priorities:  # it is turned off
            if kind not in KINDS:
                raise KeyError(f"no row of ecg_monitor.ward.alarms declares {kind!r}")
            return
        if kind in self.present or self.silenced(kind):
            return
        if self._too_soon(kind, decided_n):
            return
        if self._doubts(kind, onset):
            waits = KINDS[kind].noisy_beats == "waits" and self.priorities[kind] != "high"
            self.withheld |= not waits
            return
        if self.told.get(kind, -1) >= onset:  # it comes back: another alarm, not the same again
            onset = decided_n
        # In order: what comes out must not depend on how a process hashes text.
        for weaker in sorted(SILENCES.get(kind, frozenset()) & self.present.keys()):
            self.end(weaker, decided_n)
        self.present[kind] = self.told[kind] = onset
        value = None if value is None else round(value, 3) or round(value, 6)
        priority = self.priorities[kind]
        self.fresh.append(Alarm(kind, priority, onset, decided_n, True, value, limit, lead))

    def withhold(self, kind: str) -> None:
        """Say that noise alone keeps a condition from being proven."""
        if kind in self.priorities and kind not in self.present and not self.silenced(kind):
            self.withheld = True

    def flash(
        self,
        kind: str,
        onset: int,
        decided_n: int,
        value: float | None = None,
        limit: float | None = None,
    ) -> None:
        """Say that something momentary has happened; arguments as of `begin`."""
        self.begin(kind, onset, decided_n, value, limit)
        self.linger(kind, decided_n)

    def linger(self, kind: str, decided_n: int) -> None:
        """Let a condition end by itself when its hold time is over, counted from now."""
        if kind in self.present and kind not in self.until:
            self.until[kind] = decided_n + round(KINDS[kind].hold_s * self.fs)

    def note_risen(self, priorities: Mapping[str, Priority]) -> None:
        """Note which conditions that are present have a higher priority by these, which come."""
        former = self.priorities
        self.risen |= {
            kind
            for kind in self.present.keys() & priorities.keys() & former.keys()
            if RANK[priorities[kind]] > RANK[former[kind]]
        }

    def tell_risen(self, decided_n: int) -> None:
        """Tell the conditions again that are present and whose priority has been raised."""
        if not self.risen:
            return
        for kind in sorted(self.risen & self.present.keys()):
            onset = self.present[kind]
            self.fresh.append(Alarm(kind, self.priorities[kind], onset, decided_n, True))
        self.risen.clear()

    def end(self, kind: str, decided_n: int) -> None:
        """Say that a condition no longer holds."""
        if kind not in self.present:
            return
        self.until.pop(kind, None)
        onset = self.present.pop(kind)
        self.ended[kind] = decided_n
        priority = self.priorities.get(kind, "low")  # turned off since it began
        self.fresh.append(Alarm(kind, priority, onset, decided_n, False))

    def end_all(self, decided_n: int, *, but: frozenset[str] = frozenset()) -> None:
        """End every condition except those named."""
        for kind in sorted(self.present.keys() - but):
            self.end(kind, decided_n)

    def forget_ends(self, *, but: frozenset[str]) -> None:
        """Forget when the conditions ended, except those named: the patient is another."""
        self.ended = {kind: n for kind, n in self.ended.items() if kind in but}
        self.doubted_n = None
        self.withheld = False

    def expire(self, n: int) -> None:
        """End what was to end by itself by now, and what has been turned off."""
        for kind in [
            k for k in self.present if k not in self.priorities or self.until.get(k, n + 1) <= n
        ]:
            self.end(kind, n)

    def episode(self, kind: str, onset: int, end_n: int) -> None:
        """Tell a stretch of rhythm that has ended."""
        self.fresh.append(Episode(kind, onset, end_n))

    def take(self) -> list[Event]:
        """Return the events since the last call."""
        fresh, self.fresh = self.fresh, []
        return fresh

    def silenced(self, kind: str) -> bool:
        """Tell whether a stronger condition of its chain is present.

        One that is over and lingers hides nothing of high priority: asystole after fibrillation.
        """
        high = self.priorities.get(kind) == "high"
        return any(
            kind in SILENCES.get(stronger, ()) and not (high and stronger in self.until)
            for stronger in self.present
        )

    def _doubts(self, kind: str, onset: int) -> bool:
        if self.doubted_n is None:
            return False
        match KINDS[kind].noisy_beats:
            case "believed":
                return False
            case "refused_from_onset":
                return onset > self.doubted_n
            case "refused" | "waits":
                return True

    def _too_soon(self, kind: str, decided_n: int) -> bool:
        if not KINDS[kind].repeats_withheld or kind not in self.ended:
            return False
        if self.priorities[kind] == "high":
            return False
        return decided_n - self.ended[kind] < REPEAT_S * self.fs
