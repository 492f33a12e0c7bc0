"""Reads fault specifications, and applies the faults in their order.

============================  =====================================================================
``loss=0.01``                 each packet is lost with this probability
``duplicate=0.02``            each packet is sent twice with this probability
``reorder=0.05:2``            each packet is held back behind 2 others with this probability
``jitter=0.2``                packets are late by this many seconds on average (exponential)
``offline=60:10``             once every 60 s the connection is lost for 10 s; then the backlog
``drift=80``                  the device's clock runs fast by so many ppm (negative: slow)
``leadoff=60:5``              once every 60 s one lead, or all, come off for 5 s
``bad=0.01``                  each packet is followed by a broken one with this probability
``reboot=120``                a new boot every 120 s
``leads=60``                  from 60 s on only the first lead is sent
``rate=60``                   from 60 s on the sampling rate is halved
============================  =====================================================================

Times are seconds of the device's signal. Several are joined by commas.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from random import Random
from typing import Any

from ecg_monitor.core.errors import SettingsError
from simulator.events import Event
from simulator.faults import steps as step


@dataclass(frozen=True, slots=True)
class Faults:
    """Amount of each fault; see the module for the meaning. None or 0: no such fault."""

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: tuple[float, int] = (0.0, 1)
    jitter: float = 0.0
    offline: tuple[float, float] | None = None
    drift: float = 0.0
    leadoff: tuple[float, float] | None = None
    bad: float = 0.0
    reboot: float = 0.0
    leads: float | None = None
    rate: float | None = None


_SHARES = {"loss", "duplicate", "reorder", "bad"}
_PERIODS = {"offline", "leadoff"}


def parse_faults(texts: Iterable[str]) -> Faults:
    """Read fault specifications such as ``loss=0.01,offline=60:10``.

    Raises:
        SettingsError: a fault is unknown or its number is out of range; names it.
    """
    values: dict[str, Any] = {}
    for item in (part.strip() for text in texts for part in text.split(",")):
        if not item:
            continue
        name, _, value = item.partition("=")
        if name not in {field.name for field in fields(Faults)}:
            known = ", ".join(field.name for field in fields(Faults))
            raise SettingsError(f"--fault {item}: unknown fault {name!r}; known are {known}")
        values[name] = _value(item, name, value)
    return Faults(**values)


def _value(item: str, name: str, text: str) -> float | tuple[float, float] | tuple[float, int]:
    try:
        numbers = [float(part) for part in text.split(":")]
    except ValueError:
        numbers = []
    wanted = {"reorder": (1, 2), "offline": (2,), "leadoff": (2,)}.get(name, (1,))
    if len(numbers) not in wanted or not all(map(math.isfinite, numbers)):
        form = {"reorder": "PROBABILITY[:PLACES]", "offline": "EVERY_S:LENGTH_S"}
        form["leadoff"] = form["offline"]
        raise SettingsError(f"--fault {item}: write {name}={form.get(name, 'NUMBER')}")
    first = numbers[0]
    if name in _SHARES and not 0 <= first <= 1:
        raise SettingsError(f"--fault {item}: a probability is 0 to 1, got {first:g}")
    if name == "drift":
        if abs(first) > 10_000:
            raise SettingsError(f"--fault {item}: at most 10000 ppm either way, got {first:g}")
    elif min(numbers) < 0:
        raise SettingsError(f"--fault {item}: must not be negative")
    if name == "reorder":
        places = numbers[1] if len(numbers) == 2 else 1
        if places != int(places) or places < 1:
            raise SettingsError(f"--fault {item}: places must be a whole number from 1 on")
        return first, int(places)
    if name in _PERIODS:
        if not 0 < numbers[1] < first:
            raise SettingsError(f"--fault {item}: the length must be over 0 and under the period")
        return first, numbers[1]
    return first


def apply_faults(
    events: Iterable[Event], faults: Faults, seed: str, counts: step.Counts
) -> Iterator[Event]:
    """Put the faults on one device's events, always in the same order: patient, device, network.

    Args:
        events: what the sound device would do, in order of ``due``.
        faults: which faults.
        seed: repeats a run exactly; different per device.
        counts: where each fault counts what it did.
    """

    def rng(name: str) -> Random:
        # One generator per fault: adding a fault leaves the others as they were.
        return Random(f"{seed}/{name}")

    stream = iter(events)
    if faults.leads is not None:
        stream = step.change_leads(stream, faults.leads, counts)
    if faults.leadoff:
        stream = step.take_leads_off(stream, *faults.leadoff, rng("leadoff"), counts)
    if faults.reboot:
        stream = step.reboot(stream, faults.reboot, rng("reboot"), counts)
    if faults.rate is not None:
        stream = step.change_rate(stream, faults.rate, counts)
    if faults.bad:
        stream = step.insert_bad(stream, faults.bad, rng("bad"), counts)
    if faults.duplicate:
        stream = step.duplicate(stream, faults.duplicate, rng("duplicate"), counts)
    if faults.reorder[0]:
        stream = step.reorder(stream, *faults.reorder, rng("reorder"), counts)
    if faults.loss:
        stream = step.lose(stream, faults.loss, rng("loss"), counts)
    if faults.jitter:
        stream = step.delay(stream, faults.jitter, rng("jitter"), counts)
    if faults.offline:
        stream = step.drop_out(stream, *faults.offline, rng("offline"), counts)
    if faults.drift:
        stream = step.drift(stream, faults.drift)
    return stream
