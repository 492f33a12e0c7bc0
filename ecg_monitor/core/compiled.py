"""Compiled functions: numba's ``njit`` with settings that this project needs.

numba caches compiled code by the time stamp of the function's own file, so a change in a file
that it calls would go unnoticed. The cache folder is therefore named after the text of all
compiled modules: a change of any of them starts a new cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

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
    """
    compiled: Any = numba.njit(cache=True, error_model="numpy")(function)
    return cast(F, compiled)
