"""How many processes, cores and bytes so many beds need, from what one bed costs.

What cannot be divided bounds a cell: one broker, one Redis, and hubs to each of which every bed
comes, though it reads only those that its pages show.
An installation that is larger is several cells, each a whole system with an address of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from ecg_monitor.core import keys
from workbench.sizing.units import Units

USED = 0.6
"""Share of a core that is planned for: the rest takes bursts, and the work of one that died."""
ROUND = 100
WATCHED = 256
"""Different beds that the pages of one hub show: sixteen walls of sixteen."""
WAVE_S = 600.0
"""How long signal stays in Redis, s (`ECG_WAVE_RETENTION_S`)."""
EVENTS_S = 86_400.0
"""How long beats and vitals stay in Redis, s."""
ARCHIVE_BYTES_PER_DAY = 32e6
"""A bed's recording, two leads at 360 Hz, compressed (docs/RECORDING.md)."""
ARCHIVE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """What so many beds need, in all cells together.

    Attributes:
        beds: how many.
        cells: whole systems: a broker and a Redis each.
        ingest: processes.
        detectors: processes.
        partitions: in all.
        hubs: processes, at `WATCHED` beds.
        cores: processor cores, at `USED`.
        redis_gb: memory of all Redis servers.
        network_mbit: from devices to brokers; as much again to ingest, to Redis, to the detectors,
            and to each hub.
        disk_gb: recordings of `ARCHIVE_DAYS`.
    """

    beds: int
    cells: int
    ingest: int
    detectors: int
    partitions: int
    hubs: int
    cores: int
    redis_gb: float
    network_mbit: float
    disk_gb: float


def hub_us(units: Units, beds: int) -> float:
    """Return what a hub takes in a cell of so many beds, µs of a core per second."""
    watched = min(beds, WATCHED)
    return (
        units.hub_fixed_us
        + watched * units.hub_watched_us
        + (beds - watched) * units.hub_unwatched_us
    )


def bounds(units: Units) -> dict[str, int]:
    """Return how many beds a cell may have for one process of each kind that reads all of them."""
    cost = {"broker": units.broker_us, "redis": units.redis_us}
    found = {name: int(USED * 1e6 / us) for name, us in cost.items()}
    left_us = USED * 1e6 - hub_us(units, WATCHED)
    return found | {"hub": WATCHED + int(left_us / units.hub_unwatched_us)}


def cell(units: Units) -> int:
    """Return how many beds a cell carries, rounded down."""
    least = min(bounds(units).values())
    return max(ROUND, least // ROUND * ROUND)


QUEUED_MESSAGES = 200_000
"""Packets that the broker keeps for one ingest that is away (`max_queued_messages`, deploy/)."""


def limits(units: Units, event_bytes_per_s: float) -> dict[str, float]:
    """Return what one process carries, and what a cell holds out, by name.

    Args:
        units: what a bed costs.
        event_bytes_per_s: memory of Redis for the beats and vitals of a bed, per second.
    """
    per_bed = units.redis_bytes_per_s * WAVE_S + event_bytes_per_s * EVENTS_S
    return {
        "beds_per_detector": int(USED * 1e6 / units.detector_us),
        "beds_per_ingest": int(USED * 1e6 / units.ingest_us),
        "redis_mb_per_bed": per_bed / 1e6,
        "beds_in_2_gb": int(2e9 / per_bed),
        "cell_without_ingest_s": QUEUED_MESSAGES * units.packet_s / cell(units),
    }


def plan(units: Units, beds: int, event_bytes_per_s: float) -> Plan:
    """Size an installation.

    Args:
        units: what a bed costs.
        beds: how many.
        event_bytes_per_s: memory of Redis for the beats and vitals of a bed, per second.

    Raises:
        ValueError: there are no beds.
    """
    if beds < 1:
        raise ValueError(f"beds must be 1 or more, got {beds}")
    cells = ceil(beds / cell(units))
    each = ceil(beds / cells)
    ingest = _processes(each, units.ingest_us)
    detectors = _processes(each, units.detector_us)
    own = sum((units.ingest_us, units.detector_us, units.redis_us, units.broker_us))
    hubs = ceil(each / WATCHED)
    per_bed = units.redis_bytes_per_s * WAVE_S + event_bytes_per_s * EVENTS_S
    return Plan(
        beds=beds,
        cells=cells,
        ingest=cells * ingest,
        detectors=cells * detectors,
        partitions=cells * partitions(each, detectors),
        hubs=cells * hubs,
        cores=ceil((beds * own + cells * hubs * hub_us(units, each)) / (USED * 1e6)),
        redis_gb=beds * per_bed / 1e9,
        network_mbit=beds * units.packet_bytes / units.packet_s * 8 / 1e6,
        disk_gb=beds * ARCHIVE_BYTES_PER_DAY * ARCHIVE_DAYS / 1e9,
    )


def _processes(beds: int, us: float) -> int:
    return max(1, ceil(beds * us / (USED * 1e6)))


def partitions(beds: int, detectors: int) -> int:
    """Return how many partitions spread the beds evenly enough over detectors, a power of two.

    A device belongs to a partition by a hash, so partitions differ by about the root of their size.
    With four partitions or more a detector, each takes some of the larger and some of the smaller.
    """
    wanted = min(4 * detectors, max(1, beds))
    return max(4, 1 << (wanted - 1).bit_length())


def fullest(devices: int, count: int) -> float:
    """Return how much fuller than the mean the fullest partition is, by the system's own hash."""
    places = [keys.partition_of(f"bed-{number:07d}", count) for number in range(devices)]
    return float(np.bincount(places, minlength=count).max() * count / devices)


def table(plans: list[Plan]) -> Mapping[str, Any]:
    """Return the plans as a table: a row a quantity, a column a number of beds."""
    rows = (
        ("cells: brokers, Redis servers", "cells"),
        ("ingest processes", "ingest"),
        ("detectors", "detectors"),
        ("partitions", "partitions"),
        ("hubs", "hubs"),
        ("processor cores", "cores"),
        ("memory of Redis, GB", "redis_gb"),
        ("network into the brokers, Mbit/s", "network_mbit"),
        (f"recordings of {ARCHIVE_DAYS} days, GB", "disk_gb"),
    )
    return {
        "columns": ["what", *(f"{one.beds:,} beds" for one in plans)],
        "rows": [[name, *(f"{getattr(one, field):,.0f}" for one in plans)] for name, field in rows],
    }
