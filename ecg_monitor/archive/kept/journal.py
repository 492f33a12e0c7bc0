"""The journal of a partition: what was read and is in no segment yet, in one file.

Entries are appended as they are read, and are on the disk before anything else is done with them.
Each carries a checksum: one that a crash has cut off, and all behind it, count as never written.
A sealing begins the file anew.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

FOLDER = "journal"
_MAGIC = b"ecg-journal-1\n"
_FRAME = struct.Struct("<II")
_HEAD = struct.Struct("<cBBI")

Kind = Literal["w", "e", "a", "s"]
"""A packet, found events, a change of an alert, who is at the bed."""


class Entry(NamedTuple):
    """One entry.

    Attributes:
        kind: see `Kind`.
        id: its id in the stream that it came from; empty for ``s``.
        device: device id; empty for ``a``.
        head: arrival time (Unix s, text) of a packet, boot of events, what happened to an alert
            (JSON), stay.
        body: packet (CBOR), events (JSON), facts of the alert (JSON), number of the patient.
    """

    kind: Kind
    id: str
    device: str
    head: bytes
    body: bytes


def path_of(root: Path, partition: int) -> Path:
    """Return the file of a partition's journal."""
    return root / FOLDER / f"{partition}.log"


def read(path: Path, device: str | None = None) -> Iterator[Entry]:
    """Yield the entries of a journal; nothing if there is none.

    Args:
        path: the file.
        device: only entries of this device, and those that name none.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for _, entry in _entries(content, None if device is None else device.encode()):
        yield entry


class Journal:
    """The journal that a recorder appends to. Make it with `open`."""

    def __init__(self, path: Path, handle: int, length: int) -> None:
        self._path = path
        self._handle = handle
        self._length = length

    @classmethod
    def open(cls, path: Path) -> tuple[Journal, list[Entry]]:
        """Open a journal, or make it; return it and its entries. What a crash cut off goes.

        Raises:
            OSError: the disk is full, or the folder cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.exists() else b""
        found = list(_entries(content, None))
        if not content.startswith(_MAGIC):
            _begin(path, b"")
            content, found = _MAGIC, []
        length = found[-1][0] if found else len(_MAGIC)
        handle = os.open(path, os.O_RDWR)
        if length < len(content):
            os.ftruncate(handle, length)
        os.lseek(handle, length, os.SEEK_SET)
        return cls(path, handle, length), [entry for _, entry in found]

    def append(self, entries: Iterable[Entry]) -> None:
        """Append entries; when it returns, the disk has them. If it fails, it has none of them.

        Raises:
            OSError: the disk is full or broken.
        """
        content = b"".join(map(_encoded, entries))
        try:
            written = 0
            while written < len(content):
                written += os.write(self._handle, content[written:])
            os.fsync(self._handle)
        except OSError:
            os.ftruncate(self._handle, self._length)
            os.lseek(self._handle, self._length, os.SEEK_SET)
            raise
        self._length += len(content)

    def begin_anew(self, entries: Iterable[Entry]) -> None:
        """Forget all entries, and begin with these.

        Raises:
            OSError: the disk is full; the journal is as it was.
        """
        content = b"".join(map(_encoded, entries))
        _begin(self._path, content)
        os.close(self._handle)
        self._handle = os.open(self._path, os.O_RDWR)
        self._length = len(_MAGIC) + len(content)
        os.lseek(self._handle, self._length, os.SEEK_SET)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._handle)


def _begin(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(_MAGIC + content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _encoded(entry: Entry) -> bytes:
    device, name = entry.device.encode(), entry.id.encode()
    head = _HEAD.pack(entry.kind.encode(), len(device), len(name), len(entry.head))
    content = b"".join((head, device, name, entry.head, entry.body))
    return _FRAME.pack(len(content), zlib.crc32(content)) + content


def _entries(content: bytes, device: bytes | None) -> Iterator[tuple[int, Entry]]:
    """Yield each whole entry, and where it ends."""
    if not content.startswith(_MAGIC):
        return
    at, words = len(_MAGIC), memoryview(content)
    while at + _FRAME.size <= len(content):
        length, check = _FRAME.unpack_from(words, at)
        first, at = at + _FRAME.size, at + _FRAME.size + length
        if length < _HEAD.size or at > len(content) or zlib.crc32(words[first:at]) != check:
            return
        kind, of_device, of_name, of_head = _HEAD.unpack_from(words, first)
        first += _HEAD.size
        whose = bytes(words[first : first + of_device])
        if device is not None and whose not in (device, b""):
            continue
        name, head = first + of_device, first + of_device + of_name
        body = head + of_head
        yield (
            at,
            Entry(
                kind.decode(),
                bytes(words[name:head]).decode(),
                whose.decode(),
                bytes(words[head:body]),
                bytes(words[body:at]),
            ),
        )
