"""One process's copy of the sessions: answers at once, also while Redis is away. Pure.

While Redis is away nobody can be revoked, and nobody's activity can be written down. Those who were
signed in go on seeing their patients; the idle time of everybody begins anew when Redis is back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ecg_monitor.core.errors import AccountError
from ecg_monitor.ward.accounts.model import Session, session_of

REFRESH_S = 2.0
"""Greatest age of the copy while Redis answers: within it a revocation reaches everybody."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A session as it stands.

    Attributes:
        digest: name of the session.
        session: the session.
        left_s: how long it lasts, s.
        acts_s: how long it may act if its user does nothing, s; None: as long as it lasts.
    """

    digest: str
    session: Session
    left_s: float
    acts_s: float | None = None

    @property
    def idle(self) -> bool:
        """Whether it only watches: nobody has done anything for so long that it may be anybody."""
        return self.acts_s is not None and self.acts_s <= 0


class Book:
    """The sessions by digest.

    Attributes:
        read_at: Unix time of the last answer from Redis, s.
        malformed: entries that could not be read when the book was last brought up to date.
    """

    def __init__(self) -> None:
        self.read_at = -math.inf
        self.malformed: list[AccountError] = []
        self._sessions: dict[str, Session] = {}
        self._seen: dict[str, float] = {}
        self._away = False
        self._back_at = -math.inf

    def load(
        self, sessions: Mapping[bytes, bytes], seen: Mapping[bytes, bytes], now: float
    ) -> None:
        """Take all that Redis holds.

        Args:
            sessions: by digest, as JSON.
            seen: Unix time of the last activity by digest, s, as text.
            now: Unix time, s.
        """
        self.malformed = []
        self._sessions = {}
        for digest, text in sessions.items():
            try:
                self._sessions[digest.decode()] = session_of(text)
            except AccountError as error:
                self.malformed.append(error)
        self._seen = {digest.decode(): float(at) for digest, at in seen.items()}
        if self._away:
            self._away = False
            self._back_at = now
        self.read_at = now

    def lost(self) -> None:
        """Take note that Redis does not answer."""
        self._away = self.read_at > -math.inf

    def find(self, digest: str, now: float) -> Visit | None:
        """Return the session of a digest if there is one that is not over."""
        session = self._sessions.get(digest)
        if session is None:
            return None
        left_s = session.left_s(now)
        if left_s <= 0:
            return None
        seen_at = max(self._seen.get(digest, session.opened_at), self._back_at)
        return Visit(digest, session, left_s, session.acts_s(now if self._away else seen_at, now))

    def over(self, now: float) -> list[str]:
        """Return the digests of the sessions that are over but still kept."""
        return [digest for digest in self._sessions if self.find(digest, now) is None]

    def visits(self, now: float) -> list[Visit]:
        """Return all sessions that are not over."""
        found = (self.find(digest, now) for digest in self._sessions)
        return [visit for visit in found if visit is not None]
