"""The last packet of a device that was refused: kept of each, however many others are refused.

Of devices that are known there are only so many. Of those that are not, whoever may publish can
make up as many as they like: `MOST_STRANGERS` are kept of each partition, those that came last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

NOBODY = "(bad topic)"
"""Stands for the device where the topic names none. No device id can be the same."""
TOO_MANY = "too_many_devices"
"""Reason of a refusal: a device was not let in, since too many are known."""
MOST_STRANGERS = 64
"""Devices of a partition that are not known of which a refusal is kept."""
MOST_PROBLEM = 300
"""Characters of the text that are kept."""


@dataclass(frozen=True, slots=True)
class LastRefusal:
    """A packet that was refused.

    Attributes:
        at: when it came, Unix s.
        reason: short, stable word; see `ecg_monitor.core.errors.WireError`.
        problem: text for the person who mends the device.
    """

    at: float
    reason: str
    problem: str

    def to_json(self) -> str:
        """Return what is kept in Redis."""
        kept = {"at": self.at, "reason": self.reason, "problem": self.problem[:MOST_PROBLEM]}
        return orjson.dumps(kept).decode()


def refusal_of(text: bytes | None) -> LastRefusal | None:
    """Read a refusal; None: there is none, or it is malformed."""
    if text is None:
        return None
    try:
        found: Any = orjson.loads(text)
        at, reason, problem = found["at"], found["reason"], found["problem"]
    except (ValueError, TypeError, KeyError):
        return None
    if isinstance(at, int | float) and isinstance(reason, str) and isinstance(problem, str):
        return LastRefusal(float(at), reason, problem)
    return None
