"""Which partition moves next, so that each detector has about as many as the others.

Ray places the detectors; this only levels what they own, one partition at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Move:
    """A partition that changes hands.

    Attributes:
        partition: its number.
        source: detector that lets it go.
        target: detector that takes it.
    """

    partition: int
    source: str
    target: str


def next_move(owned: Mapping[str, Collection[int]], leaving: Collection[str] = ()) -> Move | None:
    """Return what to move next; None if all is level.

    Args:
        owned: partitions of every detector that is there.
        leaving: detectors that are to own nothing.
    """
    staying = {name: held for name, held in owned.items() if name not in leaving}
    if not staying:
        return None
    target = min(sorted(staying), key=lambda name: len(owned[name]))
    for source in sorted(owned.keys() - staying.keys()):
        if owned[source]:
            return Move(min(owned[source]), source, target)
    source = max(sorted(staying), key=lambda name: len(owned[name]))
    if len(owned[source]) - len(owned[target]) < 2:
        return None
    return Move(max(owned[source]), source, target)
