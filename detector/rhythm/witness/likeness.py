"""Familiar shapes: does a complex look like those that came before it? Compiled, lead by lead.

A lead remembers a few shapes of its QRS complexes. A shape is 248 ms of signal at 125 Hz around
the R peak and its derivative, each without its mean and scaled to unit energy, so that an inner
product is a correlation; its size is kept beside it. A complex joins the shape that it resembles
(correlation of the derivative, at the shift that fits best), or replaces the one that has become
rarest: so arrhythmia monitors cluster beats (Moody and Mark, "Development and evaluation of a
2-lead ECG analysis program", Computers in Cardiology 9:39-44, 1982). The derivative is what tells
them apart: on slow movements of an electrode the signal itself resembles anything.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import lent, njit

FloatArray = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

STEP = 2
"""Samples at 250 Hz that are averaged to one."""
REACH = 15
POINTS = 2 * REACH + 1
SHIFT = 6
"""A shape is moved by up to so many points (48 ms): an R peak may be found on either wave."""
MARGIN = STEP * (REACH + SHIFT + 2)
"""Samples at 250 Hz that are needed on either side of an R peak."""
SHAPES = 4
"""Shapes per lead: the basic rhythm, ectopic beats, and room for what does not last."""
ALIKE = 0.8
"""Correlation from which a complex has a shape."""
ESTABLISHED = 4.0
"""A shape is familiar once so many complexes have had it."""
MEMORY = 8.0
"""A shape is the mean of about so many complexes."""
FADING = 0.985
"""What a shape's count keeps with every beat: what comes no more is half forgotten after 46."""
SIGNAL, SLOPE = 0, 1
SMALLEST, LARGEST = 0.5, 2.0
"""Size of a complex against that of its shape."""
HEIGHT_MEMORY = 16.0
"""The usual height of a lead is the mean of about so many familiar beats."""
SURE = 0.85
"""Correlation, of the signal and of its derivative, from which a lead alone tells a complex."""
_NO_ENERGY = 1e-9
_ROUNDING = 1e-9
"""More than the error of differences of running sums, as a part of the last of them."""


@njit
def thinned(window: Samples | FloatArray) -> FloatArray:
    """Return a window of 250 Hz at 125 Hz."""
    n = window.size // STEP
    out = np.empty(n)
    for i in range(n):
        out[i] = 0.5 * (float(window[STEP * i]) + float(window[STEP * i + 1]))
    return out


@njit
def slopes(values: FloatArray) -> FloatArray:
    """Return the differences from one value to the next; the first is 0."""
    out = np.zeros(values.size)
    for i in range(1, values.size):
        out[i] = values[i] - values[i - 1]
    return out


@njit
def correlation(shape: FloatArray, values: FloatArray, first: int) -> float:
    """Return the correlation of a shape with the values from ``first`` on; -1 where all is flat."""
    total = 0.0
    squares = 0.0
    product = 0.0
    for j in range(POINTS):
        value = values[first + j]
        total += value
        squares += value * value
        product += value * shape[j]
    energy = squares - total * total / POINTS
    return product / math.sqrt(energy) if energy > _NO_ENERGY else -1.0


@njit
def size_of(values: FloatArray, first: int) -> float:
    """Return the root of the energy about the mean of the values from ``first`` on."""
    total = 0.0
    squares = 0.0
    for j in range(POINTS):
        total += values[first + j]
        squares += values[first + j] ** 2
    return math.sqrt(max(0.0, squares - total * total / POINTS))


