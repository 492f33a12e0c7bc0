"""Arithmetic that the features share."""

# Compiled functions: their argument types are arrays and records that numba infers.
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import math

from ecg_monitor.core.compiled import njit

TINY = 1e-9
"""Summand that avoids a division by zero."""


@njit
def clip(value, low, high):
    """Bring a value into a range."""
    return min(max(value, low), high)


@njit
def log_ratio(a, b):
    """Return the log of ``a / b``, both at least 0.02, bounded by 2."""
    return clip(math.log(max(a, 0.02) / max(b, 0.02)), -2.0, 2.0)


@njit
def correlation(a, b, first, end, lag):
    """Return the correlation of ``a[first:end]`` with ``b`` moved by ``lag``; 0 if one is flat."""
    n = end - first
    mean_a = 0.0
    mean_b = 0.0
    for i in range(first, end):
        mean_a += a[i]
        mean_b += b[i + lag]
    mean_a /= n
    mean_b /= n
    aa = 0.0
    bb = 0.0
    ab = 0.0
    for i in range(first, end):
        u = a[i] - mean_a
        v = b[i + lag] - mean_b
        aa += u * u
        bb += v * v
        ab += u * v
    return ab / math.sqrt(aa * bb) if aa > TINY and bb > TINY else 0.0


@njit
def best_correlation(a, b, first, end, reach):
    """Highest correlation within ``reach`` samples, and the lag at which it is; near lags first."""
    best = -2.0
    at = 0
    for step in range(2 * reach + 1):
        lag = (step + 1) // 2 * (1 if step % 2 else -1)
        value = correlation(a, b, first, end, lag)
        if value > best + 1e-12:
            best = value
            at = lag
    return best, at


@njit
def residual(a, b, first, end):
    """Return the energy of ``a - b`` against that of ``b`` about their means, as a bounded log."""
    n = end - first
    mean_a = 0.0
    mean_b = 0.0
    for i in range(first, end):
        mean_a += a[i]
        mean_b += b[i]
    mean_a /= n
    mean_b /= n
    rest = 0.0
    whole = 0.0
    for i in range(first, end):
        u = a[i] - mean_a
        v = b[i] - mean_b
        rest += (u - v) * (u - v)
        whole += v * v
    return clip(math.log((rest + 1e-5) / (whole + 1e-5)), -5.0, 4.0)


@njit
def extent(values, first, end):
    """Return the least and greatest of ``values[first:end]``."""
    low = values[first]
    high = values[first]
    for i in range(first, end):
        low = min(low, values[i])
        high = max(high, values[i])
    return low, high
