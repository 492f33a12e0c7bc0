"""Whole objects as checkpoints: their version, their parts, and the way there and back. Pure."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, TypeVar

import msgpack

from ecg_monitor.core.checkpoint.fields import coding
from ecg_monitor.core.errors import CheckpointError

T = TypeVar("T")

FORMAT = b"\xc1\x01"
"""What the bytes of a checkpoint begin with: no MessagePack does, nor did former versions."""
_INTEGER = 1
"""Type of extension by which integers of more than 64 bits are packed."""
_BUFFER = 1 << 17
"""Bytes that a packer begins with: enough for most checkpoints, and quickly had."""


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
    """Return the saved fields of an object in a form that `packed` takes.

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


def packed(value: Any) -> bytes:
    """Return plain values (numbers, text, bytes, None; lists and maps of them) as bytes.

    That is MessagePack: of what is quick to write, the one that takes all floats and any bytes.
    """
    packer = msgpack.Packer(default=_packed_integer, autoreset=False, buf_size=_BUFFER)
    packer.pack(value)
    return b"".join((FORMAT, packer.getbuffer()))


def opened(saved: Any) -> Any:
    """Inverse of `packed`; tuples come back as lists.

    Raises:
        CheckpointError: the bytes are of another version, or damaged.
    """
    if not isinstance(saved, bytes) or not saved.startswith(FORMAT):
        raise CheckpointError("checkpoint of another version")
    view = memoryview(saved)[len(FORMAT) :]
    try:
        return msgpack.unpackb(view, ext_hook=_integer, strict_map_key=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise CheckpointError(f"damaged checkpoint: {error}") from error


def _packed_integer(value: Any) -> msgpack.ExtType:
    """Pack an integer of more than 64 bits; raises TypeError if it is none."""
    if not isinstance(value, int):
        raise TypeError(f"{type(value).__name__} cannot be packed")
    return msgpack.ExtType(
        _INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)
    )


def _integer(code: int, data: bytes) -> int:
    if code != _INTEGER:
        raise ValueError(f"a value of an unknown type: {code}")
    return int.from_bytes(data, "big", signed=True)


def pack(value: Any) -> bytes:
    """Return an object's checkpoint: its version and its saved fields."""
    return packed((version(type(value)), save(value)))


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
        found = opened(saved)
    except CheckpointError as error:
        raise CheckpointError(f"{cls.__name__}: {error}") from error
    if not isinstance(found, list) or len(found) != 2 or found[0] != version(cls):
        raise CheckpointError(f"checkpoint of {cls.__name__} of another version")
    return found[1]
