"""What is said of alerts that have been acknowledged, as one atomic operation on Redis.

Like `ecg_monitor.ward.alerts.handling.actions`: the same said again by the same person changes
nothing; something else said later takes its place, and the audit trail has both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.handling.actions import call, checked_person, json_text
from ecg_monitor.ward.alerts.reasons import checked_reason

_REASON = lua(__name__, "common", "reason")


@dataclass(frozen=True, slots=True)
class ReasonOutcome:
    """Outcome of `give_reason`, by identity.

    Attributes:
        done: the reason is on record now.
        already: it was before.
        open: nobody has acknowledged the alert: that comes first.
        unknown: no such alert is kept.
    """

    done: tuple[str, ...]
    already: tuple[str, ...]
    open: tuple[str, ...]
    unknown: tuple[str, ...]


async def give_reason(
    store: Store, partition: int, device: str, ids: Sequence[str], by: str, reason: str, text: str
) -> ReasonOutcome:
    """Say why acknowledged alerts of one device came; they may be over.

    Args:
        store: client.
        partition: partition of the device.
        device: device id.
        ids: the alerts.
        by: who.
        reason: one of `ecg_monitor.ward.alerts.reasons.AckReason`, or empty.
        text: free words, or empty.

    Raises:
        AlertError: an argument is wrong, or an alert belongs to another device.
        StoreError: Redis does not answer.
    """
    chosen, words = checked_reason(reason, text)
    for identity in ids:
        if not identity.startswith(f"{device}/"):
            raise AlertError(f"alert {identity!r} is not one of device {device!r}")
    said = [json_text(one) for one in (device, checked_person(by), chosen, words)]
    answer = await call(store, partition, _REASON, [*said, *ids])
    outcomes = [outcome.decode() for outcome in answer]
    return ReasonOutcome(
        **{
            name: tuple(one for one, outcome in zip(ids, outcomes, strict=True) if outcome == name)
            for name in ("done", "already", "open", "unknown")
        }
    )
