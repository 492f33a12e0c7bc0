"""What may be sent: one recording, as a file or as a zip of its files. Trusts no header.

The directory of a zip is looked at when it comes (`check_upload`), so that whoever sent it is told
at once. What its entries really hold is bounded while they are unpacked (`unpack`), whatever the
directory says.
"""

from __future__ import annotations

import errno
import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.registry import READABLE, WFDB, format_of, why_not_read

MOST_FILES = 200
"""In one zip: a record of many segments has two files for each."""
UNPACKED = 4
"""What a zip holds may be so many times as large as the largest upload."""
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")
_READ = 1 << 20
_ENCRYPTED = 1
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNIX = 3
_MADE_UP = (None, errno.EINVAL)
"""Error numbers of places that lie outside of the file, which only its own directory names."""


def shown_name(name: str) -> str:
    """Return the name of a file that was sent, for people: without folders or odd characters."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:100] or "upload"


def kept_name(name: str) -> str:
    """Return the name under which a file is kept: its ending alone is taken from who sent it.

    Raises:
        RecordError: files of this ending are not read.
    """
    ending = Path(shown_name(name)).suffix.lower()
    if ending == ".zip":
        return "upload.zip"
    form = format_of(Path(f"recording{ending}"))
    if form is WFDB:
        raise RecordError(
            "a header alone holds no samples: send a zip with all files of the record"
        )
    if form is None:
        raise RecordError(f"the file {why_not_read(Path(f'recording{ending}'))}, or a zip of it")
    return f"recording{ending}"


def check_upload(path: Path, most_bytes: int) -> None:
    """Make sure that a file that was sent can hold a recording.

    Args:
        path: the file.
        most_bytes: most that a zip may hold.

    Raises:
        RecordError: it cannot; says why.
        OSError: the disk fails.
    """
    if path.stat().st_size == 0:
        raise RecordError("the file is empty")
    if _is_zip(path):
        _entries(path, most_bytes)


def unpack(folder: Path, most_bytes: int) -> None:
    """Unpack the zip in a folder, if there is one, beside it.

    Args:
        folder: folder of an upload.
        most_bytes: most bytes that may come out.

    Raises:
        RecordError: it is damaged, or is not what it says it is.
        OSError: the disk fails, or has no space for what comes out.
    """
    for path in [one for one in folder.iterdir() if _is_zip(one)]:
        left = most_bytes
        with zipfile.ZipFile(path) as archive:
            for entry in _entries(path, most_bytes):
                target = folder / PurePosixPath(entry.filename).name
                try:
                    with archive.open(entry) as source, target.open("xb") as out:
                        while piece := source.read(_READ):
                            left -= len(piece)
                            if left < 0:
                                raise RecordError("the zip holds more than it may")
                            out.write(piece)
                except (zipfile.BadZipFile, zlib.error, EOFError, FileExistsError) as error:
                    raise RecordError("the zip is damaged: {why}", why=error) from error
        path.unlink()


def recording_in(folder: Path) -> Path:
    """Return the one recording in a folder: its header, or its only file that is read.

    Raises:
        RecordError: there is none, or more than one.
        OSError: the disk does not give them.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    headers = [path for path in files if path.suffix.lower() in WFDB.endings]
    masters = [path for path in headers if _is_master(path)]
    found = masters or headers or [path for path in files if format_of(path) is not None]
    if not found:
        raise RecordError(f"no recording is in it; send {READABLE}")
    if len(found) > 1:
        raise RecordError(
            "{count} recordings are in it ({first}, {second} ...); send each by itself",
            count=len(found),
            first=found[0].name,
            second=found[1].name,
        )
    return found[0]


def _is_zip(path: Path) -> bool:
    """Return whether a file is, or says that it is, a zip; a disk that fails is not hidden."""
    with path.open("rb") as file:
        return file.read(len(_ZIP)) in (_ZIP, _EMPTY_ZIP) or path.suffix == ".zip"


def _entries(path: Path, most_bytes: int) -> list[zipfile.ZipInfo]:
    """Return the files of a zip, all of which may be unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        _raise_of_the_disk(error)
        raise RecordError("the zip is damaged: {why}", why=error) from error
    if not entries:
        raise RecordError("the zip is empty")
    if len(entries) > MOST_FILES:
        raise RecordError(
            "the zip holds {count} files, more than {most}", count=len(entries), most=MOST_FILES
        )
    if sum(entry.file_size for entry in entries) > most_bytes:
        raise RecordError(
            "the zip holds more than {most} MB unpacked", most=most_bytes // 1_000_000
        )
    names = [_checked_name(entry) for entry in entries]
    if len({name.lower() for name in names}) < len(names):
        raise RecordError("the zip holds two files of the same name")
    return entries


def _raise_of_the_disk(error: BaseException | None) -> None:
    """Raise the disk's own trouble: whoever sent the zip has no part in it.

    `zipfile` calls it a damaged zip while it looks for the directory, and names places that lie
    outside of the file, which only a zip's own directory does, by an `OSError`.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno not in _MADE_UP:
            raise error
        error = error.__context__


def _checked_name(entry: zipfile.ZipInfo) -> str:
    place = PurePosixPath(entry.filename)
    is_plain = _NAME.fullmatch(place.name) is not None and "\\" not in entry.orig_filename
    if place.is_absolute() or ".." in place.parts or not is_plain:
        raise RecordError("the zip holds a file whose name is not plain letters and digits")
    if entry.create_system == _UNIX and not _is_file(entry.external_attr >> 16):
        raise RecordError("{name} in the zip is no plain file", name=place.name)
    if entry.flag_bits & _ENCRYPTED:
        raise RecordError("the zip is encrypted; send it without a password")
    if entry.compress_type not in _PACKINGS:
        raise RecordError(
            "{name} is packed in a way that is not read; use deflate", name=place.name
        )
    return place.name


def _is_file(mode: int) -> bool:
    return stat.S_IFMT(mode) in (0, stat.S_IFREG)


def _is_master(header: Path) -> bool:
    """Return whether a WFDB header is that of a record of many segments."""
    lines = header.read_text("latin-1").splitlines()
    told = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return "/" in told.split(" ")[0]
