"""Downloads of PhysioNet databases: resumable, checksummed, quick to give up without a network.

A file is written as ``NAME.part``, continued with an HTTP range where an earlier try was cut, held
against the SHA-256 sum that PhysioNet publishes, and only then given its name: what has its name
is whole. A file that fails the check is removed.
"""

from __future__ import annotations

import hashlib
import http.client
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import ecg_monitor
from ecg_monitor.core.errors import RecordError

BASE_URL = "https://physionet.org/files"
CONNECT_TIMEOUT_S = 3.0
SILENCE_TIMEOUT_S = 15.0
"""Longest wait for the next byte, s: PhysioNet may take some seconds before the first."""
TRIES = 3
_CHUNK = 64 * 1024
_SUMS = "SHA256SUMS.txt"

Progress = Callable[[str, int, int], None]
"""Called with (file name, bytes so far, bytes in all; 0 if unknown)."""


@dataclass(frozen=True, slots=True)
class Database:
    """A PhysioNet database.

    Attributes:
        name: short name, also that of its folder on the server.
        version: version that the project is tested with.
        summary: what it holds.
    """

    name: str
    version: str
    summary: str


DATABASES = {
    database.name: database
    for database in (
        Database("mitdb", "1.0.0", "MIT-BIH Arrhythmia: 48 half-hour two-lead records, beats"),
        Database("nstdb", "1.0.0", "MIT-BIH Noise Stress Test: noise, and noisy ECGs"),
        Database("vfdb", "1.0.0", "MIT-BIH Malignant Ventricular Ectopy: VT, VF, asystole"),
        Database("ludb", "1.0.1", "Lobachevsky University: 200 short 12-lead records, waves"),
        Database("svdb", "1.0.0", "MIT-BIH Supraventricular Arrhythmia: 78 half-hour records"),
        Database("afdb", "1.0.0", "MIT-BIH Atrial Fibrillation: 25 ten-hour records"),
        Database("nsrdb", "1.0.0", "MIT-BIH Normal Sinus Rhythm: 18 one-day records"),
        Database("cudb", "1.0.0", "Creighton University Ventricular Tachyarrhythmia: 35 records"),
        Database("incartdb", "1.0.0", "St Petersburg INCART: 75 half-hour 12-lead records"),
        Database("qtdb", "1.0.0", "QT: 105 quarter-hour records with wave boundaries"),
    )
}


@dataclass(frozen=True, slots=True)
class Download:
    """Outcome of `fetch`.

    Attributes:
        folder: where the records lie.
        records: their names.
        files: number of files downloaded now (the others were there already).
        size: bytes downloaded now.
    """

    folder: Path
    records: tuple[str, ...]
    files: int
    size: int


def fetch(
    database: str,
    folder: Path,
    records: Sequence[str] = (),
    *,
    base_url: str = BASE_URL,
    progress: Progress | None = None,
    silence_timeout_s: float = SILENCE_TIMEOUT_S,
) -> Download:
    """Download records of a database into ``folder``; files that are there and right are kept.

    Args:
        database: key of `DATABASES`.
        folder: target, made if missing; the database's own subfolders are kept.
        records: names as in the database's RECORDS (``"100"``, ``"data/1"``); none: all.
        base_url: where ``{database}/{version}/`` lies.
        progress: called as each file goes on.
        silence_timeout_s: longest wait for the next byte, s.

    Raises:
        RecordError: no network, no such database or record, a server error, a stall or a wrong
            checksum. What is whole stays; what is partial is continued by the next call.
    """
    if database not in DATABASES:
        raise RecordError(f"{database}: unknown database; known are {', '.join(DATABASES)}")
    url = f"{base_url.rstrip('/')}/{database}/{DATABASES[database].version}"
    check_reachable(url)
    client = _Client(url, silence_timeout_s, progress)
    sums = _parse_sums(client.text(_SUMS))
    names = tuple(records) or tuple(client.text("RECORDS").split())
    wanted = [file for name in names for file in _files_of(name, sums, database)]
    files = size = 0
    for file in wanted:
        target = folder / file
        if target.is_file() and _sha256(target) == sums[file]:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        size += client.download(file, target, sums[file])
        files += 1
    return Download(folder, names, files, size)


