"""Alarm limits as the rules see them.

They are declared in `ecg_monitor.limits.model`, their allowed values in `ecg_monitor.limits.check`
and their defaults in ``ecg_monitor/limits/limits.toml``: the dashboard's editor needs them as well.
A new limit goes there; the section it belongs to is imported here.
"""

from __future__ import annotations

from ecg_monitor.limits.model import (
    CATEGORIES,
    SECTIONS,
    AfLimits,
    ConductionLimits,
    LimitBook,
    Limits,
    NoiseLimits,
    PacingLimits,
    RateLimits,
    StLimits,
    SupraventricularLimits,
    VentricularLimits,
    VfLimits,
    default_limits,
    default_tables,
)

__all__ = [
    "CATEGORIES",
    "SECTIONS",
    "AfLimits",
    "ConductionLimits",
    "LimitBook",
    "Limits",
    "NoiseLimits",
    "PacingLimits",
    "RateLimits",
    "StLimits",
    "SupraventricularLimits",
    "VentricularLimits",
    "VfLimits",
    "default_limits",
    "default_tables",
]
