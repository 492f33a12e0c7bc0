"""Which alerts are asked for, and how they are written down. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.ward.alerts.book import KEPT

STATES = ("active", "On", "Ack", "Latch", "Off", "all")
COLUMNS: tuple[str, ...] = (
    "id", "device", "kind", "lead", "priority", "presence", "audio", "why",
    "onset_at", "raised_at", "cleared_at", "value", "limit",
    "acked_by", "acked_at", "reason", "reason_text", "reason_by", "reason_at",
    "escalation", "reminders", "evidence",
)  # fmt: skip
TRAIL_COLUMNS: tuple[str, ...] = (
    "at", "who", "what", "device", "id", "rank", "number", "reason", "other", "text",
)  # fmt: skip
_AGO = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; None or ``all`` asks for everything.

    Attributes:
        device: device id.
        kind: kind of alarm.
        state: presence (``On``, ``Ack``, ``Latch``, ``Off``) or ``active``: any but ``Off``.
        since: Unix time; alerts whose signals or condition ended before are left out, s.
        until: Unix time; alerts raised later are left out, s.
    """

    device: str | None = None
    kind: str | None = None
    state: str = "all"
    since: float | None = None
    until: float | None = None

    def wants(self, row: Mapping[str, Any]) -> bool:
        """Whether an alert (`signals.Signal.to_map`) is asked for."""
        off = row["presence"] == "Off"
        ended = row["cleared_at"] if off and row["cleared_at"] is not None else float("inf")
        return (
            self.device in (None, row["device"])
            and self.kind in (None, row["kind"])
            and self.state in ("all", row["presence"], "Off" if off else "active")
            and (self.since is None or ended >= self.since)
            and (self.until is None or row["raised_at"] <= self.until)
        )


def known_since(rows: Iterable[Mapping[str, Any]], partitions: int, since: float) -> float | None:
    """Return from when on all alarms are known, Unix s; None: in all of the time asked for.

    Args:
        rows: all alarms that are kept.
        partitions: how many there are; each keeps `KEPT` alarms, and then forgets the oldest.
        since: how far back is asked for, Unix s.
    """
    raised: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        raised[keys.partition_of(row["device"], partitions)].append(row["raised_at"])
    oldest = [min(times) for times in raised.values() if len(times) >= KEPT]
    latest = max(oldest, default=since)
    return latest if latest > since else None


def parse_time(text: str, now: float) -> float:
    """Read ISO 8601 (UTC if it names no offset), Unix seconds, or ``15m`` for 15 min ago.

    Args:
        text: what was written.
        now: Unix time, s.

    Raises:
        AlertError: it is none of these.
    """
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - float(ago[1]) * _UNIT_S[ago[2]]
    try:
        return float(text)
    except ValueError:
        pass
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise AlertError(
            f"{text!r} is no time; write 2026-01-31T08:00, Unix seconds, or 15m for 15 min ago"
        ) from None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def to_csv(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> str:
    """Write rows as CSV with a header; None is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def to_table(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> str:
    """Write rows for people: aligned columns, times in UTC."""
    names = list(columns)
    cells = [names, *([_cell(name, row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )
    return "\n".join(lines) + "\n"


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name == "at" or name.endswith("_at"):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return str(value)
