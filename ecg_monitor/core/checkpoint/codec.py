"""Whole objects as checkpoints: their version, their parts, and the way there and back. Pure."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, TypeVar

import cbor2

from ecg_monitor.core.checkpoint.fields import coding
from ecg_monitor.core.errors import CheckpointError

T = TypeVar("T")


def version(*classes: type) -> str:
    """Return a hash of the names and types of all fields that these classes save, 16 hex digits.

    Raises:
        TypeError: a field is of a type that cannot be saved.
    """
    return _version(classes)


@cache
def _version(classes: tuple[type, ...]) -> str:
    text = ";".join(coding(cls).text for cls in classes)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def parts(*classes: type) -> frozenset[type]:
    """Return all dataclasses whose fields are in a checkpoint of these classes."""
    return frozenset(part for cls in classes for part in coding(cls).parts)


def save(value: Any) -> Any:
    """Return the saved fields of an object in a form that CBOR takes.

    It may share lists with the object: make bytes of it before the object changes.
    """
    encode = coding(type(value)).encode
    return value if encode is None else encode(value)


def restore(value: Any, saved: Any) -> None:
    """Put saved fields back into an object that was made with the same configuration.

    Args:
        value: the object; of no use if an error is raised.
        saved: from `save`.

    Raises:
        CheckpointError: that is no state of such an object.
    """
    refill = coding(type(value)).refill
    if refill is None:
        raise TypeError(f"{type(value).__name__} is frozen: `make` it")
    try:
        refill(value, saved)
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise CheckpointError(f"damaged state of {type(value).__name__}: {error}") from error


def make(cls: type[T], saved: Any) -> T:
    """Return a new object from what `save` gave.

    Raises:
        CheckpointError: that is no state of such an object.
    """
    decode = coding(cls).decode
    if decode is None:
        raise TypeError(f"{cls.__name__} needs to be told more than is saved: `restore` it")
    try:
        made: T = decode(saved)
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise CheckpointError(f"damaged state of {cls.__name__}: {error}") from error
    return made


def pack(value: Any) -> bytes:
    """Return an object's checkpoint: its version and its saved fields."""
    return cbor2.dumps([version(type(value)), save(value)])


def unpack(value: Any, saved: bytes) -> None:
    """Put a checkpoint from `pack` back into an object, which is of no use if an error is raised.

    Raises:
        CheckpointError: it comes from another version, or is damaged.
    """
    restore(value, _content(type(value), saved))


def unpacked(cls: type[T], saved: bytes) -> T:
    """Return a new object from a checkpoint.

    Raises:
        CheckpointError: it comes from another version, or is damaged.
    """
    return make(cls, _content(cls, saved))


def _content(cls: type, saved: bytes) -> Any:
    try:
        found = cbor2.loads(saved)
    except (cbor2.CBORDecodeError, TypeError) as error:
        raise CheckpointError(f"damaged checkpoint of {cls.__name__}: {error}") from error
    if not isinstance(found, list) or len(found) != 2 or found[0] != version(cls):
        raise CheckpointError(f"checkpoint of {cls.__name__} of another version")
    return found[1]
