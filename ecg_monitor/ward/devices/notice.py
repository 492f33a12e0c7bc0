"""What a device tells of itself on ``status`` and ``meta`` (docs/INTEGRATION.md). Pure.

A device may send there what it likes, of any type. What cannot be read is named, and is no reason
to leave the rest out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

MOST = 64
"""Characters of a text that are taken."""
LOW_BATTERY_PCT = 20.0
"""A battery that is as low as this, and is not being charged, asks for somebody.

Ours: the share at which portable devices commonly begin to warn."""


@dataclass(frozen=True, slots=True)
class DeviceNotice:
    """What a device tells of itself; empty or None where it does not.

    Attributes:
        label: what it calls its bed.
        state: ``online`` or ``offline``.
        battery_pct: charge of its battery, 0 .. 100.
        charging: whether the battery is being charged.
        maker: who makes it.
        model: what kind it is.
        serial: its maker's number.
        firmware: version of its software.
        odd: names of the fields that could not be read.
    """

    label: str = ""
    state: str = ""
    battery_pct: float | None = None
    charging: bool | None = None
    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    odd: tuple[str, ...] = ()

    @property
    def battery_low(self) -> bool:
        """Whether the battery asks for somebody."""
        low = self.battery_pct is not None and self.battery_pct <= LOW_BATTERY_PCT
        return low and not self.charging


def notice_of(text: bytes | None) -> DeviceNotice:
    """Read what a device tells of itself.

    Args:
        text: JSON map of ``status`` and ``meta``, as ingest keeps it; None: it has told nothing.
    """
    try:
        found: Any = {} if text is None else orjson.loads(text)
    except ValueError:
        return DeviceNotice(odd=("status", "meta"))
    if not isinstance(found, dict):
        return DeviceNotice(odd=("status", "meta"))
    odd = [name for name in ("status", "meta") if not isinstance(found.get(name, {}), dict)]
    status, meta = ({} if name in odd else found.get(name, {}) for name in ("status", "meta"))
    texts = {
        name: _text(meta, name, odd) for name in ("label", "maker", "model", "serial", "firmware")
    }
    battery = status.get("battery")
    if battery is not None and (
        isinstance(battery, bool) or not isinstance(battery, int | float) or not 0 <= battery <= 100
    ):
        odd.append("battery")
        battery = None
    charging = status.get("charging")
    if not isinstance(charging, bool | None):
        odd.append("charging")
        charging = None
    return DeviceNotice(
        **texts,
        state=status["state"] if status.get("state") in ("online", "offline") else "",
        battery_pct=None if battery is None else float(battery),
        charging=charging,
        odd=tuple(odd),
    )


def _text(meta: dict[str, Any], name: str, odd: list[str]) -> str:
    """Return a text as it is shown: without what is not seen, on one line, of bounded length.

    A number is a text as well: firmware is often told as one.
    """
    value = meta.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        odd.append(name)
        return ""
    shown = "".join(one for one in " ".join(str(value).split()) if one.isprintable())
    return shown[:MOST].strip()
