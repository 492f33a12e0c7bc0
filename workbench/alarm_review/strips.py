"""Draws the signal around an alarm as SVG: found beats above each lead, the annotator's below.

25 mm are a second, 10 mm a millivolt, as on paper, where a large square is 0.2 s and 0.5 mV.
Colours come from the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from ecg_monitor.records import AAMI_LABELS, Recording

BEFORE_S = 3.0
LEAST_S = 10.0
AFTER_S = 2.0
MOST_S = 40.0
SECOND = 100.0
"""Units of the drawing per second; a large square of 0.2 s has 20."""
MILLIVOLT = 40.0
HIGHEST_MV, LOWEST_MV = 2.5, -1.5
"""Height above and depth below its median, mV, at which a lead is cut off."""
_LINE = 15.0
_LEAD = (HIGHEST_MV - LOWEST_MV) * MILLIVOLT


def strip_svg(
    recording: Recording, beats: Sequence[tuple[float, str]], onset_s: float, decided_s: float
) -> str:
    """Return the strip of an alarm.

    Args:
        recording: with reference beats.
        beats: found beats: time in s, label.
        onset_s: time of the alarm's onset; a line marks it.
        decided_s: time of the decision; another line.
    """
    start = max(0.0, onset_s - BEFORE_S)
    lasting = min(MOST_S, max(LEAST_S, decided_s + AFTER_S - start))
    end = min(recording.duration_s, start + lasting)
    width, height = (end - start) * SECOND, len(recording.leads) * _LEAD + 2 * _LINE
    parts = [
        f'<svg role="img" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}">',
        f"<title>{escape(recording.name)}, {start:.1f} to {end:.1f} s</title>",
        _grid(width, height),
        _moment("onset", (onset_s - start) * SECOND, height),
        _moment("decided", (decided_s - start) * SECOND, height),
        *_marks(((at - start, label) for at, label in beats if start <= at < end), 12.0, "found"),
        *_marks(_reference(recording, start, end), height - 4.0, "reference"),
    ]
    for row, lead in enumerate(recording.leads):
        top = _LINE + row * _LEAD
        parts.append(f'<path class="trace" d="{_trace(recording, row, start, end, top)}"/>')
        parts.append(f'<text class="lead" x="4" y="{top + 16:g}">{escape(lead)}</text>')
    return "".join([*parts, "</svg>"])


def _moment(name: str, x: float, height: float) -> str:
    return f'<line class="{name}" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height:g}"/>'


def _grid(width: float, height: float) -> str:
    square = SECOND / 5
    across = "".join(f"M{x * square:g} 0v{height:g}" for x in range(int(width / square) + 1))
    down = "".join(f"M0 {y * square:g}h{width:g}" for y in range(int(height / square) + 1))
    return f'<path class="grid" d="{across}{down}"/>'


def _marks(beats: Iterable[tuple[float, str]], y: float, style: str) -> Iterator[str]:
    for at, label in beats:
        kind = " ectopic" if label in "VESAaJF!" else ""
        yield (
            f'<text class="beat {style}{kind}" x="{at * SECOND:.1f}" y="{y:g}">'
            f"{escape(label)}</text>"
        )


def _reference(recording: Recording, start: float, end: float) -> Iterator[tuple[float, str]]:
    fs = recording.fs
    for beat in recording.beats_between(round(start * fs), round(end * fs)):
        if beat.symbol in AAMI_LABELS:
            yield beat.sample / fs - start, beat.symbol


def _trace(recording: Recording, row: int, start: float, end: float, top: float) -> str:
    """Return path data of a lead, in tenths of a unit so that a strip stays small."""
    fs = recording.fs
    first, last = round(start * fs), round(end * fs)
    values = recording.samples[row, first:last] / recording.gain[row]
    centred = np.clip(values - np.median(values), LOWEST_MV, HIGHEST_MV)
    y = np.rint(10 * (top + (HIGHEST_MV - centred) * MILLIVOLT)).astype(np.int64)
    x = np.rint(10 * np.arange(len(y)) / fs * SECOND).astype(np.int64)
    return f"M{_tenths(x[:1])} {_tenths(y[:1])}l" + " ".join(
        f"{_tenth(dx)} {_tenth(dy)}"
        for dx, dy in zip(np.diff(x).tolist(), np.diff(y).tolist(), strict=True)
    )


def _tenths(values: npt.NDArray[np.int64]) -> str:
    return _tenth(int(values[0]))


def _tenth(value: int) -> str:
    return f"{value / 10:g}"
