"""Tells what no ECG has, and rescales raw converter values without a gain.

A text file made by a hobby device, or a header without a gain, gives numbers such as 512 where
0.5 mV are meant. Beats are found by shape, but rules that speak of mV (flat lines, pacemaker
pulses, ST) need about the right size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.format.ranges import scale_problem
from ecg_monitor.records.recording import Recording

LARGEST_MV, SMALLEST_MV = 20.0, 0.02
"""Bounds in mV of what an ECG's lead spans in a usual second: monitors must follow QRS complexes
of 0.5 to 5 mV, and the noise of their inputs may reach 0.03 mV (IEC 60601-2-27)."""
ASSUMED_MV = 2.0
"""Span in mV that such a lead gets: the usual height of a QRS complex with its S wave."""


def with_possible_leads(recording: Recording) -> Recording:
    """Return the recording without leads whose gain or baseline no ECG has.

    Raises:
        RecordError: no lead is left.
    """
    reasons = [
        scale_problem(gain, baseline)
        for gain, baseline in zip(recording.gain, recording.baseline, strict=True)
    ]
    if not any(reasons):
        return recording
    rows = [i for i, reason in enumerate(reasons) if not reason]
    told = [
        f"{name} left out: {reason}"
        for name, reason in zip(recording.leads, reasons, strict=True)
        if reason
    ]
    if not rows:
        raise RecordError(f"{recording.name}: holds no ECG: {'; '.join(told)}")
    return replace(recording.with_leads(rows), notes=(*recording.notes, *told))


def span_mv(recording: Recording) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the median over seconds of what each lead spans, mV, shape (n_leads,).

    Seconds with samples that have no value do not count; 0 if there are no others.
    """
    length = max(1, round(recording.fs))
    seconds = recording.n_samples // length
    spans = np.zeros(len(recording.leads))
    if not seconds:
        return spans
    valid = recording.valid()[:, : seconds * length]
    for i, row in enumerate(recording.samples[:, : seconds * length]):
        whole = valid[i].reshape(seconds, length).all(axis=1)
        cut = row.reshape(seconds, length)[whole]
        if len(cut):
            ranges = cut.max(axis=1).astype(np.int32) - cut.min(axis=1)
            spans[i] = np.median(ranges) / recording.gain[i]
    return spans


def made_plausible(recording: Recording) -> Recording:
    """Return a recording of impossible voltages rescaled, with a note; any other as it is.

    Leads count together: if one of them is plausible, the unit is right, and the others are noisy.
    """
    spans = span_mv(recording)
    moving = spans[spans > 0]
    if moving.size and moving.min() > LARGEST_MV:
        gain = tuple(
            gain * span / ASSUMED_MV if span else gain
            for gain, span in zip(recording.gain, spans, strict=True)
        )
        note = (
            f"no ECG spans {moving.min():.3g} mV a second: taken as converter values without a "
            f"gain, {ASSUMED_MV:g} mV assumed; ST and amplitudes mean nothing"
        )
        return replace(recording, gain=gain, notes=(*recording.notes, note))
    if moving.size and moving.max() < SMALLEST_MV:
        note = f"no lead spans more than {moving.max():.2g} mV a second; is the unit right?"
        return replace(recording, notes=(*recording.notes, note))
    return recording
