"""Compiled functions: numba's ``njit`` with settings that this project needs.

numba caches compiled code by the time stamp of the function's own file, so a change in a file
that it calls would go unnoticed. The cache folder is therefore named after the text of all
compiled modules: a change of any of them starts a new cache.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from ecg_monitor.core.settings import load

F = TypeVar("F", bound=Callable[..., Any])

SOURCES = (
    "ecg_monitor/core/compiled.py",
    "ecg_monitor/records/plausible.py",
    "detector/delineation/*.py",
    "detector/engine/*.py",
    "detector/engine/qrs/*.py",
    "workbench/training/qrs/recorder.py",
    "detector/rhythm/waveform/atrial.py",
    "detector/rhythm/waveform/cycle.py",
    "detector/rhythm/rules/dissociation.py",
    "detector/rhythm/waveform/fibrillation.py",
    "detector/rhythm/waveform/flutter.py",
    "detector/rhythm/rules/irregular.py",
    "detector/rhythm/witness/likeness.py",
    "detector/rhythm/waveform/quality.py",
    "detector/rhythm/waveform/regular.py",
    "detector/rhythm/waveform/shapes.py",
    "detector/rhythm/waveform/shrunk.py",
    "detector/rhythm/waveform/standstill.py",
    "models/autoencoder/steps.py",
    "models/beats/columns.py",
    "models/beats/features/*.py",
    "models/beats/training/trees.py",
)
"""Files of compiled functions and of the constants built into them, below the checkout."""


def sources() -> Iterator[Path]:
    """Yield the files that compiled code depends on, always in the same order."""
    root = Path(__file__).parents[2]
    for pattern in SOURCES:
        yield from sorted(root.glob(pattern))


def _cache_folder() -> str:
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources())).hexdigest()
    return str(load().cache_dir / "numba" / digest[:16])


os.environ.setdefault("NUMBA_CACHE_DIR", _cache_folder())

import numba  # noqa: E402  (reads the variable when imported)


def njit(function: F) -> F:
    """Compile a function at first use and keep the result on disk.

    No ``fastmath``: results must not depend on how the compiler orders additions.

    With ``NUMBA_DISABLE_JIT=1`` the function runs as plain Python, so that a coverage tool counts
    its lines. Records are then given attributes, which only compiled code has of itself.
    """
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        return cast(F, _interpreted(function))
    compiled: Any = numba.njit(cache=True, error_model="numpy")(function)
    return cast(F, compiled)


def _interpreted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose structured arrays and records can be read by attribute."""

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*(_with_attributes(argument) for argument in arguments))

    return call


class _Record(np.record):  # type: ignore[misc]  # final only in the type stubs
    """A record whose fields come before numpy's own attributes, as in compiled code."""

    def __getattribute__(self, name: str) -> Any:
        fields = np.void.__getattribute__(self, "dtype").fields
        if name in fields:
            return _widened(np.void.__getitem__(self, name))
        return super().__getattribute__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in np.void.__getattribute__(self, "dtype").fields:
            raise AttributeError(name)
        np.void.__setitem__(self, name, value)


class _Integers(np.ndarray[Any, Any]):
    """Integers whose sums do not wrap round at the width of what they are stored in."""

    def __getitem__(self, key: Any) -> Any:
        return _widened(super().__getitem__(key))


def _widened(value: Any) -> Any:
    """Return integers as compiled code reckons with them: at full width, however they are kept."""
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "iu":
        return value.view(_Integers)
    return value


def _with_attributes(value: Any) -> Any:
    """Return a view of a structured array or record with its fields as attributes."""
    dtype = getattr(value, "dtype", None)
    if dtype is None or dtype.names is None or dtype.type is _Record:
        return value
    return value.view(np.dtype((_Record, dtype)))
