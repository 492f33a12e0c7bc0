"""Standby of a bed as atomic operations on Redis; see `ecg_monitor.ward.alerts.standby`.

Each is one Lua call that writes the act and appends to the audit trail, or does nothing. Redis's
own clock says when, so that whether an acknowledgement came before the end needs no other clock.
"""

from __future__ import annotations

import math

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.handling.actions import (
    ShownPriorities,
    call,
    checked_person,
    json_text,
    seen_words,
)
from ecg_monitor.ward.alerts.standby import MAX_STANDBY_S, MIN_STANDBY_S, Reason, StandbyEvent
from ecg_monitor.ward.alerts.trail import OVERSEER

_STANDBY = lua(__name__, "common", "standby")
_STANDBY_STEP = lua(__name__, "common", "standby_step")


async def begin(
    store: Store,
    partition: int,
    device: str,
    seen: ShownPriorities,
    by: str,
    *,
    seconds: float,
    reason: str,
) -> float:
    """Put a bed in standby; one that is in standby begins anew.

    Args:
        store: client.
        partition: partition of the device.
        device: device id.
        seen: the alerts that are active, with the priority shown to the person: they are not
            news that would end the standby.
        by: who.
        seconds: how long at most, `MIN_STANDBY_S` to `MAX_STANDBY_S`.
        reason: one of `ecg_monitor.ward.alerts.standby.Reason`.

    Returns:
        Unix time at which it is over at the latest, s.

    Raises:
        AlertError: an argument is wrong.
        StoreError: Redis does not answer.
    """
    _check_device(device)
    if not (math.isfinite(seconds) and MIN_STANDBY_S <= seconds <= MAX_STANDBY_S):
        raise AlertError(
            f"standby: seconds must be {MIN_STANDBY_S:g} to {MAX_STANDBY_S:g}, got {seconds:g}"
        )
    reasons = [one.value for one in Reason]
    if reason not in reasons:
        raise AlertError(f"standby: reason must be one of {', '.join(reasons)}, got {reason!r:.40}")
    words = [json_text(device), json_text(checked_person(by)), device, repr(float(seconds))]
    words += [json_text(reason), *seen_words(device, seen)]
    return float(await call(store, partition, _STANDBY, words))


async def end(store: Store, partition: int, device: str, by: str) -> bool:
    """End a bed's standby; return whether it was in standby.

    Raises:
        AlertError: ``by`` is no name, or ``device`` no device.
        StoreError: Redis does not answer.
    """
    _check_device(device)
    return await _step(store, partition, device, checked_person(by), "", StandbyEvent.PERSON)


async def note(store: Store, partition: int, device: str, seq: int, what: StandbyEvent) -> bool:
    """Write down what has happened to a standby; return whether that was new.

    Several overseers may run: what one has written, or a person ended, the other does not.

    Args:
        store: client.
        partition: partition of the device.
        device: device id.
        seq: number of the standby.
        what: from `ecg_monitor.ward.alerts.standby.happens`.

    Raises:
        StoreError: Redis does not answer.
    """
    return await _step(store, partition, device, OVERSEER, str(seq), what)


async def _step(
    store: Store, partition: int, device: str, by: str, seq: str, what: StandbyEvent
) -> bool:
    words = [json_text(device), json_text(by), device, seq, what.value]
    return bool(await call(store, partition, _STANDBY_STEP, words))


def _check_device(device: str) -> None:
    if not keys.DEVICE_ID.fullmatch(device):
        raise AlertError(f"standby: {device!r} is no device id")
