"""Judges the waves of each beat by its neighbours: what one beat's noise hid, the others show.

A lone beat cannot tell a low P wave from a wave of fibrillation. A series of beats can: a P wave
keeps its distance from the QRS complex and its shape from beat to beat, as an average of beats
shows it (Simson, Circulation 64:235-242, 1981) and as `detector.delineation.p_wave` asks of
averages live; fibrillation's waves do neither. Flutter's waves keep both where conduction is
steady, but the wave ahead of the QRS complex is then not alone: a like one precedes it by a fifth
to a quarter of a second. Where three leads or more are there, a third of them must show P waves,
and then the others have them at the same time, however low.

Constants were chosen on the odd records of the Lobachevsky University Database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.delineation.waves import NEXT_BEAT, P_OFF, P_ON, P_PEAK, QRS_ON, T_OFF, T_PEAK
from detector.engine.state import STRIP, STRIP_BEFORE

Floats = npt.NDArray[np.float64]

FEWEST = 3
"""A series of fewer beats is left as it is."""
BLOCK = 16
"""A longer series is judged in parts of at most so many beats, about as long as ten seconds."""
MARGIN = 3
"""Samples on either side of the usual P wave that are compared too."""
NEAR = 8
"""A P wave is the usual one if its peak lies within so many samples (32 ms) of the usual place."""
SHIFT = 6
"""The usual P wave is looked for within so many samples (24 ms) of its place."""
STEADY = 2
"""It counts as being at its place within so many samples (8 ms): in every second beat something is
alike to within `SHIFT` where fibrillation is fine and steady."""
SHOWN = 0.4
"""Part of the beats in which a lead must show a wave at the usual place."""
BELIEVED = 0.6
"""Part of the beats in which something like the usual P wave must lie at its place."""
T_SHOWN = 0.5
"""Part of the beats in which a lead must show a T wave for the others to be given it."""
ALIKE, ALIKE_ELSEWHERE = 0.8, 0.6
"""Correlation with the usual P wave at its place; elsewhere, where a wave was found already."""
LOWEST, HIGHEST = 0.4, 2.5
"""Height as a part of the usual P wave's, at least and at most."""
IRREGULAR = 0.1
"""Standard deviation of the RR intervals as a part of their mean from which flutter is considered:
at a steady rate the T wave of the beat before precedes the P wave as constantly."""
FLUTTER = (45, 66)
"""A wave of flutter follows the last one after so many samples (180 to 264 ms, 227 to 333/min)."""
LAGS = range(35, 86)
"""The most alike wave ahead of the usual P wave is looked for at these distances in samples."""
FLUTTER_ALIKE, FLUTTER_LOWEST = 0.85, 0.45
OF_LEADS = 1 / 3
"""Part of the leads that must show P waves if there are `MANY` or more."""
MANY = 3
P_STRAYS, T_STRAYS = 10.0, 25.0
"""A lead's P peak, or T end, this many samples (40, 100 ms) from the leads' median gives way."""


@dataclass(frozen=True, slots=True)
class UsualWave:
    """The P wave that the beats of one lead have in common.

    Attributes:
        marks: its onset, peak and end, samples of the strips, shape (3,).
        first: first sample of its shape.
        shape: the median of the beats without the line through its ends, mV.
    """

    marks: Floats
    first: int
    shape: Floats


