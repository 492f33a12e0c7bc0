"""What leaves the archive: segments that are too old, and the oldest of too many."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from ecg_monitor.archive.annotations.book import ReviewBook
from ecg_monitor.archive.kept import files
from ecg_monitor.archive.kept.elsewhere import RemoteStore, url_of
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.kept.terms import Terms, TermsOfUnits
from ecg_monitor.core.errors import ReviewError
from ecg_monitor.ward.units.sight import UnitBook

log = logging.getLogger("record")

_DAY_S = 86_400.0
_AT_ONCE = 200
"""Segments removed in one go: a fraction of a second."""


def clear_out(
    root: Path,
    index: Index,
    *,
    days: float,
    size: float,
    devices: Sequence[str] | None = None,
    now: float | None = None,
) -> int:
    """Remove what is older than wanted from this disk, and the oldest while there is too much.

    Files go first: if this is interrupted, the index still names what is to be removed. What there
    is a copy of at the URL of the archive stays known (`clear_out_elsewhere`).

    Args:
        root: folder of the archive.
        index: its index.
        days: longest time since a segment came into the archive, days; 0: for ever.
        size: most bytes of all segments; 0: no bound.
        devices: whose segments these are; None: all devices'.
        now: Unix time, s; None: the time it is.

    Returns:
        how many segments were removed: at most a few hundred, so call it again.

    Raises:
        OSError: a file cannot be removed.
        ArchiveError: the index cannot be written.
    """
    now = time.time() if now is None else now
    excess = index.size(devices) - size if size else 0.0
    leaving = []
    for row in index.oldest(_AT_ONCE, devices):
        too_old = days > 0 and row.added < now - days * _DAY_S
        if not too_old and excess <= 0:
            break
        excess -= row.size
        leaving.append(row)
    for row in leaving:
        files.remove(root, row.place)
    if leaving:
        places = [row.place for row in leaving]
        there = set(index.copies.leave(places))
        index.forget([place for place in places if place not in there])
        _forget_reviews(root, index)
        log.info("%d segments are removed, by age or size", len(leaving))
    return len(leaving)


def clear_out_units(root: Path, index: Index, terms: TermsOfUnits, book: UnitBook) -> int:
    """Remove what is to leave by the terms of each care unit, and of all other beds together.

    Args:
        root: folder of the archive.
        index: its index.
        terms: what was set.
        book: the care units, and which beds belong to them.

    Returns:
        how many segments were removed: at most a few hundred of each, so call it again.

    Raises:
        OSError: a file cannot be removed.
        ArchiveError: the index cannot be written.
    """
    if not terms.units:
        return clear_out(root, index, days=terms.rest.days, size=terms.rest.gb * 1e9)
    devices = [one.device for one in index.summaries()]
    return sum(
        clear_out(root, index, days=some.days, size=some.gb * 1e9, devices=whose)
        for some, whose in terms.groups(book, devices)
    )


def clear_out_elsewhere(
    root: Path,
    index: Index,
    terms: TermsOfUnits,
    book: UnitBook,
    now: float | None = None,
) -> int:
    """Remove from the URL of the archive what is older than wanted; no size bounds what is there.

    Args:
        root: folder of the archive; it has a URL.
        index: its index.
        terms: what was set.
        book: the care units, and which beds belong to them.
        now: Unix time, s; None: the time it is.

    Returns:
        how many segments were removed: at most a few hundred of each unit, so call it again.

    Raises:
        ArchiveError: the URL does not answer, or the index cannot be written.
    """
    url = url_of(root)
    if url is None:
        return 0
    place, count = RemoteStore(url), 0
    now = time.time() if now is None else now
    groups: Iterable[tuple[Terms, Sequence[str] | None]] = [(terms.rest, None)]
    if terms.units:
        groups = terms.groups(book, [one.device for one in index.summaries()])
    for some, devices in groups:
        if some.days <= 0:
            continue
        for row in index.copies.away_since(now - some.days * _DAY_S, devices, _AT_ONCE):
            place.remove(row.place)
            index.forget([row.place])
            count += 1
    if count:
        _forget_reviews(root, index)
    return count


def _forget_reviews(root: Path, index: Index) -> None:
    """Remove what reviewers said of records that are gone: it is about the same patient."""
    kept = {one.device: one.start for one in index.summaries()}
    book = ReviewBook.open(root)
    try:
        for device in book.devices():
            book.forget(device, kept.get(device, math.inf))
    except ReviewError as error:  # a reviewer is writing; the next segment that leaves tries again
        log.warning("reviews of what has left are not removed yet: %s", error)
    finally:
        book.close()
