"""What a bed shows of its limits: those of the heart rate, and alarms turned off. Pure."""

from __future__ import annotations

from dashboard.hub.beds.bed import Bed
from ecg_monitor.ward.limits.model import LIMITS, LimitBook, Limits

RateLimits = tuple[float | None, float | None]


def rate_limits(book: LimitBook | None, bed: Bed) -> RateLimits:
    """Return below and above which rate a bed has an alarm, bpm.

    Args:
        book: limits of all beds; None: they are not known.
        bed: the bed, with its admission or the limits of its own.

    Returns:
        The lower and the upper limit, each None if that alarm is turned off or not known.
    """
    if book is None:
        return None, None
    if bed.admission is not None:
        limits = book.of_patient(bed.admission.table())
    else:
        limits = book.of_bed(bed.device, {} if bed.own is None else bed.own.table())
    low = limits.rate.low_bpm if _watched(limits, "low_bpm") else None
    high = limits.rate.high_bpm if _watched(limits, "high_bpm") else None
    return low, high


def _watched(limits: Limits, key: str) -> bool:
    """Tell whether an alarm that is held against a limit of the heart rate is turned on."""
    return any(kind in limits.priorities for kind in LIMITS["rate"][key].kinds)


def turned_off(limits: LimitBook | None, bed: Bed) -> tuple[str, ...]:
    """Return the kinds of alarms that the limits of a bed turn off: a bed must show that it is so.

    Args:
        limits: of the configuration; None: nothing is known of them.
        bed: the bed.
    """
    if limits is None:
        return ()
    own = bed.own if bed.admission is None else bed.admission
    alarms = {} if own is None else own.alarms
    return limits.turned_off(bed.device, alarms, admitted=bed.admission is not None)