def settle(peaks: npt.NDArray[np.int64], strips: npt.NDArray[np.floating], marks: Floats) -> Floats:
    """Judge the P and T waves of successive beats by one another.

    Args:
        peaks: R peaks, samples at 250 Hz, shape (n,).
        strips: the beats' strips, mV, shape (n, leads, STRIP).
        marks: what `detector.delineation.waves.delineate` found in each, samples of the strip, nan:
            none, shape (n, leads, 8).

    Returns:
        the marks with P waves taken out that the other beats do not support, and P and T waves put
        in that they do, shape (n, leads, 8). QRS complexes are as they were.
    """
    settled = marks.copy()
    n = len(peaks)
    for part in np.array_split(np.arange(n), -(-n // BLOCK)) if n else ():
        if len(part) >= FEWEST:
            rows = slice(int(part[0]), int(part[-1]) + 1)
            _settle_part(peaks[rows], strips[rows], settled[rows])
    return settled


def _settle_part(
    peaks: npt.NDArray[np.int64], strips: npt.NDArray[np.floating], marks: Floats
) -> None:
    room = np.append(np.diff(peaks), STRIP) - NEXT_BEAT + STRIP_BEFORE
    for lead in range(marks.shape[1]):
        _settle_p(peaks, strips[:, lead].astype(np.float64), marks[:, lead])
        _fill_t(marks[:, lead], room)
    if marks.shape[1] >= MANY:
        _agree(marks)


def _settle_p(peaks: npt.NDArray[np.int64], strips: Floats, marks: Floats) -> None:
    """Keep, move, add and drop the P waves of one lead."""
    usual = _usual(strips, marks)
    if usual is None:
        marks[:, P_ON : P_OFF + 1] = np.nan
        return
    alike, shifts = _search(strips, usual, SHIFT)
    if _search(strips, usual, STEADY)[0].mean() < BELIEVED or _is_flutter(peaks, strips, usual):
        marks[:, P_ON : P_OFF + 1] = np.nan
        return
    for i, mark in enumerate(marks):
        found = not np.isnan(mark[P_PEAK])
        away = round(mark[P_PEAK] - usual.marks[1]) if found else 0
        if found and abs(mark[P_PEAK] - usual.marks[1]) <= NEAR:
            continue
        if alike[i] and usual.marks[2] + shifts[i] <= mark[QRS_ON] + SHIFT:
            mark[P_ON : P_OFF + 1] = usual.marks + shifts[i]
        elif found and not _is_alike(strips[i : i + 1], usual, away, ALIKE_ELSEWHERE)[0]:
            mark[P_ON : P_OFF + 1] = np.nan


def _usual(strips: Floats, marks: Floats) -> UsualWave | None:
    """Return the P wave that most beats of a lead show at the same place, or None."""
    least = max(2.0, SHOWN * len(marks))
    found = np.flatnonzero(~np.isnan(marks[:, P_PEAK]))
    if len(found) < least:
        return None
    middle = np.median(marks[found, P_ON : P_OFF + 1], axis=0)
    first, end = round(middle[0]) - MARGIN, round(middle[2]) + MARGIN + 1
    parts = []
    for i in found:
        away = round(marks[i, P_PEAK] - middle[1])
        if abs(marks[i, P_PEAK] - middle[1]) <= NEAR and first + away >= 0:
            parts.append(strips[i, first + away : end + away])
    if len(parts) < least:
        return None
    return UsualWave(middle, first, np.median(_without_line(np.array(parts)), axis=0))


def _without_line(parts: Floats) -> Floats:
    """Return parts of a signal without the straight lines through their ends, shape (n, width)."""
    way = np.linspace(0.0, 1.0, parts.shape[1])
    return parts - parts[:, :1] * (1.0 - way) - parts[:, -1:] * way


def _compare(strips: Floats, usual: UsualWave, shift: int) -> tuple[Floats, Floats]:
    """Return correlation with the usual P wave moved by ``shift``, and height as a part of it.

    Both are 0 where the strips do not reach so far; shapes (n,).
    """
    first, end = usual.first + shift, usual.first + shift + len(usual.shape)
    energy = float(usual.shape @ usual.shape)
    if first < 0 or end > strips.shape[1] or energy == 0.0:
        return np.zeros(len(strips)), np.zeros(len(strips))
    parts = _without_line(strips[:, first:end])
    both, own = parts @ usual.shape, (parts * parts).sum(axis=1)
    correlation = np.divide(both, np.sqrt(own * energy), out=np.zeros_like(both), where=own > 0)
    return correlation, both / energy


def _is_alike(strips: Floats, usual: UsualWave, shift: int, least: float) -> npt.NDArray[np.bool_]:
    correlation, height = _compare(strips, usual, shift)
    return (correlation >= least) & (height > LOWEST) & (height < HIGHEST)


def _search(
    strips: Floats, usual: UsualWave, most: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Look for the usual P wave up to ``most`` samples from its place.

    Returns:
        whether it is there, and how many samples later it lies, shapes (n,).
    """
    shifts = np.arange(-most, most + 1)
    correlations = np.array([_compare(strips, usual, int(shift))[0] for shift in shifts])
    best = shifts[correlations.argmax(axis=0)]
    alike = np.array(
        [_is_alike(strips[i : i + 1], usual, int(shift), ALIKE)[0] for i, shift in enumerate(best)]
    )
    return alike, best


def _is_flutter(peaks: npt.NDArray[np.int64], strips: Floats, usual: UsualWave) -> bool:
    """Tell whether the usual P wave follows a like one, as the waves of flutter do."""
    rr = np.diff(peaks)
    if rr.std() < IRREGULAR * rr.mean():
        return False
    top = height = 0.0
    where = 0
    for lag in LAGS:
        alike, heights = (float(np.median(one)) for one in _compare(strips, usual, -lag))
        if alike > top:
            top, height, where = alike, heights, lag
    at_its_rate = FLUTTER[0] <= where <= FLUTTER[1]
    return at_its_rate and top >= FLUTTER_ALIKE and FLUTTER_LOWEST <= height <= 1 / FLUTTER_LOWEST


def _fill_t(marks: Floats, room: npt.NDArray[np.int64]) -> None:
    """Put the usual T wave of a lead into beats that show none, if the next beat leaves room.

    Args:
        marks: of one lead, shape (n, 8).
        room: last sample of each strip at which its T wave can end, shape (n,).
    """
    found = ~np.isnan(marks[:, T_OFF])
    if found.sum() < max(2.0, T_SHOWN * len(marks)):
        return
    usual = np.median(marks[found, T_PEAK : T_OFF + 1], axis=0)
    lacking = ~found & ~np.isnan(marks[:, QRS_ON]) & (usual[1] < room)
    marks[lacking, T_PEAK : T_OFF + 1] = usual


def _agree(marks: Floats) -> None:
    """Let the leads of each beat agree whether, and about when, there is a P wave and a T wave."""
    least = max(2.0, OF_LEADS * marks.shape[1])
    shown = ~np.isnan(marks[:, :, P_PEAK])
    if shown.any(axis=0).sum() < least:
        marks[:, :, P_ON : P_OFF + 1] = np.nan
    for whole in marks:
        there = ~np.isnan(whole[:, QRS_ON])  # not a lead that is off, or has a hole
        beat = whole[there]
        if not _agree_on(beat, (P_ON, P_PEAK, P_OFF), P_PEAK, least, P_STRAYS):
            beat[:, P_ON : P_OFF + 1] = np.nan
        _agree_on(beat, (T_PEAK, T_OFF), T_OFF, least, T_STRAYS)
        whole[there] = beat


def _agree_on(beat: Floats, wave: Sequence[int], by: int, least: float, strays: float) -> bool:
    """Give the leads that lack a wave, or stray, the median of the others.

    Args:
        beat: marks of its leads, shape (leads, 8).
        wave: which marks belong to the wave.
        by: the one that is compared.
        least: so many leads must show it.
        strays: samples from the median by which a lead may differ.

    Returns:
        whether enough leads show it.
    """
    shown = ~np.isnan(beat[:, by])
    if shown.sum() < least:
        return False
    middle = np.median(beat[shown][:, list(wave)], axis=0)
    others = ~shown
    others[shown] = abs(beat[shown, by] - middle[list(wave).index(by)]) > strays
    for mark, value in zip(wave, middle, strict=True):
        beat[others, mark] = value
    return True
