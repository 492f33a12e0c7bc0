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
RAW = 512
"""Engine samples kept as they came: a `STRIP` at the time that it is handed out."""
BEATS = 64
"""R peaks kept per device: over 10 s at 300 bpm."""
LEVELS = 8
"""QRS and noise peaks kept per lane for the running levels, as in Hamilton (2002)."""
SMOOTH = 24
"""Samples of the QRS envelope's moving window (96 ms, about the width of a QRS complex)."""
SHAPE = 25
"""Points of a template: every second sample, 100 ms on either side of the complex."""
TEMPLATES = 2
"""Templates kept per lane of beats, and as many of what was no beat."""
LAST_PEAKS = 4
"""Envelope peaks of the last beats that are kept, to find what follows each of them."""
BLOCKS = 4
"""Blocks of one second whose maxima are kept, to learn levels anew when beats stay away."""

CAME, CAME_EVERY = 64, 4
"""Samples kept as they came, before any is held: one in four engine samples, just over a second.
A power of two, so that the ring's place follows from the index."""

LANE = np.dtype(
    [
        ("gain", "f8"),  # ADC units per mV
        ("baseline", "f8"),  # ADC value at 0 mV
        ("history", "f4", (HISTORY,)),  # ring of input samples, mV
        ("missing", "i1", (HISTORY,)),  # ... 1 where there is none
        ("hole", "i8"),  # first input sample of the hole that is open, or -1
        ("newest", "f8"),  # newest input sample as it came, mV; nan: the lead was off
        ("held", "i8"),  # one past the input samples that a step of no heart hides
        ("steep", "i8"),  # ... and one past those that hide a step of its own
        ("jumped", "i8"),  # engine sample at which such a step had left it at another level
        ("hum_last", "f8"),  # last engine sample as it came, mV
        ("hum_re", "f8", (2,)),  # phasors of its differences at 50 and 60 Hz, mV
        ("hum_im", "f8", (2,)),
        ("hum_level", "f8", (2,)),  # running amplitude of the hum, mV
        ("hum_on", "i4", (2,)),  # whether it is taken out
        ("high", "f8", (2,)),  # state of the baseline filter
        ("band", "f8", (2,)),  # state of the QRS filter
        ("band_last", "f8", (2,)),  # its last two outputs
        ("window", "f8", (SMOOTH,)),  # rectified slopes under the moving window
        ("window_sum", "f8"),
        ("raw", "f4", (RAW,)),  # ring of the resampled signal, mV
        ("wide", "f4", (RING,)),  # ring of baseline-free signal, mV
        ("envelope", "f4", (RING,)),  # ring of QRS envelope, mV per sample
        ("holes", "i1", (RING,)),  # ring: 1 where an input sample was missing
        ("gone", "i8"),  # engine samples in a row that were missing, up to now
        ("back", "i8"),  # ... and that were not, up to `intake.SETTLES`
        ("block_max", "f4", (BLOCKS,)),  # largest envelope of the last seconds
        ("loudest", "f8"),  # ... and of them all
        ("qrs", "f4", (LEVELS,)),  # envelope at the last QRS complexes
        ("n_qrs", "i4"),
        ("signal_level", "f8"),  # envelope of a QRS complex
        ("noise_level", "f8"),  # envelope of a peak that is none
        ("slope_level", "f8"),  # steepest slope of a QRS complex, mV per two samples
        ("swing_level", "f8"),  # height from peak to trough of a QRS complex, mV
        ("last_envelope", "f8"),  # envelope of the last beat
        ("shapes", "f4", (2 * TEMPLATES, SHAPE)),  # of beats, then of what was none
        ("shape_beats", "i4", (2 * TEMPLATES,)),  # how many complexes each is made of
        ("trust", "f8"),  # running mean of how sure it was of candidates, 0 .. 1
        ("said", "i8"),  # candidate that it took for a beat last
        ("share", "f8"),  # ... and its share in joint verdicts by that; 0: not known
        ("low", "f4"),  # range of the signal in the running second
        ("top", "f4"),
        ("flat_s", "i4"),  # seconds without movement so far
        ("came", "f4", (CAME,)),  # ring of samples as they came, mV; nan: the lead was off
        ("span", "f8"),  # what they spanned in the last second, mV; nan: not known
        ("large", "i4"),  # bits of the last seconds: that was too large for an ECG
        ("too_large", "i4"),  # it has lasted
        ("stepped", "i8"),  # input samples of the running second that its own steps hide
        ("torn", "i4"),  # seconds for which it counts as torn to pieces by them
        ("unfit", "i4"),  # it shows no heart, and another lead may
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
        ("attached", "i8"),  # engine sample at which all leads were off for long last, or `start`
        ("pulse_end", "i8"),  # one past the input samples that the last pacemaker pulse hides
        ("leadoff", "i4"),  # bit mask of lanes without a value at the newest input sample
        ("dark", "i1", (RING,)),  # ring: 1 where no lead showed the heart for a hole
        ("dark_n", "i8"),  # such engine samples since power-up
        ("dark_before", "i8"),  # ... of them up to the last beat, or `attached`
        ("learned", "i4"),  # levels are known
        ("fused", "f4", (RING,)),  # ring of the leads' joint envelope, in QRS levels
        ("last_peak", "i8"),  # envelope peak of the last beat
        ("last_peaks", "i8", (LAST_PEAKS,)),  # ring of those of the last beats; -1: none
        ("n_peaks", "i8"),  # how many were put into it
        ("beats", "i8", (BEATS,)),  # ring of R peaks
        ("before", "i8", (BEATS,)),  # the R peak before each in the same stretch, or -1
        ("n_beats", "i8"),  # R peaks since power-up
        ("n_ready", "i8"),  # how many of them have been handed out with their windows
        ("stretch_beats", "i8"),  # R peaks in this unbroken stretch
        ("mean_rr", "f8"),  # of the last RR intervals, engine samples; 0: unknown
        ("rr_spread", "f8"),  # mean deviation from it, as a part of it
        ("locating", "i8"),  # lane that says where R peaks lie
        ("small", "i4"),  # bits of the last seconds: all leads were too small for an ECG
        ("too_small", "i4"),  # it has lasted
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
"""One row of the kernel's output.

PEAK: a beat has been found; a = RR in s (nan: none), b = amplitude in mV.
READY: all that a beat's label may depend on is there; a = the R peak before it in the same
stretch, b = the R peak after it (-1: none, or a hole between them may hide one; both engine
samples), c = bit mask of leads on which it can be classified, plus `MASK_STEP` times that of those
without a hole in the strip, plus `MASK_STEP` squared times 1 if holes alone keep it from being
classified, and 2 if they cut its QRS complex on any of these leads.
The signal around it is the next row of the windows, and the next row per lead of the strips.
TICK: a = heart rate (nan: unknown), b = seconds that were seen since the last R peak or since the
stretch began, c = quality code plus `QUALITY_STEP` times the engine samples of the last second in
which a hole hid the heart on all leads.
SECOND: a whole second of an unbroken stretch is there, up to and with ``k``; a = bit mask of the
leads of wrong scale, b = what the worst of them spans, mV, c = bit mask of leads that are missing
for most of it, plus `MASK_STEP` times that of leads with so many holes that its waveform must not
be judged. Its signal is the next row of the seconds."""

MASK_STEP, QUALITY_STEP = 1 << 16, 8

PEAK = 0
TICK = 1
READY = 2
SECOND = 3

WINDOW_LEADS = 2
"""Leads whose signal is handed out with a beat: the first ones."""
WINDOW_BEFORE = 128
WINDOW = 320
"""Samples of the window handed out with a beat, and how many of them lie before the R peak: what
the networks want (checked against `models` by a test)."""
READY_AFTER = 350
"""A beat is handed out when this many samples after its R peak are there (1.4 s): a label is due
1.5 s after it, and the next R peak should be known."""

STRIP_BEFORE = 150
STRIP = 500
"""Samples of the strip handed out with a beat, of every lead as it came, and how many of them lie
before the R peak: from the P wave of the longest PR interval to what is there when the beat is
handed out. Intervals and ST levels are measured on it, so no filter may have bent it."""

FLAT_S = 2
"""Seconds of flat line after which a lead counts as flat."""

GOOD, POOR, FLAT, LEADOFF = 0, 1, 2, 3
QUALITIES = ("good", "poor", "flat", "leadoff")
