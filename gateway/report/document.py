"""Draws a report: a page of figures, then strips to scale."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import ecg_monitor
from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.trends.minute import QUALITIES
from ecg_monitor.ward.words import Words
from gateway.drawing.fonts import find_font
from gateway.drawing.pdf import A4, PdfSheet
from gateway.drawing.sheet import GREY
from gateway.drawing.strip import HEAD_MM, MM_PER_S, Span, band_mm, calibration, draw_strip
from gateway.export.excerpt import Excerpt
from gateway.export.writers.strip import clock
from gateway.report import words
from gateway.report.charts import draw_trend
from gateway.report.choice import Strip, choose
from gateway.report.page import MARGIN, Page, Row
from gateway.report.summary import Summary

STRIP_S = 7.0
"""Seconds of a strip: what upright A4 holds at 25 mm/s."""
PREFERRED = ("II", "V1", "V5")
"""Leads of a strip where there are more than fit: what rhythm strips show."""
MOST_LEADS = 3
_COLUMN_MM = 85.0
_GAP_MM = 10.0
_ALARM_ROWS = 14
MOST_REVIEWERS = 4
"""That are named: more have no room beside the other figures."""
_BLOCK_TOP = 62.0
_TREND_MM, _LARGEST_TREND_MM = 58.0, 95.0


def write_report(
    excerpt: Excerpt, summary: Summary, path: Path, *, language: str = "en", fonts: str = ""
) -> None:
    """Write the report of an excerpt as a PDF.

    Args:
        excerpt: signal, beats and alarms.
        summary: its figures.
        path: the file.
        language: ``en``, ``fr`` or ``ar``.
        fonts: folder of the font, see `gateway.drawing.fonts.find_font`.

    Raises:
        ExportError: there is no font for the language.
    """
    strips = choose(excerpt, summary)
    layout = _layout(excerpt, strips)
    pages = 1 + (layout[-1][0] if layout else 0)
    font = find_font(fonts)
    name = excerpt.device or excerpt.recording.name
    title = f"{words.TITLE.of(language)}: {name}"
    sheet = PdfSheet(path, font, title=title, size=A4, language=language)
    page = Page(sheet, language)
    _head(page, excerpt)
    _figures(page, excerpt, summary)
    _foot(page, 1, pages)
    current = 0
    for number, y, strip in layout:
        if number != current:
            current = number
            sheet.new_page()
            _running_head(page, excerpt)
            _foot(page, number + 1, pages)
        _strip(page, excerpt, strip, y)
    sheet.save()


def _head(page: Page, excerpt: Excerpt) -> None:
    sheet = page.sheet
    page.write(MARGIN, 18, page.say(words.TITLE), size=17, bold=True)
    page.write(MARGIN, 23.5, page.say(words.DISCLAIMER), size=8, colour=GREY)
    sheet.box(MARGIN, 26, sheet.width - 2 * MARGIN, 0.5, fill="#1b1f24")
    recording = excerpt.recording
    leads = ", ".join(recording.leads)
    digits = 0 if recording.fs % 1 == 0 else 2
    rows = [
        (words.PATIENT, excerpt.patient or page.say(words.UNKNOWN)),
        (words.UNIT, excerpt.unit or page.say(words.UNKNOWN)),
        (words.RECORDING, recording.name),
        (words.DEVICE, excerpt.device or page.say(words.UNKNOWN)),
        (words.BEGIN, _moment(page, excerpt, 0.0)),
        (words.END, _moment(page, excerpt, excerpt.duration_s)),
        (words.LENGTH, page.span(excerpt.duration_s)),
        (words.SIGNAL, f"{leads} · {page.number(recording.fs, digits)} Hz"),
        (words.SOFTWARE, f"ecg-monitor {ecg_monitor.__version__}"),
    ]  # fmt: skip
    half = math.ceil(len(rows) / 2)
    for i, (label, value) in enumerate(rows):
        x = MARGIN + (i // half) * (_COLUMN_MM + _GAP_MM)
        y = 31.5 + 4.6 * (i % half)
        page.write(x, y, page.say(label), size=8, colour=GREY)
        room = _COLUMN_MM - 26
        page.write(x + 26, y, _fitted(page, value, room), size=8, bold=True)


def _fitted(page: Page, text: str, room: float) -> str:
    """Return a text cut to a width in mm, with an ellipsis where it was cut."""
    if page.sheet.text_width(text, size=8, bold=True) <= room:
        return text
    while text and page.sheet.text_width(f"{text}…", size=8, bold=True) > room:
        text = text[:-1]
    return f"{text}…"


def _moment(page: Page, excerpt: Excerpt, at_s: float) -> str:
    if excerpt.start is not None:
        return f"{datetime.fromtimestamp(excerpt.start + at_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return page.say(words.IN_RECORDING, time=clock(excerpt.offset_s + at_s))


def _time(excerpt: Excerpt, at_s: float) -> str:
    """Return the time of day of a moment (UTC), or where it lies in the recording."""
    if excerpt.start is not None:
        return f"{datetime.fromtimestamp(excerpt.start + at_s, UTC):%H:%M:%S}"
    return clock(excerpt.offset_s + at_s)


def _foot(page: Page, number: int, pages: int) -> None:
    sheet = page.sheet
    y = sheet.height - 8
    sheet.box(MARGIN, y - 4, sheet.width - 2 * MARGIN, 0.2, fill="#9aa3ad")
    page.write(MARGIN, y, page.say(words.DISCLAIMER), size=6.5, colour=GREY)
    told = page.say(words.PAGE, n=number, all=pages)
    page.write(sheet.width - MARGIN, y, told, size=6.5, align="right", colour=GREY)


def _running_head(page: Page, excerpt: Excerpt) -> None:
    parts = [page.say(words.TITLE), excerpt.patient, excerpt.unit, excerpt.recording.name]
    parts += [excerpt.device, _moment(page, excerpt, 0.0)]
    page.write(MARGIN, 14, " · ".join(part for part in parts if part), size=8, bold=True)
    page.write(
        page.sheet.width - MARGIN, 18, page.say(words.SCALE), size=7, align="right", colour=GREY
    )


def _figures(page: Page, excerpt: Excerpt, summary: Summary) -> None:
    """Write the blocks in two columns, and the trend below them."""
    left = right = _BLOCK_TOP
    for title, rows in _left_blocks(page, excerpt, summary):
        left = page.block(MARGIN, left, _COLUMN_MM, page.say(title), rows)
    at = MARGIN + _COLUMN_MM + _GAP_MM
    for title, rows in _right_blocks(page, excerpt, summary):
        right = page.block(at, right, _COLUMN_MM, page.say(title), rows)
    sheet = page.sheet
    room = int((sheet.height - 16 - _TREND_MM - 6 - right) // 4.0) - 2
    right = _alarms(page, excerpt, summary, at, right, min(room, _ALARM_ROWS))
    top = max(left, right, sheet.height - 16 - _LARGEST_TREND_MM) + 4
    width = sheet.width - 2 * MARGIN
    if not summary.beats.times:
        page.write(MARGIN, top + 14, page.say(words.NOTHING_SHOWN), size=8, bold=True)
    page.heading(MARGIN, top, width, page.say(words.TREND))
    draw_trend(
        sheet, MARGIN, top + 4.5, width - 4, sheet.height - 22 - top,
        duration_s=summary.duration_s, trend=summary.trend, beats=summary.beats,
        label=lambda s: _time(excerpt, s)[:-3] if summary.duration_s > 3600 else _time(excerpt, s),
        bars=page.say(words.PER_MINUTE),
    )  # fmt: skip


def _left_blocks(page: Page, excerpt: Excerpt, summary: Summary) -> list[tuple[Words, list[Row]]]:
    def at(seconds: float) -> str:
        return _time(excerpt, seconds)

    rates = summary.rates
    rate_rows: list[Row] = [(page.say(words.MEAN), _with(page, rates.mean, "/min"), "")]
    for label, rate in ((words.LOWEST, rates.lowest), (words.HIGHEST, rates.highest)):
        value = None if rate is None else rate.value
        remark = "" if rate is None else at(rate.at_s)
        rate_rows.append((page.say(label), _with(page, value, "/min"), remark))
    beat_rows: list[Row] = [(page.say(words.TOTAL), str(len(summary.beats.times)), "")]
    beat_rows += [
        (page.say(words.CLASSES[label]), str(count), page.percent(summary.burden(label)))
        for label, count in summary.counts.items()
    ]
    longest = summary.pauses[0] if summary.pauses else None
    pause_rows: list[Row] = [(page.say(words.COUNT), str(len(summary.pauses)), "")]
    if longest is not None:
        told = f"{page.number(longest.value, 2)} s"
        pause_rows.append((page.say(words.LONGEST), told, at(longest.at_s)))
    blocks = [(words.RATE, rate_rows), (words.BEATS, beat_rows), (words.PAUSES, pause_rows)]
    for title, some in (
        (words.V_RUNS, summary.ventricular),
        (words.S_RUNS, summary.supraventricular),
    ):
        rows: list[Row] = [(page.say(words.COUNT), str(len(some)), "")]
        if some:
            long = max(some, key=lambda run: run.beats)
            fast = max(some, key=lambda run: run.bpm)
            told = page.say(words.N_BEATS, n=long.beats)
            rows.append((page.say(words.LONGEST), told, at(long.start_s)))
            rows.append(
                (page.say(words.FASTEST), f"{page.number(fast.bpm)} /min", at(fast.start_s))
            )
        if title is words.V_RUNS:
            rows.append((page.say(words.COUPLETS), str(len(summary.couplets)), ""))
        blocks.append((title, rows))
    return blocks


def _right_blocks(page: Page, excerpt: Excerpt, summary: Summary) -> list[tuple[Words, list[Row]]]:
    total = summary.duration_s
    quality: list[Row] = []
    for name, label in zip(QUALITIES, words.QUALITIES, strict=True):
        seconds = summary.quality_s[name]
        if seconds or name == QUALITIES[0]:
            share = min(1.0, seconds / total)
            quality.append((page.say(label), page.percent(share), page.span(seconds)))
    missing = total - sum(summary.quality_s.values())
    if missing > 2:
        quality.append((page.say(words.MISSING), page.percent(missing / total), page.span(missing)))
    share = summary.af_s / summary.analysed_s if summary.analysed_s else 0.0
    af: list[Row] = [
        (page.say(words.BURDEN), page.percent(min(1.0, share)), page.span(summary.af_s))
    ]
    if summary.af_longest is not None:
        episode = summary.af_longest
        where = _time(excerpt, episode.at_s)
        af.append((page.say(words.LONGEST_EPISODE), page.span(episode.value), where))
    return [
        *_review(page, excerpt),
        (words.QUALITY, quality),
        (words.AF, af),
        (words.INTERVALS, _wave_rows(page, excerpt, summary)),
        (words.HRV, _variability_rows(page, summary)),
    ]


def _review(page: Page, excerpt: Excerpt) -> list[tuple[Words, list[Row]]]:
    """Say what of the figures are a reviewer's words; nothing where nobody has reviewed."""
    review = excerpt.review
    if review is None:
        return []
    rows: list[Row] = [(page.say(words.CORRECTED), str(review.corrected), "")]
    if review.confirmed:
        rows.append((page.say(words.CONFIRMED), str(review.confirmed), ""))
    people = review.people()
    for name, count, at in people[:MOST_REVIEWERS]:
        who = page.say(words.REVIEWED_BY, name=_fitted(page, name, 30))
        rows.append((f"  {who}", str(count), f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"))
    if len(people) > MOST_REVIEWERS:
        more = page.say(words.MORE_PEOPLE, n=str(len(people) - MOST_REVIEWERS))
        rows.append((f"  {more}", "", ""))
    false = sum(alarm.verdict == "false" for alarm in excerpt.alarms)
    if false:
        rows.append((page.say(words.FALSE_ALARMS), str(false), ""))
    return [(words.REVIEW, rows)]


def _with(page: Page, value: float | None, unit: str) -> str:
    """Return a whole number with its unit; a dash alone where there is none."""
    return page.number(value) if value is None else f"{page.number(value)} {unit}"


def _wave_rows(page: Page, excerpt: Excerpt, summary: Summary) -> list[Row]:
    waves = summary.intervals
    # A PR interval of few averages, as in fibrillation, must not pass for one of them all.
    rows: list[Row] = [
        (page.say(label), _with(page, value, "ms"), f"{count}/{waves.count}" if count else "")
        for label, value, count in (
            (words.QRS, waves.qrs_ms, waves.count),
            (words.PR, waves.pr_ms, waves.pr_count),
            (words.QT, waves.qt_ms, waves.qt_count),
            (words.FRIDERICIA, waves.qtc_ms, waves.qt_count),
            (words.BAZETT, waves.qtc_bazett_ms, waves.qt_count),
        )
    ]
    if waves.longest_qtc is not None:
        value = f"{page.number(waves.longest_qtc.value)} ms"
        where = _time(excerpt, waves.longest_qtc.at_s)
        rows.append((page.say(words.LONGEST_QTC), value, where))
    return rows


def _variability_rows(page: Page, summary: Summary) -> list[Row]:
    found = summary.variability
    if found is None:
        return [(page.say(words.HRV_SHORT), "", "")]
    return [
        (page.say(words.SDNN), f"{page.number(found.sdnn_ms)} ms", ""),
        (page.say(words.RMSSD), f"{page.number(found.rmssd_ms)} ms", ""),
        (page.say(words.PNN50), page.percent(found.pnn50), ""),
        (page.say(words.LF_HF), page.number(found.lf_hf, 2), ""),
        (page.say(words.WINDOWS), str(found.windows), ""),
    ]


def _alarms(page: Page, excerpt: Excerpt, summary: Summary, x: float, y: float, room: int) -> float:
    """List the alarms by kind; return where the next block may begin, mm."""
    page.heading(x, y, _COLUMN_MM, page.say(words.ALARMS))
    y += 5.4
    if not summary.alarms:
        page.write(x, y, page.say(words.NO_ALARMS), size=8)
        return y + 7.2
    told = f"{page.say(words.TOGETHER)} · {page.say(words.LONGEST_AT)}"
    page.write(x + 0.64 * _COLUMN_MM, y - 0.6, told, size=6.5, colour=GREY)
    y += 3.4
    shown = summary.alarms if len(summary.alarms) <= room else summary.alarms[: max(0, room - 1)]
    for row in shown:
        kind = KINDS.get(row.kind)
        name = row.kind if kind is None else kind.name.of(page.language)
        page.write(x, y, _fitted(page, name, 44), size=8, bold=row.priority == "high")
        page.write(x + 0.62 * _COLUMN_MM, y, f"{row.count} ×", size=8, align="right", bold=True)
        told = f"{page.span(row.total_s)} · {_time(excerpt, row.longest.at_s)}"
        page.write(x + 0.64 * _COLUMN_MM, y, told, size=7, colour=GREY)
        y += 4.0
    if len(shown) < len(summary.alarms):
        told = page.say(words.MORE, n=len(summary.alarms) - len(shown))
        page.write(x, y, told, size=8, colour=GREY)
        y += 4.0
    return y + 3.2


def _leads(excerpt: Excerpt) -> list[int]:
    """Return the rows of the leads that a strip shows."""
    names = excerpt.recording.leads
    if len(names) <= MOST_LEADS:
        return list(range(len(names)))
    chosen = [names.index(name) for name in PREFERRED if name in names]
    rest = [i for i in range(len(names)) if i not in chosen]
    return (chosen + rest)[:MOST_LEADS]


def _edges(excerpt: Excerpt, strip: Strip) -> tuple[int, int]:
    """Return first sample and one past the last of a strip, whole within the excerpt if it can."""
    recording = excerpt.recording
    length = round(STRIP_S * recording.fs)
    first = round((strip.middle_s - STRIP_S / 2) * recording.fs)
    first = max(0, min(first, recording.n_samples - length))
    return first, min(first + length, recording.n_samples)


def _layout(excerpt: Excerpt, strips: list[Strip]) -> list[tuple[int, float, Strip]]:
    """Return the page after the first, the upper edge in mm, and the strip."""
    placed = []
    page, y = 1, 22.0
    for strip in strips:
        first, last = _edges(excerpt, strip)
        bands = [band_mm(excerpt.recording, i, first, last) for i in _leads(excerpt)]
        height = 5.0 + HEAD_MM + sum(bands) + 3.0
        if y + height > A4[1] - 15 and y > 22.0:
            page, y = page + 1, 22.0
        placed.append((page, y, strip))
        y += height
    return placed


def _strip(page: Page, excerpt: Excerpt, strip: Strip, y: float) -> None:
    recording = excerpt.recording
    first, last = _edges(excerpt, strip)
    leads = _leads(excerpt)
    bands = [band_mm(recording, i, first, last) for i in leads]
    told = " · ".join(_caption(page, one) for one in (strip, *strip.also))
    page.write(MARGIN, y + 3.5, _fitted(page, told, 0.56 * page.sheet.width), size=9, bold=True)
    start = _moment(page, excerpt, first / recording.fs)
    page.write(page.sheet.width - MARGIN, y + 3.5, start, size=7.5, align="right", colour=GREY)
    left = MARGIN + 5.0
    calibration(page.sheet, MARGIN - 4.5, y + 5 + HEAD_MM + bands[0] / 2 + 5)
    end = excerpt.duration_s
    spans = [
        Span(one.onset_s, end if one.end_s is None else one.end_s, _name(one.kind, page))
        for one in excerpt.alarms
    ]
    draw_strip(
        page.sheet, left, y + 5, recording,
        first=first, last=last, width=MM_PER_S * STRIP_S, bands=bands, spans=spans, leads=leads,
    )  # fmt: skip


def _caption(page: Page, strip: Strip) -> str:
    value = page.number(strip.value, 2 if strip.what == "longest_rr" else 0)
    if strip.what == "alarm":
        kind = KINDS.get(strip.kind)
        value = strip.kind if kind is None else kind.name.of(page.language)
    return page.say(words.CAPTIONS[strip.what], value=value)


def _name(kind: str, page: Page) -> str:
    row = KINDS.get(kind)
    return kind if row is None else (row.short or row.name).of(page.language)
