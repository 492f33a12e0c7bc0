"""What a client may ask of the hub, and how often.

A request is a JSON map in a text message:

``{"t": "subscribe", "beds": "all" | [device, ...], "leads": "all" | count | [name, ...],
"unit": id | "-", "history_s": 0..20, "system": bool}``
    from now on send these beds, replacing what was asked before; with ``unit`` those of a care unit
    alone, or of none. What the client may not see it is never sent.
``{"t": "ping", "c": number, "seen": number}``
    answer with the same number and the hub's clock. ``seen`` may be left out: it is the hub's date
    of the newest message that has come, by which the hub knows how late its messages are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from ecg_monitor.core.errors import WireError
from ecg_monitor.core.keys import DEVICE_ID, DEVICE_NAMES
from ecg_monitor.ward.units.model import UNIT_ID

MAX_REQUEST_BYTES = 8192
"""A list of 64 device names of the greatest length fits."""
REQUESTS_PER_S = 10.0
REQUEST_BURST = 30.0
HISTORY_S = 20.0
"""Seconds of each trace kept for clients that come later: fills a wide screen at 25 mm/s."""
MAX_NAMES = 256
NO_UNIT = "-"
"""In place of the id of a care unit: beds that belong to none."""
_LEAD_PREFERENCE = ("II", "MLII", "I", "V1", "V5", "V2")
"""II shows P wave and axis best and is every monitor's first choice; MLII is its Holter twin."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Beds and leads that a client wants.

    Attributes:
        beds: device names, or None for all.
        leads: lead names, or how many of the preferred ones, or None for all.
        unit: id of the care unit whose beds alone are wanted, `NO_UNIT`, or None for all.
        history_s: seconds of each trace to send at once.
        system: whether figures for the system page are wanted.
        all_alarms: whether the alarms of all beds are wanted, not only of those in ``beds``: any
            page may have to sound them.
    """

    beds: frozenset[str] | None = None
    leads: frozenset[str] | int | None = 1
    history_s: float = 0.0
    system: bool = False
    all_alarms: bool = False
    unit: str | None = None

    def wants(self, device: str) -> bool:
        """Whether the bed of this device is wanted."""
        return self.beds is None or device in self.beds

    def wants_alarms(self, device: str) -> bool:
        """Whether the alarms of this device are wanted."""
        return self.all_alarms or self.wants(device)

    def rows(self, leads: tuple[str, ...]) -> tuple[int, ...]:
        """Return the rows of the wanted leads among ``leads``, in their order there."""
        return _rows(self.leads, leads)


@lru_cache(maxsize=1024)
def _rows(wanted: frozenset[str] | int | None, leads: tuple[str, ...]) -> tuple[int, ...]:
    if wanted is None:
        return tuple(range(len(leads)))
    if isinstance(wanted, frozenset):
        return tuple(row for row, name in enumerate(leads) if name in wanted)
    ranked = sorted(range(len(leads)), key=lambda row: (_rank(leads[row]), row))
    return tuple(sorted(ranked[:wanted]))


@dataclass(frozen=True, slots=True)
class Ping:
    """A question for the hub's clock.

    Attributes:
        token: the client's own clock, sent back as it came.
        seen: date of the newest message that it has received, Unix s; infinite if it does not tell.
    """

    token: float
    seen: float = math.inf


@dataclass(slots=True)
class RateLimit:
    """Token bucket: ``rate`` requests per second on average, ``burst`` at once."""

    rate: float = REQUESTS_PER_S
    burst: float = REQUEST_BURST
    _tokens: float = REQUEST_BURST
    _at: float = -math.inf

    def allow(self, now: float) -> bool:
        """Whether one more request is within the limit at time ``now`` (s, any origin)."""
        if now > self._at:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
            self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def parse(text: str | bytes) -> Subscription | Ping:
    """Read one request.

    Raises:
        WireError: it is malformed; the error names the field.
    """
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise WireError("request", "encoding", f"is not valid JSON: {error}") from error
    if not isinstance(fields, dict):
        raise WireError("request", "type", "must be a map")
    match fields.get("t"):
        case "subscribe":
            return _subscription(fields)
        case "ping":
            seen = _number({"seen": math.inf, **fields}, "seen", -math.inf, math.inf)
            return Ping(_number(fields, "c", -math.inf, math.inf), seen)
    raise WireError("t", "range", "must be 'subscribe' or 'ping'")


def _subscription(fields: dict[str, Any]) -> Subscription:
    beds = fields.get("beds", "all")
    leads = fields.get("leads", 1)
    system = fields.get("system", False)
    if not isinstance(system, bool):
        raise WireError("system", "type", "must be true or false")
    alarms = fields.get("alarms", "shown")
    if alarms not in ("shown", "all"):
        raise WireError("alarms", "range", "must be 'shown' or 'all'")
    if type(leads) is int:
        if not 1 <= leads <= 16:
            raise WireError("leads", "range", "must be 1 .. 16, 'all' or a list of names")
        chosen: frozenset[str] | int | None = leads
    else:
        chosen = _names(leads, "leads")
    return Subscription(
        beds=_devices(beds),
        leads=chosen,
        history_s=_number({"history_s": 0, **fields}, "history_s", 0.0, HISTORY_S),
        system=system,
        all_alarms=alarms == "all",
        unit=_unit(fields.get("unit")),
    )


def _unit(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not (value == NO_UNIT or UNIT_ID.fullmatch(value)):
        raise WireError("unit", "range", f"must be the id of a care unit or {NO_UNIT!r}")
    return value


def _devices(value: Any) -> frozenset[str] | None:
    devices = _names(value, "beds")
    for device in devices or ():
        if not DEVICE_ID.fullmatch(device):
            raise WireError("beds", "range", f"device names are {DEVICE_NAMES}")
    return devices


def _names(value: Any, field: str) -> frozenset[str] | None:
    if value == "all":
        return None
    if not isinstance(value, list) or len(value) > MAX_NAMES:
        raise WireError(field, "type", f"must be 'all' or a list of at most {MAX_NAMES} names")
    if not all(isinstance(name, str) for name in value):
        raise WireError(field, "type", "must hold texts")
    return frozenset(value)


def _number(fields: dict[str, Any], name: str, low: float, high: float) -> float:
    value: Any = fields.get(name)
    if type(value) not in (int, float) or not low <= value <= high:
        raise WireError(name, "range", f"must be a number {low:g} .. {high:g}")
    return float(value)


def _rank(lead: str) -> int:
    try:
        return _LEAD_PREFERENCE.index(lead)
    except ValueError:
        return len(_LEAD_PREFERENCE)
