"""CSV: one row per sample, one column per lead, in mV.

::

    # ecg-monitor export of 100, from 0.000000 s
    # sampling rate 360 Hz
    # start 2026-11-29T08:00:00+00:00
    time_s,MLII (mV),V5 (mV)
    0.000000,-0.1450,-0.0650
    0.002778,,-0.0650

An empty cell is a sample without a value. Voltages have enough digits for the ADC values to come
back; times have microseconds. Beats and alarms are not in the table. What reviewers did stands in a
table of its own, ``NAME.review.csv``, a row for each beat, alarm or interval that it is about.
"""

from __future__ import annotations

import csv
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from gateway.export.excerpt import Excerpt, Review
from gateway.export.formats import Progress
from gateway.export.writers.marks import number

_PIECE = 50_000
"""Rows that are made at a time."""
_OFFSET = 32768
"""Index of the ADC value 0 in a list of the texts of all ADC values."""


def write(excerpt: Excerpt, path: Path, progress: Progress) -> None:
    """Write the table.

    Args:
        excerpt: what to write.
        path: the file.
        progress: told the share that is done.
    """
    recording = excerpt.recording
    texts = [_texts(*lead) for lead in zip(recording.gain, recording.baseline, strict=True)]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("".join(f"# {line}\n" for line in _head(excerpt)))
        file.write(",".join(["time_s", *(f"{lead} (mV)" for lead in recording.leads)]) + "\n")
        for at in range(0, recording.n_samples, _PIECE):
            end = min(at + _PIECE, recording.n_samples)
            stamps = [f"{n / recording.fs:.6f}" for n in range(at, end)]
            codes = recording.samples[:, at:end].astype(np.int32) + _OFFSET
            if recording.invalid:
                codes[~recording.valid(at, end)] = 2 * _OFFSET
            cells = [
                map(text.__getitem__, row) for text, row in zip(texts, codes.tolist(), strict=True)
            ]
            file.write("\n".join(map(",".join, zip(stamps, *cells, strict=True))) + "\n")
            progress(end / recording.n_samples)
    if excerpt.review is not None:
        _write_review(
            excerpt.review, path.with_name(f"{path.name.removesuffix('.csv')}.review.csv")
        )


def _write_review(review: Review, path: Path) -> None:
    columns = ("time_s", "end_s", "what", "value", "before", "by", "at", "text")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for act in review.acts:
            said = datetime.fromtimestamp(act.at, UTC).isoformat(timespec="seconds")
            spans = [(at, at) for at in act.beats] or [(act.onset_s, act.end_s)]
            for start, end in spans:
                row = (act.what, act.value, act.before, act.by, said, act.text)
                writer.writerow((f"{start:.6f}", f"{end:.6f}", *map(_harmless, row)))


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if len(text) > 1 and text[0] in ("=", "+", "-", "@", "\t", "\r") else text


def _texts(gain: float, baseline: float) -> list[str]:
    """Return the text of every ADC value of a lead from -32768 on, and last that of none."""
    digits = max(3, math.ceil(math.log10(abs(gain))) + 1)
    values = (np.arange(-_OFFSET, _OFFSET) - baseline) / gain
    return [f"{value:.{digits}f}" for value in values.tolist()] + [""]


def _head(excerpt: Excerpt) -> list[str]:
    recording = excerpt.recording
    lines = [f"ecg-monitor export of {recording.name}, from {excerpt.offset_s:.6f} s"]
    lines.append(f"sampling rate {number(recording.fs)} Hz")
    if excerpt.start is not None:
        lines.append(f"start {datetime.fromtimestamp(excerpt.start, UTC).isoformat()}")
    for word, value in (("device", excerpt.device), ("patient", excerpt.patient)):
        if value:
            lines.append(f"{word} {value}")
    return [" ".join(line.split()) for line in lines]
