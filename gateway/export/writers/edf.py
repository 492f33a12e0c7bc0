"""EDF+: samples as they are, in data records of equal length; marks as annotations.

A digital value is the ADC value of the source, and the physical range is chosen so that it means
the same voltage. The digital minimum is -32767: the value -32768 lies outside of the range and
stands where there is no value. Each such stretch is an annotation ``BAD no signal@@ECG II`` as
well, which MNE-Python leaves out. The last data record is filled up in this way.

Beats are annotated by their WFDB code, rhythms and alarms by their texts. EDF headers are ASCII:
other letters of names become ``?``.

Format: Kemp B, Olivan J. European data format 'plus' (EDF+). Clin Neurophysiol 114:1755-1761
(2003), https://www.edfplus.info/specs/edfplus.html.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

import ecg_monitor
from ecg_monitor.archive.kept.marks import Mark
from ecg_monitor.core.errors import ExportError
from ecg_monitor.records.recording import INVALID_SAMPLE, Recording
from gateway.export.excerpt import Excerpt
from gateway.export.formats import Progress
from gateway.export.writers.marks import marks_of, number

LOWEST, HIGHEST = -32767, 32767
"""Digital range of every signal; `INVALID_SAMPLE` lies below it."""
_UNKNOWN_START = datetime(1985, 1, 1, tzinfo=UTC)
"""The earliest date that the header can hold stands for one that is not known."""
_DURATIONS = (1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 2.0, 4.0, 5.0, 8.0, 10.0, 20.0, 25.0, 50.0, 100.0)
"""Lengths of a data record that are tried, s: those that leave nothing to fill up come first."""
_LONGEST_RECORD_S = 200
"""Longest data record, s; it is held in memory as a whole."""
_RECORDS_AT_A_TIME = 256
_LEAST_TEXT = 64
"""Least bytes of a data record's annotations: its own time and one long text."""
_NOT_HEARTS_BEAT = ('"', "+")


