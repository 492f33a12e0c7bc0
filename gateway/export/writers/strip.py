"""Strips of the whole interval to scale, 10 s a row, as PDF, SVG or PNG.

25 mm/s and 10 mm/mV on paper. A PDF has as many pages as it needs, a
picture is as high as it needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import ecg_monitor
from ecg_monitor.core.settings import load
from ecg_monitor.ward.alarms.catalogue import KINDS
from gateway.drawing.fonts import find_font
from gateway.drawing.sheet import GREY, Picture, Sheet
from gateway.drawing.strip import (
    HEAD_MM,
    MM_PER_S,
    SCALE,
    Span,
    band_mm,
    calibration,
    draw_strip,
)
from gateway.export.excerpt import Excerpt
from gateway.export.formats import Progress

ROW_S = 10.0
PAPER = 297.0, 210.0
"""A4 lying, mm."""
_LEFT, _TOP, _BOTTOM = 30.0, 20.0, 12.0
"""Margins, mm; the left one holds the time of each row and the calibration pulse."""
_BETWEEN = 3.0
"""Space between rows, mm."""


def write_pdf(excerpt: Excerpt, path: Path, progress: Progress) -> None:
    """Draw an excerpt on lying A4, as many pages as it needs.

    Args:
        excerpt: what to draw.
        path: the file.
        progress: told the share that is done.
    """
    from gateway.drawing.pdf import PdfSheet  # noqa: PLC0415

    title = title_of(excerpt)
    heights = _bands(excerpt, PAPER[1] - _TOP - _BOTTOM)
    row_mm, n_rows = _rows(excerpt, heights)
    per_page = max(1, int((PAPER[1] - _TOP - _BOTTOM) // row_mm))
    paper = PdfSheet(path, find_font(load().fonts), title=title, size=PAPER)
    for row in range(n_rows):
        if row and row % per_page == 0:
            paper.new_page()
        if row % per_page == 0:
            _frame(paper, excerpt, title, PAPER, f"{paper.page}/{-(-n_rows // per_page)}")
        _row(paper, excerpt, row, _TOP + (row % per_page) * row_mm, heights)
        progress((row + 1) / n_rows)
    paper.save()


def write_svg(excerpt: Excerpt, path: Path, progress: Progress) -> None:
    """Draw an excerpt as one SVG picture; arguments as of `write_pdf`."""
    from gateway.drawing.svg import SvgSheet  # noqa: PLC0415

    def sheet(size: tuple[float, float]) -> Picture:
        return SvgSheet(path, title=title_of(excerpt), size=size)

    _write_picture(excerpt, sheet, progress)


def write_png(excerpt: Excerpt, path: Path, progress: Progress) -> None:
    """Draw an excerpt as one PNG picture; arguments as of `write_pdf`."""
    from gateway.drawing.png import PngSheet  # noqa: PLC0415

    def sheet(size: tuple[float, float]) -> Picture:
        return PngSheet(path, find_font(load().fonts), size=size)

    _write_picture(excerpt, sheet, progress)


def _write_picture(
    excerpt: Excerpt, sheet: Callable[[tuple[float, float]], Picture], progress: Progress
) -> None:
    heights = _bands(excerpt, PAPER[1] - _TOP - _BOTTOM)
    row_mm, n_rows = _rows(excerpt, heights)
    size = PAPER[0], _TOP + n_rows * row_mm + _BOTTOM
    picture = sheet(size)
    _frame(picture, excerpt, title_of(excerpt), size, "")
    for row in range(n_rows):
        _row(picture, excerpt, row, _TOP + row * row_mm, heights)
        progress((row + 1) / n_rows)
    picture.save()


def _rows(excerpt: Excerpt, heights: list[float]) -> tuple[float, int]:
    """Return the height of a row, mm, and how many there are."""
    count = max(1, math.ceil(excerpt.duration_s / ROW_S - 1e-9))
    return HEAD_MM + sum(heights) + _BETWEEN, count


def title_of(excerpt: Excerpt) -> str:
    """Return what a document of an excerpt is called: the record or bed, and from when."""
    name = excerpt.device or excerpt.recording.name
    return f"ECG {name}, {when(excerpt, 0.0)}"


def when(excerpt: Excerpt, at_s: float) -> str:
    """Return the time of a moment: of day (UTC) where it is known, else within the source.

    Args:
        excerpt: what the moment lies in.
        at_s: seconds from the first sample of the excerpt.
    """
    if excerpt.start is not None:
        moment = datetime.fromtimestamp(excerpt.start + at_s, UTC)
        return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    return clock(excerpt.offset_s + at_s)


def clock(seconds: float) -> str:
    """Return seconds as ``h:mm:ss``."""
    whole = math.floor(seconds + 1e-6)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _bands(excerpt: Excerpt, room: float) -> list[float]:
    recording = excerpt.recording
    bands = [band_mm(recording, i, 0, recording.n_samples) for i in range(len(recording.leads))]
    room -= HEAD_MM + _BETWEEN
    if sum(bands) > room:  # all leads on one page: the scale stays, what is large overlaps
        shared = float(max(5, math.floor(room / len(bands))))
        bands = [min(band, shared) for band in bands]
    return bands


def _frame(
    sheet: Sheet, excerpt: Excerpt, title: str, size: tuple[float, float], page: str
) -> None:
    width, height = size
    sheet.text(_LEFT, 9, title, size=11, bold=True)
    facts = [f"{excerpt.recording.name}", f"{excerpt.recording.fs:g} Hz"]
    facts += [f"patient {excerpt.patient}"] if excerpt.patient else []
    facts += [f"unit {excerpt.unit}"] if excerpt.unit else []
    sheet.text(_LEFT, 14, " · ".join([*facts, SCALE]), size=8, colour=GREY)
    note = f"ecg-monitor {ecg_monitor.__version__} · research software, not a medical device"
    sheet.text(_LEFT, height - 5, note, size=7, colour=GREY)
    sheet.text(width - 10, height - 5, page, size=7, align="right", colour=GREY)


def _row(sheet: Sheet, excerpt: Excerpt, row: int, y: float, bands: list[float]) -> None:
    recording = excerpt.recording
    first = round(row * ROW_S * recording.fs)
    last = min(round((row + 1) * ROW_S * recording.fs), recording.n_samples)
    at = when(excerpt, row * ROW_S)
    for i, line in enumerate(at.split(" ")):
        sheet.text(3, y + HEAD_MM + 3.2 + 3.5 * i, line, size=7, colour=GREY)
    calibration(sheet, _LEFT - 9, y + HEAD_MM + bands[0] / 2 + 5)
    end = excerpt.duration_s
    spans = [
        Span(alarm.onset_s, end if alarm.end_s is None else alarm.end_s, _words(alarm.kind))
        for alarm in excerpt.alarms
    ]
    draw_strip(
        sheet, _LEFT, y, recording,
        first=first, last=last, width=MM_PER_S * ROW_S, bands=bands, spans=spans,
    )  # fmt: skip


def _words(kind: str) -> str:
    row = KINDS.get(kind)
    return kind if row is None else row.name.en
