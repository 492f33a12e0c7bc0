"""WFDB: header, samples as they are (format 16), annotations.

Samples, gain, baseline and unit are kept as the source has them; a sample without a value is
-32768, which WFDB defines as such for 16 bits. Annotations have the annotator name ``atr``: beats
with their codes, rhythms as ``+``, alarms as comments. Where reviewers have said something, ``atr``
is what was found, and ``rev`` what holds after review, with their notes and verdicts.

Format: https://physionet.org/physiotools/wag/header-5.htm and .../signal-5.htm.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ecg_monitor.archive.kept.marks import NOTE, encode
from ecg_monitor.core.errors import ExportError
from ecg_monitor.records.recording import INVALID_SAMPLE
from gateway.export.excerpt import Excerpt
from gateway.export.formats import Progress
from gateway.export.writers.marks import marks_of, number

_LEGAL = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PIECE = 1 << 18
"""Samples of all leads that are held in their order of the file at a time."""
_CHECK = 1 << 16
"""A signal's checksum is the sum of its samples modulo this."""


def write(excerpt: Excerpt, path: Path, progress: Progress) -> None:
    """Write ``path`` without its ending plus ``.hea``, ``.dat``, ``.atr``, if reviewed ``.rev``.

    Args:
        excerpt: what to write.
        path: the record, with or without ``.hea``; its name must be letters, digits, _ and -.
        progress: told the share that is done.

    Raises:
        ExportError: the name is not legal for a WFDB record.
    """
    path = path.with_suffix("") if path.suffix in (".hea", ".dat", ".atr", ".rev") else path
    if not _LEGAL.fullmatch(path.name):
        raise ExportError(
            f"--output: {path.name!r} is no name of a WFDB record; use letters of English, digits, "
            "_ and -"
        )
    recording = excerpt.recording
    n_leads = len(recording.leads)
    check = np.zeros(n_leads, np.int64)
    missing = np.zeros(recording.samples.shape, np.bool_) if recording.invalid else None
    if missing is not None:
        for span in recording.invalid:
            missing[span.lead, span.start : span.end] = True
    step = max(1, _PIECE // n_leads)
    with path.with_name(f"{path.name}.dat").open("wb") as file:
        for at in range(0, recording.n_samples, step):
            piece = recording.samples[:, at : at + step]
            if missing is not None:
                piece = np.where(missing[:, at : at + step], np.int16(INVALID_SAMPLE), piece)
            check += piece.sum(axis=1, dtype=np.int64)
            file.write(np.ascontiguousarray(piece.T).astype("<i2").tobytes())
            progress(min(1.0, (at + step) / recording.n_samples))
    header = _header(excerpt, path.name, [int(one) % _CHECK for one in check])
    path.with_name(f"{path.name}.hea").write_text(header, encoding="utf-8")
    found = excerpt
    if excerpt.review is not None:
        path.with_name(f"{path.name}.rev").write_bytes(_annotations(excerpt))
        beats, rhythms = excerpt.review.beats, excerpt.review.rhythms
        alarms = tuple(replace(one, verdict="", said=()) for one in excerpt.alarms)
        as_found = replace(recording, beats=beats, rhythms=rhythms)
        found = replace(excerpt, recording=as_found, alarms=alarms, review=None)
    path.with_name(f"{path.name}.atr").write_bytes(_annotations(found))


def _header(excerpt: Excerpt, name: str, checks: list[int]) -> str:
    recording = excerpt.recording
    base = ""
    if excerpt.start is not None:
        base = f" {datetime.fromtimestamp(excerpt.start, UTC):%H:%M:%S.%f %d/%m/%Y}"
    lines = [f"{name} {len(recording.leads)} {number(recording.fs)} {recording.n_samples}{base}"]
    for i, lead in enumerate(recording.leads):
        gain, baseline = recording.gain[i], recording.baseline[i]
        first = int(recording.samples[i, 0])
        # A baseline is a whole number in WFDB: the rest of one that is not stands in a comment.
        lines.append(
            f"{name}.dat 16 {number(gain)}({round(baseline)})/mV 16 {round(baseline)} {first} "
            f"{checks[i]} 0 {lead}"
        )
    lines += [f"# {line}" for line in _comments(excerpt)]
    return "\n".join(lines) + "\n"


def _comments(excerpt: Excerpt) -> list[str]:
    recording = excerpt.recording
    lines = [f"source {recording.name}, from {excerpt.offset_s:.6f} s"]
    if excerpt.start is not None:
        lines.append(f"start {datetime.fromtimestamp(excerpt.start, UTC).isoformat()}")
    for word, value in (("device", excerpt.device), ("patient", excerpt.patient)):
        if value:
            lines.append(f"{word} {value}")
    lines += [
        f"baseline of {lead} {baseline!r}"
        for lead, baseline in zip(recording.leads, recording.baseline, strict=True)
        if baseline != round(baseline)
    ]
    return [" ".join(line.split()) for line in (*lines, *recording.comments)]


def _annotations(excerpt: Excerpt) -> bytes:
    """Return the annotation file in the MIT format."""
    # Readers take comments at sample 0 for definitions of the file's own: they stand one later.
    second = min(1, excerpt.recording.n_samples - 1)
    return encode(
        mark._replace(sample=second) if mark.sample == 0 and mark.symbol == NOTE else mark
        for mark in marks_of(excerpt)
    )
