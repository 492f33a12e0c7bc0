"""Shares the partitions out to several detectors of one machine: each takes a core at most."""

from __future__ import annotations

import argparse
from itertools import pairwise

from ecg_monitor.core.errors import SettingsError

MOST = 64
"""Most detectors of one machine."""


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--detectors``."""
    parser.add_argument(
        "--detectors",
        type=_count,
        default=1,
        metavar="N",
        help="detectors that share the partitions, each with a core to itself at most (default: 1, "
        "which is cheapest for up to some 400 beds)",
    )


def shares(partitions: int, count: int) -> list[str]:
    """Return which partitions each detector gets, as ``--partitions`` takes it.

    Args:
        partitions: how many there are.
        count: detectors.

    Raises:
        SettingsError: there are fewer partitions than detectors.
    """
    if count > partitions:
        raise SettingsError(
            f"--detectors {count}: there are {partitions} partitions to share out; set "
            "ECG_PARTITIONS before the first packet, or take fewer"
        )
    edges = [i * partitions // count for i in range(count + 1)]
    return [f"{low}-{high - 1}" if high - low > 1 else f"{low}" for low, high in pairwise(edges)]


def numbered(name: str, count: int) -> list[str]:
    """Return the names of so many processes: the first is called as one alone would be."""
    return [name, *(f"{name}-{number}" for number in range(2, count + 1))]


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST):
        raise argparse.ArgumentTypeError(f"must be a whole number 1 .. {MOST}, got {text!r}")
    return int(text)
