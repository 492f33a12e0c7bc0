"""Lays segments of different forms into one array of samples, and joins their rhythms. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ecg_monitor.archive.kept.marks import RHYTHM, Mark
from ecg_monitor.archive.kept.tables import SegmentRow
from ecg_monitor.core.types import Int16Array
from ecg_monitor.records.recording import INVALID_SAMPLE, RhythmMark


def form_of(
    rows: Sequence[SegmentRow], notes: list[str]
) -> tuple[tuple[str, ...], list[tuple[float, float]]]:
    """Return the leads in order of their coming, and of each the scale of most of its samples."""
    counts: dict[str, dict[tuple[float, float], int]] = {}
    for row in rows:
        for lead, *scale in zip(
            row.stream.leads, row.stream.gain, row.stream.baseline, strict=True
        ):
            of_lead = counts.setdefault(lead, {})
            gain, baseline = scale
            of_lead[gain, baseline] = of_lead.get((gain, baseline), 0) + row.n1 - row.n0
    for lead, found in counts.items():
        if len(found) > 1:
            notes.append(f"lead {lead} came with {len(found)} gains; all is shown at one of them")
    return tuple(counts), [max(found, key=lambda one: found[one]) for found in counts.values()]


def fill(
    samples: Int16Array,
    row: SegmentRow,
    read: Callable[[int, int], Int16Array],
    at: int,
    leads: Sequence[str],
    scales: Sequence[tuple[float, float]],
) -> None:
    """Lay a segment into its place; what is there already stays.

    Args:
        samples: where to, int16, shape (n_leads, n).
        row: the segment.
        read: returns its samples from one index to another, counted from its first.
        at: index within ``samples`` of its first sample.
        leads: names of the rows of ``samples``.
        scales: gain and baseline of each row.
    """
    first, last = max(0, -at), min(row.n1 - row.n0, samples.shape[1] - at)
    if first >= last:
        return
    brought = np.array(read(first, last))
    for off in row.leadoff:
        start, end = (max(0, n - row.n0 - first) for n in (off.start, off.end))
        brought[off.lead, start:end] = INVALID_SAMPLE
    for i, lead in enumerate(row.stream.leads):
        place = leads.index(lead)
        values = _rescaled(brought[i], (row.stream.gain[i], row.stream.baseline[i]), scales[place])
        target = samples[place, at + first : at + last]
        np.copyto(target, values, where=target == INVALID_SAMPLE)


def _rescaled(
    values: Int16Array, own: tuple[float, float], wanted: tuple[float, float]
) -> Int16Array:
    if own == wanted:
        return values
    exact = (values - own[1]) / own[0] * wanted[0] + wanted[1]
    scaled = np.clip(np.rint(exact), -32767, 32767).astype(np.int16)
    return np.where(values == INVALID_SAMPLE, np.int16(INVALID_SAMPLE), scaled)


def rhythms_of(marks: Iterable[Mark], length: int) -> tuple[RhythmMark, ...]:
    """Return the changes of rhythm within ``length`` samples, each told once."""
    found: list[RhythmMark] = []
    before = ""
    for mark in sorted(mark for mark in marks if mark.symbol == RHYTHM and mark.sample < length):
        if mark.sample <= 0:
            before = mark.aux
        elif mark.aux != (found[-1].aux if found else before):
            found.append(RhythmMark(mark.sample, mark.aux))
    return (RhythmMark(0, before), *found) if before else tuple(found)
