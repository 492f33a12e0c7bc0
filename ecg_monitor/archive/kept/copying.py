"""Copies segments to the URL of the archive, beside the recording and never in its way.

It has a thread of its own, which nobody waits for: a place that hangs holds up its copies alone.

A place holds the copies of one archive, whose name stands there (`elsewhere.MARK`): two recorders
would write over, and remove, what the other has. The index remembers which place that is: copies at
another are no copies.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ecg_monitor.archive.kept import files
from ecg_monitor.archive.kept.elsewhere import MARK, VARIABLE, RemoteStore, keep_url, url_of
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.core.remote.backoff import Backoff

log = logging.getLogger("record")

TURN_S = 5.0
"""Time between two looks for what is to be copied, s."""
AT_ONCE = 50
"""Segments copied in one go."""
CLEAR_OUT_S = 60.0
FIRST_PAUSE_S = 5.0
MOST_PAUSE_S = 120.0
NAME = "name of the archive"
"""Name beside the cursors of what the archive is called where it is copied to."""
COPIED_TO = "copied to"
"""Name beside the cursors of a check of the URL that copies are at."""


def begin_copies(root: Path, index: Index, url: str) -> None:
    """Have an archive copied to a URL from now on; all of it, if its copies were at another URL.

    Args:
        root: folder of the archive.
        index: its index.
        url: any that `fsspec` takes.

    Raises:
        SettingsError: such URLs cannot be used here.
        ArchiveError: the folder or the index cannot be written.
    """
    RemoteStore(url).check()
    known, former = index.cursors().get(COPIED_TO), url_of(root)
    if known is None and former is not None:
        known = _check_of(former)
        index.seal({COPIED_TO: known})
    if known not in {None, _check_of(url)}:
        index.copies.begin_anew()
    keep_url(root, url)
    index.copies.begin()


def _check_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:16]


class CopyFigures:
    """What the copying tells of itself.

    Attributes:
        waiting: segments that are to be copied.
        copied: segments copied.
        failed: attempts that have failed.
        trouble: why the last one has; empty: it has not.
    """

    def __init__(self) -> None:
        self.waiting = self.copied = self.failed = 0
        self.trouble = ""

    def to_map(self) -> dict[str, Any]:
        """Return what the recorder reports beside its own figures."""
        return {
            "copies_waiting": self.waiting,
            "copies_made": self.copied,
            "copies_failed": self.failed,
            "copies_held": self.trouble,
        }


class Copier:
    """Copies what is sealed, until `stop`.

    Args:
        root: folder of the archive.
        index: its index.
        url: where to.
        clear_out: removes what is too old there; returns how many segments it has removed.
    """

    def __init__(self, root: Path, index: Index, url: str, clear_out: Callable[[], int]) -> None:
        self.figures = CopyFigures()
        self._root = root
        self._index = index
        self._place = RemoteStore(url)
        self._check = _check_of(url)
        self._clear_out = clear_out
        self._clear_out_at = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="copying", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def stop(self, within_s: float = 2.0) -> None:
        """End after the segment that is being copied; one that hangs is left to its fate."""
        self._stopped.set()
        self._thread.join(within_s)

    def turn(self) -> int:
        """Copy some of what waits; return how many segments were copied or removed.

        Raises:
            ArchiveError: the place does not take them, or the index cannot be read.
            OSError: a file on this disk cannot be read.
        """
        done = 0
        pending = self._index.copies.pending(AT_ONCE)
        removes = time.monotonic() >= self._clear_out_at
        if pending or removes:
            self._claim()
        for one in pending:
            if self._stopped.is_set():
                return done
            # What left meanwhile, and was written since, is only what was found later.
            names = files.names_of(self._root, one.place)
            self._place.copy(self._root, names)
            self._index.copies.copied(one)
            if one.away:
                files.remove(self._root, one.place)
            done += 1
            self.figures.copied += 1
        self.figures.waiting = self._index.copies.waiting()
        if removes:
            removed = self._clear_out()
            done += removed
            self._clear_out_at = time.monotonic() + (0.0 if removed else CLEAR_OUT_S)
        return done

    def _claim(self) -> None:
        """Make sure that the place is this archive's own, or make it so.

        Raises:
            ArchiveError: it is another's, or what is at a former place alone was not moved there.
        """
        cursors = self._index.cursors()
        name = cursors.get(NAME)
        if name is None:
            name = uuid.uuid4().hex
            self._index.seal({NAME: name})
        owner = self._place.owner()
        if owner not in {None, name}:
            raise ArchiveError(
                f"another archive is copied there: give {VARIABLE} a place of its own"
            )
        if owner is None:
            known = cursors.get(COPIED_TO, self._check)
            away = self._index.copies.count_away() if known != self._check else 0
            if away:
                raise ArchiveError(
                    f"{away} segments are at the former URL alone: move all files from there, "
                    f"{MARK!r} too, or set {VARIABLE} to it again"
                )
            self._place.mark(name)
        if cursors.get(COPIED_TO) != self._check:
            self._index.seal({COPIED_TO: self._check})

    def _run(self) -> None:
        backoff = Backoff(FIRST_PAUSE_S, MOST_PAUSE_S)
        pause = 0.0
        while not self._stopped.wait(pause):
            try:
                pause = 0.0 if self.turn() else TURN_S
                backoff.reset()
                if self.figures.trouble:
                    log.info("copies are made again")
                self.figures.trouble = ""
            except (ArchiveError, OSError) as error:
                if self.figures.trouble != str(error):
                    log.error("segments are not copied: %s; trying again", error)
                self.figures.trouble = str(error)
                self._count_waiting()
                self.figures.failed += 1
                pause = backoff.next_s()

    def _count_waiting(self) -> None:
        try:
            self.figures.waiting = self._index.copies.waiting()
        except ArchiveError as error:
            log.error("how many segments wait to be copied is not known: %s", error)