def check_reachable(url: str, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
    """Make sure that the server of ``url`` (or the proxy to it) takes connections.

    The attempt runs in a thread of its own, since looking up a name may hang for half a minute
    on a machine without a network, and cannot be interrupted.

    Raises:
        RecordError: it does not within ``timeout_s``.
    """
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(host):
        parts = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}")
    address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    problem: list[str] = [f"no answer within {timeout_s:g} s"]

    def attempt() -> None:
        try:
            socket.create_connection(address, timeout_s).close()
            problem.clear()
        except OSError as error:
            problem[:] = [str(error)]

    thread = threading.Thread(target=attempt, daemon=True, name="reach")
    thread.start()
    thread.join(timeout_s)
    if problem:
        raise RecordError(f"cannot reach {address[0]}: {problem[0]}; is there a network?")


class _Client:
    def __init__(self, url: str, timeout_s: float, progress: Progress | None) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._progress = progress

    def text(self, name: str) -> str:
        with self._open(name, 0) as response:
            try:
                return str(response.read().decode())
            except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
                raise RecordError(f"{self._url}/{name}: {error}") from error

    def download(self, name: str, target: Path, sha256: str) -> int:
        """Download one file, continuing where an earlier try was cut; returns its size."""
        part = target.with_name(target.name + ".part")
        for attempt in range(1, TRIES + 1):
            try:
                self._continue(name, part)
                break
            except (OSError, http.client.HTTPException) as error:
                if attempt == TRIES:
                    raise RecordError(
                        f"{self._url}/{name}: {error}; gave up after {TRIES} tries, "
                        "run the same command to continue"
                    ) from error
        if _sha256(part) != sha256:
            part.unlink()
            raise RecordError(
                f"{self._url}/{name}: the checksum is wrong, the file was removed; try again"
            )
        size = part.stat().st_size
        part.replace(target)
        return size

    def _continue(self, name: str, part: Path) -> None:
        done = part.stat().st_size if part.is_file() else 0
        with self._open(name, done) as response:
            # 200 is the whole file (no ranges here); 416: there is nothing after what we have.
            if response.status == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                return
            if response.status != http.client.PARTIAL_CONTENT:
                done = 0
            rest = int(response.headers.get("Content-Length") or 0)
            total = done + rest
            with part.open("ab" if done else "wb") as file:
                while chunk := response.read(_CHUNK):
                    file.write(chunk)
                    done += len(chunk)
                    if self._progress:
                        self._progress(name, done, total if rest else 0)
        if rest and done < total:
            raise ConnectionError(f"the connection was cut after {done} of {total} bytes")

    def _open(self, name: str, offset: int) -> http.client.HTTPResponse:
        request = urllib.request.Request(  # noqa: S310  # the base URL is the user's own
            f"{self._url}/{urllib.parse.quote(name)}",
            headers={"User-Agent": f"ecg-monitor/{ecg_monitor.__version__}"},
        )
        if offset:
            request.add_header("Range", f"bytes={offset}-")
        try:
            response = urllib.request.urlopen(request, timeout=self._timeout_s)  # noqa: S310
        except urllib.error.HTTPError as error:
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and offset:
                return error  # type: ignore[return-value]  # an HTTPError is a response too
            with error:
                raise RecordError(f"{request.full_url}: the server says {error}") from error
        except urllib.error.URLError as error:
            raise RecordError(f"{request.full_url}: {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            raise RecordError(f"{request.full_url}: {error}") from error
        return response  # type: ignore[no-any-return]  # urlopen is typed loosely


def _parse_sums(text: str) -> dict[str, str]:
    sums = {}
    for line in text.splitlines():
        digest, _, name = line.strip().partition(" ")
        path = PurePosixPath(name.strip().lstrip("*"))
        # A name from outside must not lead out of the target folder.
        if len(digest) == 64 and not path.is_absolute() and ".." not in path.parts:
            sums[str(path)] = digest.lower()
    return sums


_SUPERSEDED = (".at_", ".at-", ".xws")


def _files_of(record: str, sums: Iterable[str], database: str) -> list[str]:
    """Return the files of a record, which may be named without the database's subfolder."""
    if f"{record}.hea" not in sums:
        inside = (name for name in sums if name.endswith(f"/{record}.hea"))
        record = next(inside, record).removesuffix(".hea")
    files = sorted(
        name for name in sums if name.startswith(f"{record}.") and not name.endswith(_SUPERSEDED)
    )
    if f"{record}.hea" not in files:
        raise RecordError(f"{database} has no record {record}")
    return files


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
