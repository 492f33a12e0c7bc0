"""What ingest tells of its connection to the broker, and how long it waits before the next. Pure.

Ingest must be back before the devices are: a broker that was started anew without its sessions
throws away what comes before. So the pauses are short and stay short. Only where another client has
taken the session do they grow: two that throw each other out at once would lose packets for ever.
"""

from __future__ import annotations

from collections import deque

from ecg_monitor.core.remote.backoff import Backoff

PAUSE_S = 0.03
"""Pause before ingest connects again, s. Devices wait a second or longer."""
TAKEN_FIRST_S, TAKEN_MOST_S = 5.0, 60.0
"""First and longest pause after another client has taken the session, s."""
SHORT_LIVED_S = 1.0
"""A connection that ends within this time, s, was no good: brokers of MQTT 3.1.1 do not say that
another client came with the same id."""
SHORT_LIVED_MOST = 3
"""So many of them in a row are taken for that."""
WINDOW_S = 60.0
SAY_EVERY_S = 10.0
"""How often it is logged that the broker is still away, s."""


class LinkFigures:
    """The state of the connection, and its losses within the last minute.

    Args:
        clock: monotonic time, s.
    """

    def __init__(self, clock: float) -> None:
        self._away_since: float | None = clock
        self._lost: deque[tuple[float, bool]] = deque()
        self._short = 0
        self._taken = Backoff(TAKEN_FIRST_S, TAKEN_MOST_S)
        self._connected_at = clock
        self._said_at = clock - SAY_EVERY_S

    def connected(self, clock: float) -> None:
        """Note that the connection is there, and subscribed."""
        self._away_since = None
        self._connected_at = clock
        self._said_at = clock - SAY_EVERY_S

    def lost(self, clock: float, *, taken: bool) -> float:
        """Note that the connection is lost, or did not come about; return the pause, s.

        Args:
            clock: monotonic time, s.
            taken: the broker says that another client has come with the same id.
        """
        if self._away_since is None:
            self._away_since = clock
            short = clock - self._connected_at < SHORT_LIVED_S
            self._short = self._short + 1 if short else 0
            taken = taken or self._short >= SHORT_LIVED_MOST
            self._lost.append((clock, taken))
            if taken:
                self._short = 0
                return self._taken.next_s()
            if not short:
                self._taken.reset()
        return PAUSE_S

    def worth_saying(self, clock: float) -> bool:
        """Return whether a failure is to be logged now; of one outage not every try is."""
        if clock - self._said_at < SAY_EVERY_S:
            return False
        self._said_at = clock
        return True

    def summary(self, clock: float) -> dict[str, float]:
        """Return what this process reports of it; see `ecg_monitor.ward.system.parts`."""
        while self._lost and clock - self._lost[0][0] > WINDOW_S:
            self._lost.popleft()
        away = self._away_since
        return {
            "broker_away_s": 0.0 if away is None else round(clock - away, 1),
            "broker_lost": len(self._lost),
            "session_taken": sum(taken for _, taken in self._lost),
        }
