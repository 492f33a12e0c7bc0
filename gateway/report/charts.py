"""The chart of a report: heart rate and ectopic beats over the whole interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from gateway.drawing.bidi import has_rtl
from gateway.drawing.sheet import ALARM, GREY, TRACE, Sheet
from gateway.report.beats import Beats

_BINS = 360
"""Most points of a chart: two in each millimetre."""
_STEPS_S = (5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600)
_MOST_TICKS = 9
_BAND = "#c7d7ee"
_S_COLOUR = "#2563a8"
_RULE = "#e3e6ea"
_BARS_MM = 12.0
_LEAST_BIN_S = 5.0


def draw_trend(
    sheet: Sheet,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    duration_s: float,
    trend: Sequence[tuple[float, float]],
    beats: Beats,
    label: Callable[[float], str],
    bars: str,
) -> None:
    """Draw the chart; time goes from left to right in every language.

    Args:
        sheet: what to draw on.
        x: left edge, mm.
        y: upper edge, mm.
        width: with the numbers of the axis, mm.
        height: with the times, mm.
        duration_s: length of the interval.
        trend: (s, bpm) where the rate is known.
        beats: whose ectopic ones are counted below.
        label: names a time of the axis.
        bars: what the bars count.
    """
    left, right = x + 9.0, x + width
    top, bottom = y, y + height - 5.0 - _BARS_MM - 4.0
    low, high = _limits([bpm for _, bpm in trend])

    def level(bpm: float) -> float:
        return bottom - (bpm - low) / (high - low) * (bottom - top)

    def place(at_s: float) -> float:
        return left + at_s / duration_s * (right - left)

    step = 20 if high - low <= 120 else 50
    for bpm in range(int(low), int(high) + 1, step):
        sheet.line(np.array([left, right]), np.array([level(bpm)] * 2), width=0.15, colour=_RULE)
        sheet.text(left - 1.2, level(bpm) + 0.9, str(bpm), size=6.5, align="right", colour=GREY)
    size_s = max(duration_s / _BINS, _LEAST_BIN_S)
    _rates(sheet, trend, size_s, level, place)
    _bars(sheet, beats, duration_s, place, bottom + 4.0, right)
    sheet.text(left, bottom + 3.4, bars, size=6.5, colour=GREY, rtl=has_rtl(bars))
    foot = bottom + 4.0 + _BARS_MM
    sheet.line(np.array([left, right]), np.array([foot, foot]), width=0.2, colour=GREY)
    _times(sheet, duration_s, label, place, foot)


def _limits(rates: Sequence[float]) -> tuple[float, float]:
    if not rates:
        return 40.0, 120.0
    low, high = 20.0 * math.floor(min(rates) / 20), 20.0 * math.ceil(max(rates) / 20)
    high = max(high, 40.0)  # few beats in a row may be at any rate
    return max(0.0, min(low, high - 40.0)), high


def _rates(
    sheet: Sheet,
    trend: Sequence[tuple[float, float]],
    size_s: float,
    level: Callable[[float], float],
    place: Callable[[float], float],
) -> None:
    """Draw a band from the lowest to the highest rate of each bin, and their means."""
    bins: dict[int, list[float]] = {}
    for at, bpm in trend:
        bins.setdefault(int(at // size_s), []).append(bpm)
    row: list[tuple[float, float]] = []
    for i in sorted(bins):
        rates = bins[i]
        start, end = place(i * size_s), place((i + 1) * size_s)
        tall = max(0.2, level(min(rates)) - level(max(rates)))
        sheet.box(start, level(max(rates)), end - start, tall, fill=_BAND)
    for i in sorted(bins):
        if row and i - 1 not in bins:
            _join(sheet, row)
            row = []
        row.append((place((i + 0.5) * size_s), level(sum(bins[i]) / len(bins[i]))))
    _join(sheet, row)


def _join(sheet: Sheet, row: list[tuple[float, float]]) -> None:
    if len(row) > 1:
        xs, ys = np.array(row).T
        sheet.line(xs, ys, width=0.3, colour=TRACE)


def _bars(
    sheet: Sheet,
    beats: Beats,
    duration_s: float,
    place: Callable[[float], float],
    top: float,
    right: float,
) -> None:
    size_s = max(60.0, duration_s / _BINS)
    counts: dict[str, dict[int, int]] = {"V": {}, "S": {}}
    for at, label in zip(beats.times, beats.labels, strict=True):
        if label in counts:
            i = int(at // size_s)
            counts[label][i] = counts[label].get(i, 0) + 1
    most = max((n for one in counts.values() for n in one.values()), default=0)
    foot = top + _BARS_MM
    for half, (label, colour) in enumerate((("V", ALARM), ("S", _S_COLOUR))):
        sheet.text(right + 1, top + 4 + 4 * half, label, size=7, bold=True, colour=colour)
        for i, n in counts[label].items():
            start, end = place(i * size_s), place(min((i + 1) * size_s, duration_s))
            middle = (start + end) / 2
            tall = n / most * (_BARS_MM - 1)
            left = start if half == 0 else middle
            sheet.box(left, foot - tall, max(0.1, (end - start) / 2), tall, fill=colour)
    if most:
        per_minute = most * 60.0 / size_s
        text = f"{per_minute:.0f}" if per_minute >= 1 else f"{per_minute:.1f}"
        sheet.text(place(0) - 1.2, top + 2.5, text, size=6.5, align="right", colour=GREY)


def _times(
    sheet: Sheet,
    duration_s: float,
    label: Callable[[float], str],
    place: Callable[[float], float],
    foot: float,
) -> None:
    step = next((s for s in _STEPS_S if duration_s / s <= _MOST_TICKS), _STEPS_S[-1])
    at = 0.0
    while at <= duration_s:
        x = place(at)
        sheet.line(np.array([x, x]), np.array([foot, foot + 1]), width=0.2, colour=GREY)
        sheet.text(x, foot + 4, label(at), size=6.5, align="centre", colour=GREY)
        at += step
