"""The averaged beat of each class, of PVCs of each form, with its spread. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.types import Packet
from ecg_monitor.ward.signal.forms import forms

Floats = npt.NDArray[np.float64]

BEFORE_S, AFTER_S = 0.3, 0.5
"""Around the R peak: P wave to the end of most T waves."""
LEVEL_S = (-0.12, -0.06)
"""Before the QRS complex: what beats are laid upon one another at."""
BAND = (10.0, 90.0)
"""Percentiles of the band: four fifths of the beats lie within it at each moment."""
DIVIDED = "V"
"""The class whose beats are averaged by form: the mean of two forms is a beat that nobody had."""
MOST_FORMS = 4
FORM_S = (-0.15, 0.35)
"""Part of the signal about a beat that makes its form, s: a P wave before a PVC is none of its."""


@dataclass(frozen=True, slots=True, eq=False)
class AveragedBeat:
    """Beats of one class, or of one form of it, on one lead.

    Attributes:
        label: AAMI class.
        form: number of the form within its class, from 1 on, the most frequent first; 0: the
            beats of the class are of one form, or are not divided.
        count: how many beats.
        mean: mV, shape (n_samples,).
        low: lower edge of the band, mV.
        high: upper edge of the band, mV.
    """

    label: str
    form: int
    count: int
    mean: Floats
    low: Floats
    high: Floats


def join(packets: Sequence[Packet], lead: int) -> tuple[int, Floats]:
    """Lay one lead of packets of one kind out in an array.

    Returns:
        index of the first sample, and mV by index; NaN where nothing came or the lead was off.
    """
    first, end = min(p.n0 for p in packets), max(p.n1 for p in packets)
    signal = np.full(end - first, np.nan)
    for packet in reversed(packets):  # of samples that came twice the first are taken
        values = (packet.samples[lead] - packet.baseline[lead]) / packet.gain[lead]
        off = packet.leads[lead] in packet.leadoff
        signal[packet.n0 - first : packet.n1 - first] = np.nan if off else values
    return first, signal


def average(
    signal: Floats, fs: float, beats: Iterable[tuple[int, str]], labels: Sequence[str]
) -> list[AveragedBeat]:
    """Average the beats of each class, PVCs by their form; beats beside a gap are left out.

    Args:
        signal: mV, NaN where there is none, shape (n,).
        fs: sampling rate, Hz.
        beats: index of the R peak in ``signal``, and class.
        labels: classes wanted; those without a beat are left out.
    """
    before, after = round(BEFORE_S * fs), round(AFTER_S * fs)
    level = slice(before + round(LEVEL_S[0] * fs), before + round(LEVEL_S[1] * fs))
    windows: dict[str, list[Floats]] = {label: [] for label in labels}
    for peak, label in beats:
        window = signal[peak - before : peak + after] if peak >= before else signal[:0]
        if label in windows and len(window) == before + after and not np.isnan(window).any():
            windows[label].append(window - window[level].mean())
    averaged = []
    for label, found in windows.items():
        if not found:
            continue
        table = np.stack(found)
        parts = _forms(table, before, fs) if label == DIVIDED else [table]
        for place, part in enumerate(parts, start=1):
            low, high = np.percentile(part, BAND, axis=0)
            form = place if len(parts) > 1 else 0
            averaged.append(AveragedBeat(label, form, len(part), part.mean(axis=0), low, high))
    return averaged


def _forms(table: Floats, before: int, fs: float) -> list[Floats]:
    """Divide beats by their form, the most frequent first."""
    first, end = (before + round(at * fs) for at in FORM_S)
    shapes = table[:, first:end]
    shapes = shapes - np.median(shapes, axis=1, keepdims=True)
    rows = forms(shapes, np.arange(len(table)), MOST_FORMS)
    return [table[some] for some in sorted(rows, key=lambda some: -len(some))]
