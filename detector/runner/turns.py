"""Whose turn it is, and when: what is due for every bed now and then, and the pace of ticks."""

from __future__ import annotations

from collections.abc import Collection

TICK_S, TICK_PER_BED_S, LONGEST_TICK_S = 0.02, 0.0002, 0.1
"""Least time from one tick of a process to its next, s: in one without beds, more for each bed, at
most. Packets that come together share a call, and beats a run of the networks, which takes
sixteen at once. They wait for half a tick on average: 10 ms with few beds, 50 ms with 400."""


def least_tick_s(beds: int) -> float:
    """Return the least time from one tick to the next in a process of so many beds, s."""
    return min(TICK_S + TICK_PER_BED_S * beds, LONGEST_TICK_S)


class Turns:
    """Gives every bed its turn once in a period.

    Beds that were switched on in the same moment would else all be due in the same moment, each
    period anew, and what else is to be done would wait for all of them.
    """

    def __init__(self, period_s: float, now: float) -> None:
        """Begin with nobody waiting.

        Args:
            period_s: from one turn of a bed to its next, s.
            now: Unix time, s.
        """
        self._period_s = period_s
        self._asked_at = now
        self._owed = 0.0
        self._waiting: list[str] = []

    def next(self, beds: Collection[str], now: float) -> list[str]:
        """Return those whose turn has come since this was asked last.

        Args:
            beds: all of them; who is new comes within a period, who is gone no more.
            now: Unix time, s; a clock that is set counts for a period at most.
        """
        passed_s = min(abs(now - self._asked_at), self._period_s)
        self._asked_at = now
        self._owed = min(self._owed + len(beds) * passed_s / self._period_s, float(len(beds)))
        turns: list[str] = []
        while self._owed >= 1.0:
            if not self._waiting:
                self._waiting = list(beds)[::-1]
            name = self._waiting.pop()
            if name in beds:
                self._owed -= 1.0
                turns.append(name)
        return turns