@njit
def take(
    signal: FloatArray,
    centre: int,
    shapes: FloatArray,
    sizes: FloatArray,
    counts: FloatArray,
) -> float:
    """Compare a complex with the shapes of its lead, and let it join them.

    Args:
        signal: mV at 125 Hz, `REACH` + `SHIFT` + 1 points at least on either side of ``centre``.
        centre: where its R peak is.
        shapes: of this lead, changed in place, shape (SHAPES, 2, POINTS).
        sizes: of their derivatives, changed in place, shape (SHAPES,).
        counts: complexes that each is made of, fading, changed in place, shape (SHAPES,).

    Returns:
        best correlation of its derivative with an established shape; nan if there is none yet,
        or the lead is flat.
    """
    slope = slopes(signal)
    nearest = -1.0
    familiar = math.nan
    which = -1
    first = centre - REACH
    for k in range(SHAPES):
        if counts[k] <= 0.0:
            continue
        for start in range(centre - REACH - SHIFT, centre - REACH + SHIFT + 1):
            found = correlation(shapes[k, SLOPE], slope, start)
            if found > nearest:
                nearest = found
                which = k
                first = start
            if counts[k] >= ESTABLISHED and not found <= familiar:
                familiar = found
    if size_of(slope, centre - REACH) ** 2 < _NO_ENERGY:
        return math.nan
    if which < 0 or nearest < ALIKE:
        which = int(np.argmin(counts))
        first = centre - REACH
        counts[which] = 0.0
        sizes[which] = 0.0
        shapes[which] = 0.0
    share = 1.0 / min(MEMORY, counts[which] + 1.0)
    _blend(shapes[which, SIGNAL], signal, first, share)
    _blend(shapes[which, SLOPE], slope, first, share)
    sizes[which] += share * (size_of(slope, first) - sizes[which])
    counts[which] += 1.0
    for k in range(SHAPES):
        counts[k] *= FADING
    return familiar


@njit
def _blend(shape: FloatArray, values: FloatArray, first: int, share: float) -> None:
    size = size_of(values, first)
    if size * size < _NO_ENERGY:
        return
    mean = values[first : first + POINTS].mean()
    squares = 0.0
    for j in range(POINTS):
        shape[j] += share * ((values[first + j] - mean) / size - shape[j])
        squares += shape[j] * shape[j]
    if squares > _NO_ENERGY:
        for j in range(POINTS):
            shape[j] /= math.sqrt(squares)


@njit
def between(
    window: Samples | FloatArray, before: int, peak: int, margin: int
) -> tuple[float, float]:
    """Measure the signal between two complexes against the second.

    Args:
        window: mV at 250 Hz.
        before: R peak of the first, or the window's start less ``margin``.
        peak: R peak of the second.
        margin: samples on either side of an R peak that belong to its complex.

    Returns:
        rms between them, and height of the second from trough to peak, both mV.
    """
    squares = 1e-9
    count = 1
    for i in range(max(0, before + margin), peak - margin):
        squares += float(window[i]) * float(window[i])
        count += 1
    low = high = float(window[peak])
    for i in range(max(0, peak - margin), min(window.size, peak + margin + 1)):
        low = min(low, float(window[i]))
        high = max(high, float(window[i]))
    return math.sqrt(squares / count), high - low


