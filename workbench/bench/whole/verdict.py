"""Judges whether a system held what was asked of it, and finds how much it can hold. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

GOAL_MS = 300.0
"""The 99th percentile of no stage's delay may be more than this beyond packet and look-ahead."""
ALWAYS_SEEN = ("ingest", "beat", "label", "frame")
"""Stages of which something must have been seen; whether an alarm comes is up to the patients."""
CLOSE = 0.1
"""The search ends when what held and what did not are no further apart than this share."""


BUSY_MS = 20.0
"""A machine that wakes a sleeping process later than this, at the 99th percentile, does other work
besides: what was not held then may be held on an idle one."""


def is_busy(floor_ms: Mapping[str, Any]) -> bool:
    """Return whether the machine did other work: ``floor_ms`` has a ``p99``, ms, or None."""
    return floor_ms["p99"] is not None and floor_ms["p99"] > BUSY_MS


def why_not_held(
    *,
    beds: int,
    live: int,
    lost: int,
    dropped: int,
    delay_ms: Mapping[str, Mapping[str, Any]],
    goal_ms: float = GOAL_MS,
) -> list[str]:
    """Return in words what was not held; empty if all was.

    Args:
        beds: how many there were to be.
        live: beds of which analysed packets have been seen.
        lost: samples that never came.
        dropped: messages that the hub did not send to its client.
        delay_ms: by stage ``p99`` and ``count``.
        goal_ms: most that ``p99`` may be, ms.
    """
    reasons = []
    if live < beds:
        reasons.append(f"{beds - live} of {beds} beds were not followed")
    if lost:
        reasons.append(f"{lost} samples were lost")
    if dropped:
        reasons.append(f"the hub dropped {dropped} messages to its client")
    for stage, delay in delay_ms.items():
        if not delay["count"]:
            if stage in ALWAYS_SEEN:
                reasons.append(f"{stage}: nothing was seen")
        elif delay["p99"] > goal_ms:
            reasons.append(f"{stage}: p99 {delay['p99']:.0f} ms is over {goal_ms:.0f} ms")
    return reasons


def largest(holds: Callable[[int], bool], first: int, most: int, close: float = CLOSE) -> int:
    """Return about the largest number that holds, 0 if not even 1 does.

    Doubles while it holds, halves while it does not, then halves the distance. What holds for a
    number is taken to hold for smaller ones.

    Args:
        holds: measures a number; each is asked for once.
        first: number to begin with, 1 or more.
        most: largest number to try.
        close: see `CLOSE`; neighbouring whole numbers are close enough always.
    """
    good, bad = 0, most + 1
    number = min(first, most)
    while True:
        if holds(number):
            good = number
        else:
            bad = number
        if bad - good <= max(1, int(close * good)):
            return good
        if bad > most and good:
            number = min(2 * good, most)
            if number == good:
                return good
        elif not good:
            number = bad // 2
        else:
            number = (good + bad) // 2
