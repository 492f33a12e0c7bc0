"""The URL of the archive: a place beyond this disk that `fsspec` reaches, as ``s3://ward/ecg``.

Segments lie there under the same paths as in the folder. Which URL it is stands in a file of the
folder, so that whoever reads the archive finds what has left this disk.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ecg_monitor.core.errors import ArchiveError, SettingsError

FILE = "elsewhere"
"""File in the folder of an archive that holds its URL; readable by its owner alone."""
MARK = "archive"
"""File at a URL that holds the name of the archive that is copied there."""
VARIABLE = "ECG_ARCHIVE_URL"


def url_of(root: Path) -> str | None:
    """Return the URL of an archive; None if it has none.

    Args:
        root: folder of the archive.
    """
    try:
        return (root / FILE).read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def keep_url(root: Path, url: str) -> None:
    """Have an archive copied to a URL from now on.

    Args:
        root: folder of the archive; made if missing.
        url: any that `fsspec` takes.

    Raises:
        SettingsError: `fsspec`, or what it needs for such a URL, is not installed, or there are no
            such URLs.
        ArchiveError: the folder cannot be written.
    """
    RemoteStore(url).check()
    draft = root / f".{FILE}.draft"
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(url + "\n")
        draft.replace(root / FILE)
    except OSError as error:
        raise ArchiveError(f"{root}: cannot be written: {error}") from error


class RemoteStore:
    """Files at a URL, by their paths within the archive.

    What a file system raises has no common type: all of it is an `ArchiveError` that names the URL
    without what may be a password in it.
    """

    def __init__(self, url: str) -> None:
        """Take a URL that `fsspec` knows; nothing is asked of it yet."""
        self._url = url

    def check(self) -> None:
        """Make sure that such URLs can be used here.

        Raises:
            SettingsError: they cannot; says what is missing.
        """
        try:
            _ = self._place
        except (ImportError, ValueError) as error:
            raise SettingsError(
                f"{VARIABLE}: {error}; `pip install 'ecg-monitor[remote]'` brings fsspec, which "
                "names what else a kind of URL needs"
            ) from error

    def copy(self, root: Path, names: Sequence[str]) -> None:
        """Copy files there, in their order, over what is there.

        Args:
            root: folder of the archive.
            names: paths within it.

        Raises:
            ArchiveError: one cannot be copied.
        """
        for name in names:
            content = (root / name).read_bytes()
            with self._asking("written", name) as (system, path):
                system.makedirs(system._parent(path), exist_ok=True)
                system.pipe_file(path, content)

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises:
            ArchiveError: it is not there, or the place does not answer.
        """
        with self._asking("read", name) as (system, path):
            content: bytes = system.cat_file(path)
            return content

    def owner(self) -> str | None:
        """Return the name of the archive that is copied there; None: none is yet.

        Raises:
            ArchiveError: the place does not answer.
        """
        with self._asking("read", MARK) as (system, path):
            try:
                content: bytes = system.cat_file(path)
            except FileNotFoundError:
                return None
            return content.decode().strip()

    def mark(self, name: str) -> None:
        """Say there which archive is copied there.

        Raises:
            ArchiveError: it cannot be said.
        """
        with self._asking("written", MARK) as (system, path):
            system.makedirs(system._parent(path), exist_ok=True)
            system.pipe_file(path, f"{name}\n".encode())

    def remove(self, place: str) -> None:
        """Remove the files of a segment; none of them need be there.

        Args:
            place: path within the archive, without an ending.

        Raises:
            ArchiveError: one cannot be removed.
        """
        with self._asking("removed", place) as (system, path):
            for found in (*system.glob(f"{path}.*"), *system.glob(f"{path}_*.dat")):
                system.rm_file(found)

    @cached_property
    def _place(self) -> tuple[Any, str]:
        import fsspec  # noqa: PLC0415 - an extra

        system, root = fsspec.core.url_to_fs(self._url)
        return system, root.rstrip("/")

    @contextlib.contextmanager
    def _asking(self, what: str, name: str) -> Iterator[tuple[Any, str]]:
        try:
            system, root = self._place
            yield system, f"{root}/{name}"
        except Exception as error:
            kind = self._url.partition("://")[0]
            raise ArchiveError(f"{kind}: {name} cannot be {what}: {error}") from error
