"""Tells how late this machine wakes a process that only sleeps: no system on it can be quicker.

Runs as a process of its own beside what is measured, and sleeps for 5 ms again and again. How much
later than asked it wakes goes to a file as JSON: ``p50``, ``p95``, ``p99`` in ms and ``count``.

  python -m workbench.bench.whole.floor FILE
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

SLEEP_S = 0.005
MOST = 200_000
"""Wake-ups kept: a quarter of an hour and more."""


def summary(late_s: Sequence[float]) -> dict[str, float | int | None]:
    """Return percentiles of how late wake-ups were, ms, and their count."""
    ordered = sorted(late_s)

    def at(percent: int) -> float | None:
        if not ordered:
            return None
        place = min(len(ordered) - 1, -(-percent * len(ordered) // 100) - 1)
        return round(1000 * ordered[place], 3)

    return {"p50": at(50), "p95": at(95), "p99": at(99), "count": len(ordered)}


def main() -> int:
    """Sleep until SIGTERM, then write the file."""
    going = True

    def stop(_number: int, _frame: object) -> None:
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    print("sleeping", flush=True)
    late_s: list[float] = []
    while going:
        asked = time.monotonic() + SLEEP_S
        time.sleep(SLEEP_S)
        if len(late_s) < MOST:
            late_s.append(time.monotonic() - asked)
    Path(sys.argv[1]).write_text(json.dumps(summary(late_s)), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
