"""When the packets of many devices arrive, and how long they wait: simulation and model.

A service (ingest behind a broker) takes packets in order at a bounded rate. Devices send in one of
two patterns: each at a moment of its own, or all at the same moment of the clock, as devices do
that time their packets by a clock that the network sets. And a broker that was away is met by all
devices at once, each with what it has kept.

Packets are counted in bins of a millisecond or more, so a million devices take seconds. A queue is
a fluid, exact up to a bin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fleet:
    """Devices that send packets.

    Attributes:
        devices: how many.
        packet_s: signal in a packet, s: each device sends one so often.
        aligned: whether all send at the same moments.
        jitter_s: mean of the exponential delay on the way, s.
    """

    devices: int
    packet_s: float = 0.5
    aligned: bool = False
    jitter_s: float = 0.005

    @property
    def packets_per_s(self) -> float:
        """Packets of all devices per second."""
        return self.devices / self.packet_s


@dataclass(frozen=True, slots=True)
class Outage:
    """A broker that is away, and how devices come back.

    Attributes:
        length_s: how long it is away, s.
        first_s: bound of the first pause before a device tries again, s; each further one is twice
            as long.
        longest_s: longest bound of a pause, s.
        connects_per_s: connections that the broker accepts per second.
        jitter: whether a pause is drawn between nothing and its bound, or is the bound.
    """

    length_s: float = 60.0
    first_s: float = 1.0
    longest_s: float = 60.0
    connects_per_s: float = 2000.0
    jitter: bool = True


@dataclass(frozen=True, slots=True)
class WaitingTimes:
    """How long packets wait.

    Attributes:
        utilisation: mean share of the service's capacity that is used.
        p50_s: median wait of a packet, s.
        p99_s: 99th percentile, s.
        worst_s: longest, s.
        most_waiting: packets that wait at once.
        empty_after_s: when nothing waited any more, s from the beginning; infinity: never.
    """

    utilisation: float
    p50_s: float
    p99_s: float
    worst_s: float
    most_waiting: float
    empty_after_s: float

    def as_map(self) -> dict[str, Any]:
        """Return the fields, JSON-ready: a queue that never empties is None."""
        never = not np.isfinite(self.empty_after_s)
        return {
            "utilisation": self.utilisation,
            "p50_s": self.p50_s,
            "p99_s": self.p99_s,
            "worst_s": self.worst_s,
            "most_waiting": self.most_waiting,
            "empty_after_s": None if never else self.empty_after_s,
        }


def steady(fleet: Fleet, seconds: float, bin_s: float, seed: int = 0) -> Floats:
    """Return how many packets arrive in each bin, while nothing is wrong."""
    random = np.random.default_rng(seed)
    bins = round(seconds / bin_s)
    counts = np.zeros(bins)
    phases = np.zeros(fleet.devices) if fleet.aligned else random.random(fleet.devices)
    for number in range(round(seconds / fleet.packet_s)):
        at = (number + phases) * fleet.packet_s
        at += random.exponential(fleet.jitter_s, fleet.devices)
        counts += _counted(at, bins, bin_s)
    return counts


def reconnecting(fleet: Fleet, outage: Outage, seed: int = 0) -> Floats:
    """Return when each device is connected again, s after the broker went away.

    A device tries at once, then after growing pauses. Tries before the broker is back fail; later
    ones queue for their connection.
    """
    random = np.random.default_rng(seed)
    at = random.random(fleet.devices) * fleet.packet_s  # a device finds out when it next sends
    bound_s = outage.first_s
    while (away := at < outage.length_s).any():
        draw = random.random(int(away.sum())) if outage.jitter else 1.0
        at[away] += np.maximum(bound_s * draw, 1e-3)
        bound_s = min(outage.longest_s, 2 * bound_s)
    order = np.argsort(at, kind="stable")
    connected = np.empty(fleet.devices)
    connected[order] = finished_one_by_one(at[order], outage.connects_per_s)
    return connected


def after_outage(
    fleet: Fleet, outage: Outage, seconds: float, bin_s: float, seed: int = 0
) -> Floats:
    """Return how many packets arrive in each bin after the broker went away.

    Each device sends all that it has kept as soon as it is connected, then goes on.
    """
    connected = reconnecting(fleet, outage, seed)
    bins = round(seconds / bin_s)
    kept = np.floor(connected / fleet.packet_s)
    places = (connected / bin_s).astype(np.int64)
    inside = places < bins
    counts = np.bincount(places[inside], weights=kept[inside], minlength=bins).astype(np.float64)
    # From then on one packet each `packet_s`: as many devices as are connected share the bins
    # evenly.
    online = np.cumsum(np.bincount(places[inside], minlength=bins))
    return counts + online * bin_s / fleet.packet_s


def wait(counts: Floats, bin_s: float, packets_per_s: float) -> WaitingTimes:
    """Put arrivals through a service that takes so many packets per second, in order.

    Raises:
        ValueError: nothing arrives, or the service takes nothing.
    """
    if packets_per_s <= 0 or counts.sum() <= 0:
        raise ValueError("a wait needs packets and a service that takes some")
    capacity = packets_per_s * bin_s
    # Lindley: what waits is how far the sum of what came too fast is above its least value so far.
    surplus = np.concatenate([[0.0], np.cumsum(counts - capacity)])
    waiting = (surplus - np.minimum.accumulate(surplus))[1:]
    waits_s = waiting / packets_per_s
    order = np.argsort(waits_s)
    share = np.cumsum(counts[order]) / counts.sum()
    p50_s, p99_s = (float(waits_s[order][np.searchsorted(share, q)]) for q in (0.5, 0.99))
    busy = np.flatnonzero(waiting > 0)
    empty = 0.0 if busy.size == 0 else (busy[-1] + 1) * bin_s
    return WaitingTimes(
        utilisation=float(counts.sum() / (capacity * counts.size)),
        p50_s=p50_s,
        p99_s=p99_s,
        worst_s=float(waits_s.max()),
        most_waiting=float(waiting.max()),
        empty_after_s=float("inf") if waiting[-1] > 0 else float(empty),
    )


def finished_one_by_one(at: Floats, per_s: float) -> Floats:
    """Return when each of sorted arrivals is done, s: the service takes one after the other."""
    step = 1.0 / per_s
    places = np.arange(at.size)
    return np.asarray(step * (places + 1) + np.maximum.accumulate(at - step * places), np.float64)


def burst_wait_s(fleet: Fleet, packets_per_s: float) -> float:
    """Model: longest wait of a packet if all devices send at one moment, s.

    Of N packets ``N (1 - exp(-t / m))`` have come after ``t``, and ``C t`` were taken, for capacity
    C and mean delay m on the way. Most wait at ``t = m ln(N / (m C))``, if packets come faster than
    they are taken at all.
    """
    way = fleet.jitter_s * packets_per_s
    if fleet.devices <= way:
        return 0.0
    left = fleet.devices - way * (1 + np.log(fleet.devices / way))
    return float(left / packets_per_s)


def storm_over_s(fleet: Fleet, outage: Outage, packets_per_s: float) -> float:
    """Model: when all devices are back and nothing waits, at most, s after the broker went away.

    The service must take all that was sent since then: ``C (t - D) = L t`` for capacity C, load L
    and outage D. The broker must take all connections. And the last device tries again no later
    than after the longest pause. Infinity: never, since more comes than is taken.
    """
    load = fleet.packets_per_s
    if packets_per_s <= load:
        return float("inf")
    taken_s = outage.length_s * packets_per_s / (packets_per_s - load)
    connected_s = outage.length_s + fleet.devices / outage.connects_per_s
    return max(taken_s, connected_s, outage.length_s + outage.longest_s)


def _counted(at: Floats, bins: int, bin_s: float) -> Floats:
    places = (at / bin_s).astype(np.int64)
    found: Floats = np.bincount(places[places < bins], minlength=bins).astype(np.float64)
    return found
