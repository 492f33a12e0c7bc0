"""What a reviewer does about a record: finds what they mean, checks it, and writes the act."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ecg_monitor.archive.annotations.acts import (
    LONGEST_INTERVAL_S,
    MOST_BEATS,
    RHYTHMS,
    SYMBOLS,
    VERDICTS,
    Act,
    ActKind,
    plain,
    to_redo,
    to_undo,
)
from ecg_monitor.archive.annotations.book import ReviewBook
from ecg_monitor.archive.annotations.folding import ReviewedBeat
from ecg_monitor.archive.annotations.reviewing import ReviewedInterval, read_reviewed
from ecg_monitor.archive.overview import overview
from ecg_monitor.core.errors import NothingRecordedError, ReviewError
from ecg_monitor.records.labels import AAMI_LABELS
from ecg_monitor.records.recording import INVALID_SAMPLE

NEAR_S = 0.08
"""A beat that is meant lies this near to the time that is said, s; times have milliseconds, clocks
that are fitted anew move by a few."""
SAME_BEAT_S = 0.15
"""Two annotations nearer than this, s, are of one beat (ANSI/AAMI EC57:2012)."""
SNAP_S = 0.06
"""A beat that is inserted goes to the steepest peak this near, s: half of a QRS complex."""
_AROUND_S = 2.0
_NOT_KEPT = "of that time nothing is kept, or no longer"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who reviews the record of a device.

    All methods raise `ReviewError` if what is said is malformed or about what is not there, and
    `ArchiveError` if the archive cannot be read.

    Attributes:
        root: folder of the archive.
        device: device id.
        since: Unix time from which they may see it, s.
        until: Unix time up to which they may, s.
        by: who they are.
        now: clock, Unix s.
    """

    root: Path
    device: str
    since: float
    until: float
    by: str
    now: Callable[[], float] = time.time

    def label(self, times: Sequence[float], symbol: str) -> list[Act]:
        """Call beats what they are; returns an act for each power-up that they are of.

        Args:
            times: of the beats, Unix s.
            symbol: one of `SYMBOLS`.
        """
        if symbol not in SYMBOLS:
            raise ReviewError("a beat is one of {known}", known=" ".join(SYMBOLS))
        found, beats = self._beats(times)
        return self._add_beats(found, beats, ActKind.LABEL, symbol)

    def delete(self, times: Sequence[float]) -> list[Act]:
        """Say that there is no beat at these times, Unix s."""
        found, beats = self._beats(times)
        return self._add_beats(found, beats, ActKind.DELETE, "")

    def insert(self, at: float, symbol: str) -> Act:
        """Say that there is a beat at a time, Unix s; it goes to the peak that is near."""
        if symbol not in SYMBOLS:
            raise ReviewError("a beat is one of {known}", known=" ".join(SYMBOLS))
        found = self._read(at - _AROUND_S, at + _AROUND_S)
        recording = found.interval.recording
        sample = _peak(found, round((at - found.interval.start) * recording.fs))
        near = SAME_BEAT_S * recording.fs
        if any(one.symbol and abs(one.sample - sample) < near for one in found.beats):
            raise ReviewError("there is a beat already: relabel it, or delete it first")
        beat = ReviewedBeat(sample, symbol, "")
        return self._add_beats(found, [beat], ActKind.INSERT, symbol)[0]

    def relabel_class(self, start: float, end: float, was: str, symbol: str) -> list[Act]:
        """Call all beats of a class within a time, Unix s, something else.

        Args:
            start: Unix time, s.
            end: Unix time, s.
            was: their AAMI class as it holds now.
            symbol: what they are, one of `SYMBOLS`.
        """
        if symbol not in SYMBOLS:
            raise ReviewError("a beat is one of {known}", known=" ".join(SYMBOLS))
        self._check(start, end)
        found = self._read(start, end)
        beats = [one for one in found.beats if one.symbol and AAMI_LABELS[one.symbol] == was]
        if not beats:
            raise ReviewError("there is no beat {label} in that time", label=was)
        return self._add_beats(found, beats, ActKind.LABEL, symbol)

    def judge(self, alarm: str, verdict: str, reason: str) -> Act:
        """Say whether an alarm was true.

        Args:
            alarm: identity of the alert.
            verdict: one of `VERDICTS`.
            reason: why; a false alarm needs one.
        """
        if verdict not in VERDICTS:
            raise ReviewError("a verdict is one of {known}", known=" ".join(VERDICTS))
        reason = plain(reason)
        if verdict == "false" and not reason:
            raise ReviewError("say why the alarm is false")
        alarms = overview(self.root, self.device, self.since, self.until).alarms
        one = next((one for one in alarms if one.id == alarm), None)
        if one is None:
            raise ReviewError(_NOT_KEPT)
        said = [act for act in self._acts() if act.what is ActKind.VERDICT and act.alarm == alarm]
        before = said[-1].value if said else ""
        return self._add(
            Act(ActKind.VERDICT, self.device, "", (), one.at, one.until or one.at, self.by,
                self.now(), verdict, reason, alarm, before=before)
        )  # fmt: skip

    def mark(self, start: float, end: float, rhythm: str, text: str) -> Act:
        """Name the rhythm of an interval, Unix s, or write a note about it.

        Args:
            start: Unix time, s.
            end: Unix time, s.
            rhythm: one of `RHYTHMS`, or empty for a note alone.
            text: the note; empty where the rhythm says it all.
        """
        self._check(start, end)
        text = plain(text)
        if rhythm and rhythm not in RHYTHMS:
            raise ReviewError("a rhythm is one of {known}", known=" ".join(RHYTHMS))
        if not rhythm and not text:
            raise ReviewError("name a rhythm or write a note")
        found = self._read(start, min(end, start + _AROUND_S))
        fs, zero = found.interval.recording.fs, found.interval.start
        first = max(0, round((start - zero) * fs))
        origin = found.interval.origin(first)
        if origin is None:
            raise ReviewError(_NOT_KEPT)
        boot, n = origin
        last = n + max(1, round((end - max(start, zero)) * fs))
        known = [one.aux for one in found.rhythms if one.sample <= first]
        return self._add(
            Act(
                ActKind.RHYTHM if rhythm else ActKind.NOTE,
                self.device, boot, (n, last), start, end,
                self.by, self.now(), rhythm, text, before=known[-1] if known and rhythm else "",
            )
        )  # fmt: skip

    def undo(self) -> Act:
        """Undo what the reviewer did last; what others did stays."""
        return self._turn(to_undo(self._acts(), self.by), ActKind.UNDO, "you have nothing to undo")

    def redo(self) -> Act:
        """Do again what the reviewer undid last."""
        return self._turn(to_redo(self._acts(), self.by), ActKind.REDO, "you have nothing to redo")

    def _turn(self, act: Act | None, what: ActKind, nothing: str) -> Act:
        if act is None:
            raise ReviewError(nothing)
        return self._add(
            replace(act, what=what, by=self.by, at=self.now(), samples=(), text="", id=0,
                    target=act.id, before=str(act.what))
        )  # fmt: skip

    def _beats(self, times: Sequence[float]) -> tuple[ReviewedInterval, list[ReviewedBeat]]:
        if not 0 < len(times) <= MOST_BEATS or not all(map(math.isfinite, times)):
            raise ReviewError("an act is about 1 to {most} beats", most=MOST_BEATS)
        first, last = min(times), max(times)
        self._check(first, last + 1e-3)
        found = self._read(first - _AROUND_S, last + _AROUND_S)
        fs, zero = found.interval.recording.fs, found.interval.start
        samples = np.array([one.sample for one in found.beats], np.float64)
        wanted = (np.array(times) - zero) * fs
        beats = []
        for at in wanted.tolist():
            place = int(np.argmin(np.abs(samples - at))) if len(samples) else -1
            if place < 0 or abs(samples[place] - at) > NEAR_S * fs:
                raise ReviewError("there is no beat at that time, or no longer")
            beats.append(found.beats[place])
        return found, list(dict.fromkeys(beats))

    def _check(self, start: float, end: float) -> None:
        if not (math.isfinite(start) and math.isfinite(end)) or start >= end:
            raise ReviewError("an interval must end after its start")
        if end - start > LONGEST_INTERVAL_S:
            raise ReviewError("an interval lasts a day at most")
        if start < self.since or end > self.until:
            raise ReviewError("that time is not of this patient's stay")

    def _read(self, start: float, end: float) -> ReviewedInterval:
        start, end = max(start, self.since), min(end, self.until)
        if start >= end:
            raise ReviewError(_NOT_KEPT)
        try:
            return read_reviewed(self.root, self.device, start, end)
        except NothingRecordedError as error:
            raise ReviewError(_NOT_KEPT) from error

    def _acts(self) -> list[Act]:
        book = ReviewBook.open(self.root)
        try:
            return book.acts(self.device, self.since, self.until)
        finally:
            book.close()

    def _add_beats(
        self, found: ReviewedInterval, beats: Sequence[ReviewedBeat], what: ActKind, value: str
    ) -> list[Act]:
        fs, zero = found.interval.recording.fs, found.interval.start
        by_boot: dict[str, list[tuple[int, ReviewedBeat]]] = {}
        for beat in beats:
            origin = found.interval.origin(beat.sample)
            if origin is None:
                raise ReviewError(_NOT_KEPT)
            by_boot.setdefault(origin[0], []).append((origin[1], beat))
        acts = []
        for boot, members in by_boot.items():
            some = [beat for _, beat in members]
            times = [zero + beat.sample / fs for beat in some]
            before = "" if what is ActKind.INSERT else _summary([beat.symbol for beat in some])
            samples = tuple(n for n, _ in members)
            acts.append(
                self._add(
                    Act(what, self.device, boot, samples, min(times), max(times), self.by,
                        self.now(), value, before=before)
                )
            )  # fmt: skip
        return acts

    def _add(self, act: Act) -> Act:
        book = ReviewBook.open(self.root, make=True)
        try:
            return book.add(act)
        finally:
            book.close()