@njit
def compare(
    window: Samples,
    peak: int,
    margin: int,
    start: int,
    shapes: FloatArray,
    sizes: FloatArray,
    counts: FloatArray,
    heights: FloatArray,
    found: FloatArray,
) -> tuple[float, bool, bool]:
    """Compare a beat with the shapes of all leads, and let it join them.

    Args:
        window: mV at 250 Hz, shape (n_leads, n).
        peak: its R peak, with `MARGIN` samples on either side.
        margin: samples on either side of an R peak that belong to its complex.
        start: R peak of the beat before, as of `between`.
        shapes: of all leads, as of `take`.
        sizes: likewise.
        counts: likewise.
        heights: of each lead's familiar beats from trough to peak, mV, 0 while there are none;
            follow those of this one where it is familiar, shape (n_leads,).
        found: takes the outcome of `take`, shape (n_leads,).

    Returns:
        the logarithm of rms before it against its height, on the calmest lead; whether it has an
        established shape on any; whether there is one to compare it with on any.
    """
    window, found, heights = lent(window), lent(found), lent(heights)
    shapes, sizes, counts = lent(shapes), lent(sizes), lent(counts)
    calmest = math.inf
    familiar = known = False
    for i in range(window.shape[0]):
        part = thinned(window[i, peak - MARGIN : peak + MARGIN])
        found[i] = take(part, MARGIN // STEP, shapes[i], sizes[i], counts[i])
        rms, height = between(window[i], start, peak, margin)
        if height > 0.0:
            calmest = min(calmest, math.log(rms / height))
        known = known or not math.isnan(found[i])
        if found[i] >= ALIKE:
            familiar = True
            share = 1.0 / HEIGHT_MEMORY if heights[i] != 0.0 else 1.0
            heights[i] = heights[i] + share * (height - heights[i])
    return calmest, familiar, known


@njit
def find_newest(
    window: Samples,
    asked: int,
    newest: int,
    late: int,
    shapes: FloatArray,
    sizes: FloatArray,
    counts: FloatArray,
) -> FloatArray:
    """Find complexes as `find` does, at the end of leads.

    Args:
        window: mV at 250 Hz, shape (n_leads, n), twice ``newest`` or longer.
        asked: bit mask of the leads that are looked at.
        newest: so many points at 125 Hz are looked at ...
        late: ... that lie so many points before the end; more than `REACH`.
        shapes: of all leads, as of `take`.
        sizes: likewise.
        counts: likewise.

    Returns:
        lead, and how far before the end they lie, points at 125 Hz, of each, lead by lead and
        oldest first, shape (n, 2).
    """
    window, shapes, sizes, counts = lent(window), lent(shapes), lent(sizes), lent(counts)
    out = np.empty((window.shape[0] * newest, 2))
    count = 0
    for i in range(window.shape[0]):
        if not (asked >> i) & 1:
            continue
        signal = thinned(window[i, -2 * STEP * newest :])
        end = signal.size - late
        for place in find(signal, end - newest, end, shapes[i], sizes[i], counts[i]):
            out[count, 0], out[count, 1] = i, signal.size - place
            count += 1
    return out[:count]


@njit
def find(
    signal: FloatArray,
    first: int,
    last: int,
    shapes: FloatArray,
    sizes: FloatArray,
    counts: FloatArray,
) -> FloatArray:
    """Find complexes of established shapes, whatever other leads show.

    Args:
        signal: mV at 125 Hz, with `REACH` + 1 points ahead of ``first`` and past ``last``.
        first: first point at which the middle of one may lie.
        last: one past the last.
        shapes: of this lead, as of `take`.
        sizes: likewise.
        counts: likewise.

    Returns:
        where they are, points from the start of ``signal``.
    """
    shapes = lent(shapes)
    slope = slopes(signal)
    fit = np.zeros(last - first)
    smallest, largest = math.inf, 0.0
    for k in range(SHAPES):
        if counts[k] >= ESTABLISHED:
            smallest, largest = min(smallest, SMALLEST * sizes[k]), max(largest, LARGEST * sizes[k])
    total = np.zeros(slope.size + 1)
    squares = np.zeros(slope.size + 1)
    for i in range(slope.size):
        total[i + 1] = total[i] + slope[i]
        squares[i + 1] = squares[i] + slope[i] * slope[i]
    error = _ROUNDING * squares[-1]
    for at in range(first, last):
        start = at - REACH
        # Most places are out of size by far, which sums tell; the others are looked at exactly.
        mean = (total[start + POINTS] - total[start]) / POINTS
        energy = squares[start + POINTS] - squares[start] - mean * mean * POINTS
        if energy + error < smallest * smallest or energy - error > largest * largest:
            continue
        size = size_of(slope, start)
        for k in range(SHAPES):
            if counts[k] < ESTABLISHED or not (SMALLEST * sizes[k] < size < LARGEST * sizes[k]):
                continue
            found = correlation(shapes[k, SLOPE], slope, start)
            sure = found >= SURE and correlation(shapes[k, SIGNAL], signal, start) >= SURE
            if sure and found > fit[at - first]:
                fit[at - first] = found
    places = np.empty(fit.size)
    count = 0
    for i in range(fit.size):
        low, high = max(0, i - REACH), min(fit.size, i + REACH + 1)
        if fit[i] > 0.0 and fit[i] == fit[low:high].max():
            places[count] = first + i
            count += 1
    return places[:count]
