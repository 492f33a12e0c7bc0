"""State of the engine as two arrays of records: one per device, one per lead ("lane").

A lane belongs to one device; a device's lanes are contiguous. Everything that the kernel needs
to go on is in these records, so a checkpoint of a device is their bytes. Indices ``k`` count
samples at the engine's rate on the lattice anchored to power-up; ``-1`` means none yet.
"""

from __future__ import annotations

import numpy as np

from detector.engine.resample import HISTORY

RING = 1024
"""Engine samples kept per lane (4.1 s): the learning time, plus what a decision looks back."""
BEATS = 64
"""R peaks kept per device: over 10 s at 300 bpm."""
LEVELS = 8
"""QRS and noise peaks kept per lane for the running levels, as in Hamilton (2002)."""
SMOOTH = 24
"""Samples of the QRS envelope's moving window (96 ms, about the width of a QRS complex)."""
BLOCKS = 4
"""Blocks of one second whose maxima are kept, to learn levels anew when beats stay away."""

LANE = np.dtype(
    [
        ("gain", "f8"),  # ADC units per mV
        ("baseline", "f8"),  # ADC value at 0 mV
        ("history", "f4", (HISTORY,)),  # ring of input samples, mV
        ("high", "f8", (2,)),  # state of the baseline filter
        ("band", "f8", (2, 2)),  # state of the QRS filter, per section
        ("band_last", "f8", (2,)),  # its last two outputs
        ("window", "f8", (SMOOTH,)),  # rectified slopes under the moving window
        ("window_sum", "f8"),
        ("wide", "f4", (RING,)),  # ring of baseline-free signal, mV
        ("envelope", "f4", (RING,)),  # ring of QRS envelope, mV per sample
        ("block_max", "f4", (BLOCKS,)),  # largest envelope of the last seconds
        ("qrs", "f4", (LEVELS,)),  # envelope at the last QRS complexes
        ("noise", "f4", (LEVELS,)),  # envelope at the last peaks that were none
        ("n_qrs", "i4"),
        ("n_noise", "i4"),
        ("signal_level", "f8"),
        ("noise_level", "f8"),
        ("weight", "f8"),  # share in the fused envelope
        ("low", "f4"),  # range of the signal in the running second
        ("top", "f4"),
        ("flat_s", "i4"),  # seconds without movement so far
    ],
    align=True,
)

DEVICE = np.dtype(
    [
        ("fs", "f8"),
        ("newest", "i8"),  # index of the newest input sample
        ("k", "i8"),  # next engine sample
        ("start", "i8"),  # first engine sample of this unbroken stretch
        ("scanned", "i8"),  # next engine sample that the QRS detector sees
        ("attached", "i8"),  # engine sample at which all leads were off last, or `start`
        ("leadoff", "i4"),  # bit mask of detached lanes
        ("learned", "i4"),  # levels are known
        ("candidate_height", "f8"),  # highest envelope since the last fall
        ("candidate", "i8"),
        ("pending_height", "f8"),  # peak that waits until no higher one can follow
        ("pending", "i8"),
        ("missed_height", "f8"),  # best peak below the threshold since the last beat
        ("missed", "i8"),
        ("last_peak", "i8"),  # envelope peak of the last beat
        ("last_height", "f8"),
        ("beats", "i8", (BEATS,)),  # ring of R peaks
        ("n_beats", "i8"),  # R peaks since power-up
        ("stretch_beats", "i8"),  # R peaks in this unbroken stretch
        ("mean_rr", "f8"),  # of the last RR intervals, engine samples; 0: unknown
    ],
    align=True,
)

EVENT = np.dtype(
    [
        ("kind", "i4"),
        ("slot", "i4"),
        ("k", "i8"),  # where it lies
        ("decided", "i8"),  # engine sample at which it was decided
        ("a", "f8"),
        ("b", "f8"),
        ("c", "f8"),
    ],
    align=True,
)
"""One row of the kernel's output. BEAT: a = RR in s (nan: none), b = amplitude in mV.
TICK: a = heart rate (nan: unknown), b = seconds since the last R peak or since the stretch began,
c = quality code."""

BEAT = 0
TICK = 1

GOOD, POOR, FLAT, LEADOFF = 0, 1, 2, 3
QUALITIES = ("good", "poor", "flat", "leadoff")
