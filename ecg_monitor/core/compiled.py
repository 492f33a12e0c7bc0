"""Compiled functions: numba's ``njit`` with settings that this project needs.

numba caches compiled code by the time stamp of the function's own file, so a change in a file
that it calls would go unnoticed. The cache folder is therefore named after the text of all
compiled modules: a change of any of them starts a new cache.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from ecg_monitor.core.settings import load

F = TypeVar("F", bound=Callable[..., Any])
A = TypeVar("A")

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
    "detector/rhythm/witness/activity.py",
    "detector/rhythm/witness/likeness.py",
    "detector/rhythm/waveform/quality.py",
    "detector/rhythm/waveform/regular.py",
    "detector/rhythm/waveform/shapes.py",
    "detector/rhythm/waveform/shrunk.py",
    "detector/rhythm/waveform/standstill.py",
    "models/autoencoder/steps.py",
    "models/beats/columns.py",
    "models/beats/features/*.py",
    "models/beats/forest.py",
    "models/beats/training/trees.py",
)
"""Files of compiled functions and of the constants built into them, below the checkout."""

SHARED = Path(sys.prefix) / "var" / "ecg-monitor" / "compiled"
"""Compiled code that was installed with the program, a folder for each state of the sources."""


def sources() -> Iterator[Path]:
    """Yield the files that compiled code depends on, always in the same order."""
    root = Path(__file__).parents[2]
    for pattern in SOURCES:
        yield from sorted(root.glob(pattern))


def share() -> Path | None:
    """Lay what this user has compiled beside the program, where every user of the machine finds it.

    Whoever starts the program there for the first time copies it (see `cache_folder`), and need
    not compile. It is for who installs to call: others cannot write there.

    Returns:
        the folder; None where the program has no environment of its own, and nothing was done.

    Raises:
        OSError: the folder cannot be written.
    """
    own = Path(os.environ["NUMBA_CACHE_DIR"])
    if sys.prefix == sys.base_prefix or own.name != sources_digest():
        return None
    folder = SHARED / own.name
    for old in SHARED.glob("*"):
        shutil.rmtree(old)
    _copy(own, folder)
    return folder


def sources_digest() -> str:
    """Return what stands for the text of all compiled modules, 16 hexadecimal digits."""
    return hashlib.sha256(b"\0".join(one.read_bytes() for one in sources())).hexdigest()[:16]


def cache_folder() -> str:
    """Return this user's folder of compiled code, which begins with what was shared."""
    own = load().cache_dir / "numba" / sources_digest()
    shared = SHARED / own.name
    if shared.is_dir() and not own.exists():
        # Without it the same is compiled: a minute or two later.
        with contextlib.suppress(OSError):
            _copy(shared, own)
    return str(own)


def _copy(folder: Path, to: Path) -> None:
    """Copy a folder as a whole or not at all: other processes start at the same time."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".fresh-") as fresh:
        made = Path(fresh) / to.name
        shutil.copytree(folder, made, ignore=shutil.ignore_patterns("compiling"))
        try:
            made.rename(to)
        except OSError:
            if not to.is_dir():  # else another was first
                raise


os.environ.setdefault("NUMBA_CACHE_DIR", cache_folder())

import numba  # noqa: E402  (reads the variable when imported)
from numba.extending import intrinsic, overload  # noqa: E402


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


@intrinsic
def _without_owner(_context: Any, array: Any) -> Any:
    """Return an array as it is, but such that nobody counts who refers to it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        for name in ("meminfo", "parent"):
            held: Any = getattr(made, name)
            setattr(made, name, held.type(None))
        return made._getvalue()

    return array(array), generate


def lent(array: A) -> A:
    """Return, in compiled code, an argument of the function as an array that belongs to nobody.

    Compiled code counts who refers to an array at each view of it, with locked instructions that
    took a third of the engine's time. Whoever calls a function holds its arguments anyway. What a
    function makes itself must not be lent, since it would be freed too soon, and what is lent must
    not be returned. Uncompiled, it is the array itself.
    """
    return array


@overload(lent)
def _lend(array: Any) -> Any:  # noqa: ARG001 (numba reads its name and annotation)
    def lend(array: Any) -> Any:
        return _without_owner(array)  # type: ignore[call-arg]

    return lend


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
