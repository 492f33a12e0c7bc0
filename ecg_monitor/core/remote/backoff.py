"""How long to wait before the next try. Pure."""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """Pauses between tries: each is twice as long as the one before it, up to a bound.

    Args:
        first_s: first pause, s.
        most_s: longest pause, s.
        chance: returns a random number from 0 to 1, by which each pause is spread over the upper
            half of its length, so that many senders do not come back in step; None: no spread.
    """

    def __init__(
        self, first_s: float, most_s: float, chance: Callable[[], float] | None = None
    ) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._chance = chance
        self._next_s = first_s

    def next_s(self) -> float:
        """Return the pause before the next try, s; the one after it is longer."""
        pause_s = self._next_s
        self._next_s = min(2 * pause_s, self._most_s)
        return pause_s if self._chance is None else pause_s * (0.5 + 0.5 * self._chance())

    def reset(self) -> None:
        """Begin with the first pause again: a try has succeeded."""
        self._next_s = self._first_s
