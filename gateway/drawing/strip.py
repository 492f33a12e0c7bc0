"""ECG strips to scale: 25 mm/s and 10 mm/mV on millimetre paper. Pure but for the sheet.

A strip is a box with one band for each lead. What the band cannot hold is cut at its edge, and the
scale stays: a strip may be measured with a ruler. Where a lead has no value there is no line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecg_monitor.records.recording import BeatMark, Recording
from gateway.drawing.sheet import (
    ALARM,
    GREY,
    GRID_COARSE,
    GRID_FINE,
    INK,
    TRACE,
    Floats,
    Sheet,
)

MM_PER_S = 25.0
MM_PER_MV = 10.0
"""The usual speed and gain of electrocardiographs (IEC 60601-2-25)."""
SCALE = "25 mm/s · 10 mm/mV"
HEAD_MM = 6.0
"""Height above the bands for beats and alarms, mm."""
LEAST_BAND_MM, LARGEST_BAND_MM = 15.0, 60.0
_QUIET = "N"
_PULSE_MM = 5.0
"""Width of the calibration pulse of 1 mV, mm."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a strip that has a name, such as an alarm.

    Attributes:
        start_s: where it begins, s from sample 0 of the recording.
        end_s: where it ends.
        name: what it is called.
    """

    start_s: float
    end_s: float
    name: str


def band_mm(recording: Recording, lead: int, first: int, last: int) -> float:
    """Return the height that a lead needs to be shown whole, whole boxes of 5 mm.

    Args:
        recording: the signals.
        lead: row of the lead.
        first: first sample that is shown.
        last: one past the last.
    """
    values = millivolts(recording, lead, first, last)
    good = values[np.isfinite(values)]
    if not good.size:
        return LEAST_BAND_MM
    low, high = np.percentile(good, (0.02, 99.98))
    need = MM_PER_MV * float(high - low) + 4.0
    return float(np.clip(5.0 * np.ceil(need / 5.0), LEAST_BAND_MM, LARGEST_BAND_MM))


def millivolts(recording: Recording, lead: int, first: int, last: int) -> Floats:
    """Return samples of a lead in mV, shape (last - first,); NaN where there is no value."""
    raw = recording.samples[lead, first:last].astype(np.float64)
    values: Floats = (raw - recording.baseline[lead]) / recording.gain[lead]
    for row, start, end in recording.invalid:
        if row == lead and start < last and end > first:
            values[max(0, start - first) : max(0, end - first)] = np.nan
    return values


def draw_strip(
    sheet: Sheet,
    x: float,
    y: float,
    recording: Recording,
    *,
    first: int,
    last: int,
    width: float,
    bands: Sequence[float],
    spans: Sequence[Span] = (),
    leads: Sequence[int] | None = None,
) -> float:
    """Draw samples ``first`` .. ``last`` of some leads, one below the other.

    Args:
        sheet: what to draw on.
        x: left edge of the box, mm.
        y: upper edge, mm.
        recording: signals and beats.
        first: first sample; it lies at the left edge.
        last: one past the last sample.
        width: of the box, mm; what would reach past it is not drawn.
        bands: height of each lead's band, mm.
        spans: what is named above the traces.
        leads: rows to draw; None: all.

    Returns:
        height that was used, mm.
    """
    rows = range(len(recording.leads)) if leads is None else leads
    height = float(sum(bands))
    top = y + HEAD_MM
    grid(sheet, x, top, width, height)
    sheet.clip(x, top, width, height)
    at = top
    for lead, band in zip(rows, bands, strict=True):
        _trace(sheet, x, at, band, millivolts(recording, lead, first, last), recording.fs)
        at += band
    sheet.unclip()
    at = top
    for lead, band in zip(rows, bands, strict=True):
        sheet.text(x + 1, at + 3.2, recording.leads[lead], size=7.5, bold=True, colour=INK)
        at += band
    _beats(sheet, x, y, width, recording, first, last)
    free = x
    for span in sorted(spans, key=lambda one: one.start_s):
        free = _span(sheet, x, y, width, first / recording.fs, span, free)
    return HEAD_MM + height


def grid(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    """Draw millimetre paper; every fifth line is darker."""
    sheet.box(x, y, width, height, fill="#fffdfc")
    for step, thick, colour in ((1.0, 0.08, GRID_FINE), (5.0, 0.14, GRID_COARSE)):
        across = np.arange(0.0, width + 1e-6, step) + x
        down = np.arange(0.0, height + 1e-6, step) + y
        vertical = np.stack(
            [across, np.full_like(across, y), across, np.full_like(across, y + height)], 1
        )
        level = np.stack([np.full_like(down, x), down, np.full_like(down, x + width), down], 1)
        sheet.segments(np.concatenate([vertical, level]), width=thick, colour=colour)


def calibration(sheet: Sheet, x: float, y: float) -> None:
    """Draw a pulse of 1 mV, `_PULSE_MM` wide, from its foot on the left at (x, y), mm."""
    edges = [0.0, 1.0, 1.0, 1.0 + _PULSE_MM, 1.0 + _PULSE_MM, 2.0 + _PULSE_MM]
    steps: Floats = np.array(edges)
    sheet.line(x + steps, y - MM_PER_MV * np.array([0.0, 0, 1, 1, 0, 0]), width=0.3, colour=TRACE)


def _trace(sheet: Sheet, x: float, y: float, band: float, values: Floats, fs: float) -> None:
    """Draw one lead; its middle lies in the middle of the band, on a line of the grid."""
    good = np.isfinite(values)
    if not good.any():
        return
    low, high = np.percentile(values[good], (0.02, 99.98))
    usual = float(np.median(values[good]))
    # The baseline is kept on the paper even where single deflections are not.
    middle = float(
        np.clip((low + high) / 2, usual - 0.4 * band / MM_PER_MV, usual + 0.4 * band / MM_PER_MV)
    )
    ys: Floats = y + band / 2 - MM_PER_MV * (values - middle)
    xs: Floats = x + MM_PER_S * np.arange(values.size, dtype=np.float64) / fs
    for start, end in _runs(good):
        sheet.line(xs[start:end], ys[start:end], width=0.25, colour=TRACE)


def _runs(good: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _beats(
    sheet: Sheet, x: float, y: float, width: float, recording: Recording, first: int, last: int
) -> None:
    """Mark the beats above the traces: N by a tick, others by their letter."""
    shown = beats_between(recording.beats, first, last)
    for beat in shown:
        at = x + MM_PER_S * (beat.sample - first) / recording.fs
        if at > x + width:
            break
        if beat.symbol == _QUIET:
            sheet.line(np.array([at, at]), np.array([y + 4.2, y + 5.5]), width=0.2, colour=GREY)
        else:
            sheet.text(at, y + 5.5, beat.symbol, size=7, align="centre", bold=True, colour=ALARM)


def beats_between(beats: Sequence[BeatMark], first: int, last: int) -> list[BeatMark]:
    """Return the beats of samples ``first`` .. ``last`` (exclusive)."""
    return [beat for beat in beats if first <= beat.sample < last]


def _span(
    sheet: Sheet, x: float, y: float, width: float, begin_s: float, span: Span, free: float
) -> float:
    """Draw a named stretch; return where the next name may begin, mm."""
    left = x + MM_PER_S * (span.start_s - begin_s)
    right = x + MM_PER_S * (span.end_s - begin_s)
    if right <= x or left >= x + width:
        return free
    left, right = max(left, x), min(right, x + width)
    sheet.line(np.array([left, right]), np.array([y + 2.6, y + 2.6]), width=0.5, colour=ALARM)
    at = max(left, free)
    needs = sheet.text_width(span.name, size=6.5)
    if at + needs > x + width and free < x + width - needs:
        at = x + width - needs
    if at + needs <= x + width:
        sheet.text(at, y + 1.9, span.name, size=6.5, colour=ALARM)
        return at + needs + 3.0
    return free
