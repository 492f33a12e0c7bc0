"""Streaming conversion of any sampling rate to the engine's one rate, by windowed sinc.

Output sample ``k`` lies at input position ``k * fs / FS``, computed from the absolute index: the
lattice is anchored to the device's power-up, so it neither drifts nor depends on where a stream
was cut. The kernel is a Kaiser-windowed sinc (Smith, "Digital Audio Resampling", CCRMA 2002)
with its cut-off at 90 % of the lower Nyquist frequency, tabulated at `PHASES` positions.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import njit

FS = 250.0
"""The engine's rate in Hz: QRS energy ends below 40 Hz, and 4 ms is well inside 10 ms accuracy."""
PHASES = 128
"""Positions of the table between two input samples: at most 0.02 ms off at 250 Hz."""
LOBES = 6
"""Zero crossings of the sinc on either side: 24 ms of delay at rates from 250 Hz up."""
KAISER_BETA = 6.0
"""Side lobes below -60 dB, under the noise of a 12-bit converter."""
CUTOFF = 0.9
HISTORY = 512
"""Input samples kept per lead: a power of two, at least the taps needed at 2000 Hz and what waits
for the end of a hole (`detector.engine.intake`)."""


def half_width(fs: float) -> int:
    """Return the input samples needed on either side of an output sample."""
    return math.ceil(LOBES * max(1.0, fs / FS))


def table(fs: float) -> npt.NDArray[np.float32]:
    """Return the filter taps for each phase.

    Args:
        fs: input rate in Hz, 50 to 2000.

    Returns:
        Array of shape (PHASES + 1, 2 * half_width(fs)); row ``j`` interpolates at a fraction
        ``j / PHASES`` after input sample ``half_width - 1``. Each row sums to 1.
    """
    half = half_width(fs)
    cutoff = CUTOFF * min(1.0, FS / fs)
    offsets = np.arange(1 - half, half + 1)[None, :] - (np.arange(PHASES + 1) / PHASES)[:, None]
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0.0, 1 - (offsets / half) ** 2)))
    taps = np.sinc(cutoff * offsets) * window
    taps /= taps.sum(axis=1, keepdims=True)
    return taps.astype(np.float32)


def last_needed(decided_n: int, fs: float) -> int:
    """Return the index of the input sample that a decision waited for.

    Args:
        decided_n: sample index that the analysis had reached, as events tell it.
        fs: input rate in Hz.

    Returns:
        index of the last sample that the filter needed for the output sample there; at rates below
        `FS`, where several output samples have the same index, it may be one less or more.
    """
    return math.floor(round(decided_n * FS / fs) * fs / FS) + half_width(fs)


@njit
def position(k, fs):
    """Return the input position (in samples) of output sample ``k``."""
    return k * fs / FS


@njit
def first_output(n, fs):
    """Return the index of the first output sample at or after input sample ``n``."""
    return math.ceil(n * FS / fs - 1e-9)


@njit
def interpolate(history, newest, n, fraction, taps, half):
    """Return one output sample.

    Args:
        history: ring of the last HISTORY input samples; index ``i`` lies at ``i % HISTORY``.
        newest: index of the newest input sample in the ring.
        n: index of the input sample at or before the output position.
        fraction: how far the position lies after ``n``, 0 to 1.
        taps: `table` of this rate.
        half: `half_width` of this rate.

    Returns:
        The value at the position; samples after ``newest`` count as equal to the newest.
    """
    row = int(fraction * PHASES + 0.5)
    value = 0.0
    for j in range(2 * half):
        i = min(n - half + 1 + j, newest)
        value += taps[row, j] * history[i & (HISTORY - 1)]
    return value