def _summary(symbols: Sequence[str]) -> str:
    """Return what beats were called: ``N``, or ``N 12, S 3``; a beat that was deleted is ``-``."""
    counts = Counter(symbol or "-" for symbol in symbols)
    if len(symbols) == 1:
        return next(iter(counts))
    return ", ".join(f"{symbol} {count}" for symbol, count in sorted(counts.items()))


def _peak(found: ReviewedInterval, at: int) -> int:
    """Return the sample near one that is furthest from the voltage around it, over all leads."""
    recording = found.interval.recording
    fs = recording.fs
    first, last = max(0, at - round(0.3 * fs)), min(recording.n_samples, at + round(0.3 * fs))
    low, high = max(0, at - round(SNAP_S * fs)), min(recording.n_samples, at + round(SNAP_S * fs))
    if low >= high:
        raise ReviewError(_NOT_KEPT)
    best, height = -1, -1.0
    for i, row in enumerate(recording.samples):
        around = row[first:last][row[first:last] != INVALID_SAMPLE]
        if not len(around):
            continue
        off = np.abs(row[low:high].astype(np.float64) - np.median(around)) / recording.gain[i]
        off[row[low:high] == INVALID_SAMPLE] = -1.0
        place = int(np.argmax(off))
        if off[place] > height:
            best, height = low + place, float(off[place])
    if best < 0:
        raise ReviewError("there is no signal at that time")
    return best
