"""Whether a request is about beds that the visitor sees, whatever its address.

What the visitor sees is ``flask.g.sight`` (`ecg_monitor.ward.units.sight.VisibleBeds`), which
`dashboard.doors.guard` sets for each request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import g

ONE = ("device", "to", "id")
"""Fields of a request that name a device, or an alert by ``DEVICE/...``."""
MANY = ("beds", "devices", "seen", "ids")
"""Fields that name several: lists of such names, or maps by them."""


def sees_all(fields: Mapping[str, Any]) -> bool:
    """Return whether the visitor sees every bed that a request names."""
    sight = g.sight
    return all(sight.sees(device) for device in devices_of(fields))


def devices_of(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield the devices that a request names in one of the fields `ONE` and `MANY`.

    Args:
        fields: of the address, the query, or the JSON map of the request. What they hold may be of
            any type: whoever reads it refuses what is wrong.
    """
    for name in ONE:
        yield from _named(fields.get(name))
    for name in MANY:
        held = fields.get(name)
        if isinstance(held, dict | list):
            for one in held:
                yield from _named(one)


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.partition("/")[0]
