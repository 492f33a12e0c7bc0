"""Conditions as they begin and end: what is logged, and what is told. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import orjson

from ecg_monitor.ward.system.conditions import Condition

What = Literal["began", "ended"]
KEPT = 1000
"""Changes that a channel may be behind: days of a system in trouble."""


@dataclass(frozen=True, slots=True)
class Change:
    """A condition has begun or ended.

    Attributes:
        number: Unix time in ms, made greater than that of the change before: order and identity.
        what: whether it began or ended.
        condition: the condition; at its end as it was seen last.
        present: kinds of all that is wrong after it.
    """

    number: int
    what: What
    condition: Condition
    present: tuple[str, ...]

    @property
    def id(self) -> str:
        """Identity of the message that tells it: the same however often it is told."""
        return f"system/{self.number}"

    @property
    def at(self) -> float:
        """When it was seen, Unix s."""
        return self.number / 1000

    def to_json(self) -> bytes:
        """Return the change as the log keeps it."""
        return orjson.dumps(asdict(self))


def change_from_json(text: bytes) -> Change:
    """Read an entry of the log.

    Raises:
        ValueError, KeyError, TypeError: something else has written there.
    """
    found: dict[str, Any] = orjson.loads(text)
    return Change(
        int(found["number"]),
        found["what"],
        Condition(**found["condition"]),
        tuple(found["present"]),
    )


def changes(
    known: Mapping[str, Condition], present: Mapping[str, Condition], now: float, after: int
) -> list[Change]:
    """Return what has changed, ends first.

    Args:
        known: conditions that were present the last time, by kind.
        present: conditions that are present now, by kind.
        now: Unix time, s.
        after: number of the change before.
    """
    number = max(after + 1, int(now * 1000))
    steps: list[tuple[What, Condition]] = [
        *(("ended", known[kind]) for kind in sorted(known.keys() - present.keys())),
        *(("began", present[kind]) for kind in sorted(present.keys() - known.keys())),
    ]
    kinds = tuple(sorted(present))
    return [
        Change(number + index, what, condition, kinds)
        for index, (what, condition) in enumerate(steps)
    ]


def present_after(log: Iterable[Change]) -> dict[str, Condition]:
    """Return the conditions that were present after the last change, by kind.

    Args:
        log: changes, oldest first.
    """
    present: dict[str, Condition] = {}
    for change in log:
        kind = change.condition.kind
        if change.what == "began":
            present[kind] = change.condition
        else:
            present.pop(kind, None)
    return present


class Journal:
    """The last changes, oldest first, and what is present after them.

    It is in memory, so that what is wrong with Redis can be told while Redis is of no use.

    Args:
        log: changes that were made before, oldest first.

    Attributes:
        present: conditions that are present, by kind; with the numbers as last seen.
    """

    def __init__(self, log: Iterable[Change] = ()) -> None:
        self._changes: deque[Change] = deque(log, maxlen=KEPT)
        self.present: dict[str, Condition] = present_after(self._changes)

    @property
    def last(self) -> int:
        """Number of the last change; 0 if there was none."""
        return self._changes[-1].number if self._changes else 0

    def take(self, present: Mapping[str, Condition], now: float) -> list[Change]:
        """Take what is present now, and return what has changed.

        Args:
            present: conditions by kind.
            now: Unix time, s.
        """
        found = changes(self.present, present, now, self.last)
        self._changes.extend(found)
        self.present = dict(present)
        return found

    def after(self, number: int) -> list[Change]:
        """Return the changes after one, oldest first."""
        return [change for change in self._changes if change.number > number]