def write(excerpt: Excerpt, path: Path, progress: Progress) -> None:
    """Write an EDF+C file.

    Args:
        excerpt: what to write.
        path: the file.
        progress: told the share that is done.

    Raises:
        ExportError: the sampling rate cannot be told in an EDF header, or a lead's gain.
    """
    recording = excerpt.recording
    count, duration = record_of(recording.fs, recording.n_samples)
    n_records = -(-recording.n_samples // count)
    texts = _texts(excerpt, n_records, count)
    width = len(texts[0])
    with path.open("wb") as file:
        file.write(_header(excerpt, n_records, count, duration, width))
        for first in range(0, n_records, _RECORDS_AT_A_TIME):
            last = min(first + _RECORDS_AT_A_TIME, n_records)
            signals = _piece(recording, first * count, last * count)
            blocks = signals.reshape(len(recording.leads), last - first, count)
            for i in range(last - first):
                file.write(np.ascontiguousarray(blocks[:, i]).tobytes() + texts[first + i])
            progress(last / n_records)


def record_of(fs: float, n_samples: int) -> tuple[int, float]:
    """Return how many samples a data record holds, and its length in s.

    The header has eight characters for the length: only lengths are taken that they tell exactly.

    Raises:
        ExportError: no data record has a whole number of samples and such a length.
    """
    rate = Fraction(fs).limit_denominator(10_000)
    found = []
    longer = [float(rate.denominator)] if rate.denominator <= _LONGEST_RECORD_S else []
    for duration in (*_DURATIONS, *longer):
        count = rate * Fraction(duration)
        if count.denominator == 1 and abs(float(count) / duration - fs) <= 1e-7 * fs:
            found.append((int(count), duration))
            if n_samples % count == 0:
                return int(count), duration
    if found:
        return found[0]
    count_ = max(1, round(10 * fs))
    duration = float(_eight(count_ / fs) or 0)
    if not duration or abs(count_ / duration - fs) > 1e-6 * fs:
        raise ExportError(f"edf: a sampling rate of {fs:g} Hz cannot be told in its header")
    return count_, duration


def _piece(recording: Recording, first: int, last: int) -> np.ndarray:
    """Return samples ``first`` .. ``last`` of all leads, little-endian, filled up at the end."""
    end = min(last, recording.n_samples)
    piece = np.full((len(recording.leads), last - first), INVALID_SAMPLE, "<i2")
    piece[:, : end - first] = recording.samples[:, first:end]
    if recording.invalid:
        piece[:, : end - first][~recording.valid(first, end)] = INVALID_SAMPLE
    return piece


def _texts(excerpt: Excerpt, n_records: int, count: int) -> list[bytes]:
    """Return the annotations of each data record, all of one size.

    The list begins each record with its time, as the format asks. A text that finds no room in
    the record of its onset stands in a later one: onsets are absolute.
    """
    fs = excerpt.recording.fs
    shift = _begin(excerpt)[1]
    queue = [(at, _entry(shift + at / fs, span, text)) for at, span, text in _notes(excerpt, fs)]
    times = [f"+{_decimal(shift + i * count / fs)}\x14\x14\0".encode() for i in range(n_records)]
    longest = max((len(text) for _, text in queue), default=0)
    mean = sum(len(text) for _, text in queue) / n_records
    size = max(_LEAST_TEXT, len(times[-1]) + longest, len(times[-1]) + math.ceil(1.5 * mean))
    while True:
        size += size % 2
        records = _filled(times, queue, count, size)
        if records is not None:
            return records
        size *= 2


def _filled(
    times: Sequence[bytes], queue: Sequence[tuple[int, bytes]], count: int, size: int
) -> list[bytes] | None:
    records = []
    at = 0
    for i, time in enumerate(times):
        content = time
        while at < len(queue) and queue[at][0] < (i + 1) * count:
            if len(content) + len(queue[at][1]) > size:
                break
            content += queue[at][1]
            at += 1
        records.append(content.ljust(size, b"\0"))
    return records if at == len(queue) else None


def _notes(excerpt: Excerpt, fs: float) -> list[tuple[int, float | None, str]]:
    """Return (sample, length in s or None, text) of all that is annotated, in order of time."""
    recording = excerpt.recording
    notes: list[tuple[int, float | None, str]] = [
        (
            span.start,
            (span.end - span.start) / fs,
            f"BAD no signal@@{_label(recording.leads[span.lead])}",
        )
        for span in recording.invalid
    ]
    notes += [(mark.sample, None, _text_of(mark)) for mark in marks_of(excerpt)]
    return sorted(notes, key=lambda note: note[0])


def _text_of(mark: Mark) -> str:
    return mark.aux if mark.symbol in _NOT_HEARTS_BEAT else mark.symbol


def _entry(onset_s: float, length_s: float | None, text: str) -> bytes:
    length = "" if length_s is None else f"\x15{_decimal(length_s)}"
    # Annotations are the one place of the format where letters of any language are legal.
    plain = text.translate({0: " ", 0x14: " ", 0x15: " "})
    return f"+{_decimal(onset_s)}{length}\x14{plain}\x14\0".encode()


def _decimal(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0").rstrip(".")


def _begin(excerpt: Excerpt) -> tuple[datetime, float]:
    """Return the whole second of the header, and the rest of the first sample's time, s."""
    if excerpt.start is None:
        return _UNKNOWN_START, 0.0
    whole = math.floor(excerpt.start)
    return datetime.fromtimestamp(whole, UTC), round(excerpt.start - whole, 6)


def _header(
    excerpt: Excerpt, n_records: int, count: int, duration: float, text_bytes: int
) -> bytes:
    recording = excerpt.recording
    begin = _begin(excerpt)[0]
    known = excerpt.start is not None
    date = f"{begin:%d}-{begin:%b}-{begin:%Y}".upper() if known else "X"
    device = _word(excerpt.device or "X")
    program = f"ecg-monitor_{ecg_monitor.__version__}"
    n_signals = len(recording.leads) + 1
    fixed = [
        _cell("0", 8),
        _cell(f"{_word(excerpt.patient or 'X')} X X X", 80),
        _cell(f"Startdate {date} X {program} {device}", 80),
        _cell(f"{begin:%d.%m.%y}", 8),
        _cell(f"{begin:%H.%M.%S}", 8),
        _cell(str(256 * (n_signals + 1)), 8),
        _cell("EDF+C", 44),
        _cell(str(n_records), 8),
        _cell(number(duration), 8),
        _cell(str(n_signals), 4),
    ]
    ranges = [
        _physical(lead, recording.gain[i], recording.baseline[i])
        for i, lead in enumerate(recording.leads)
    ]
    columns: list[list[bytes]] = [
        [_cell(_label(lead), 16) for lead in recording.leads] + [_cell("EDF Annotations", 16)],
        [_cell("", 80)] * n_signals,
        [_cell(unit, 8) for unit, _, _ in ranges] + [_cell("", 8)],
        [_cell(low, 8) for _, low, _ in ranges] + [_cell("-1", 8)],
        [_cell(high, 8) for _, _, high in ranges] + [_cell("1", 8)],
        [_cell(str(LOWEST), 8)] * len(ranges) + [_cell("-32768", 8)],
        [_cell(str(HIGHEST), 8)] * n_signals,
        [_cell("", 80)] * n_signals,
        [_cell(str(count), 8)] * len(ranges) + [_cell(str(text_bytes // 2), 8)],
        [_cell("", 32)] * n_signals,
    ]
    return b"".join(fixed) + b"".join(b"".join(column) for column in columns)


def _physical(lead: str, gain: float, baseline: float) -> tuple[str, str, str]:
    """Return unit and physical range of a lead: the unit whose eight characters err least."""
    best: tuple[float, tuple[str, str, str]] | None = None
    for unit, factor in (("mV", 1.0), ("uV", 1000.0)):
        exact = [factor * (edge - baseline) / gain for edge in (LOWEST, HIGHEST)]
        low, high = (_eight(value) for value in exact)
        if not low or not high:
            continue
        error = max(abs(float(low) - exact[0]), abs(float(high) - exact[1])) / factor
        if best is None or error < best[0]:
            best = error, (unit, low, high)
    # A steps's worth of error would shift samples.
    if best is None or best[0] > 0.5 / abs(gain):
        raise ExportError(f"edf: the gain of {lead}, {gain:g} per mV, cannot be told in its header")
    return best[1]


def _eight(value: float) -> str:
    """Return the number in at most eight characters, as exactly as they can; empty: it cannot."""
    for digits in range(8, -1, -1):
        text = f"{value:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        if len(text) <= 8:
            return text
    return ""


def _word(text: str) -> str:
    """Return a text as one subfield of a header: no blanks."""
    return "_".join(text.split()) or "X"


def _cell(text: str, width: int) -> bytes:
    plain = "".join(c if " " <= c <= "~" else "?" for c in text)
    return plain[:width].ljust(width).encode("ascii")


def _label(lead: str) -> str:
    """Return a signal's label: EDF+ puts its type first."""
    return f"ECG {lead}"[:16]
