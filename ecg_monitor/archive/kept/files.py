"""Segments as WFDB records: a header, FLAC signal files (format 516), annotations.

Format 516 is 16 bits per sample, compressed without loss; `INVALID_SAMPLE` is WFDB's own word for
"no value" in it. A FLAC file holds 8 leads at most, so more take a second file. The header is
written last, and each file under another name first: what has a name is whole.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import ecg_monitor
from ecg_monitor.archive.kept import elsewhere
from ecg_monitor.archive.kept.marks import Mark, MarkTable, decode, encode
from ecg_monitor.archive.kept.segments import Segment
from ecg_monitor.core.errors import ArchiveError, RecordError
from ecg_monitor.core.types import Int16Array

ANNOTATOR = "atr"
"""Extension of annotation files: the one that WFDB tools look for first."""
SIGNALS = "signals"
"""Folder of the records within the archive."""
_CHANNELS = 8
_COMPRESSION = 0.375
"""Level 3 of FLAC's 8: a third less work than the usual 5, for files that are 0.3 % larger."""
_FLAC_RATE = 96_000
"""What FLAC is told of the rate, as by wfdb: it has no rates of ECG, and WFDB does not look."""


def place_of(segment: Segment) -> str:
    """Return where a segment belongs: its path within the archive, without an ending.

    The folder is the device and the day, UTC; the name is the time of day, the index of the first
    sample and a check of what the stream is.
    """
    stream = segment.stream
    at = datetime.fromtimestamp(segment.start, UTC)
    check = zlib.crc32(repr(stream).encode())
    name = f"{at:%H%M%S}_{segment.n0}_{check:08x}"
    return f"{SIGNALS}/{stream.device}/{at:%Y-%m-%d}/{name}"


def write_segment(root: Path, place: str, segment: Segment, marks: Iterable[Mark]) -> int:
    """Write a segment; when it returns, the disk has all of it.

    Args:
        root: folder of the archive.
        place: path within it, without an ending.
        segment: what to write.
        marks: its annotations, samples counted from its first.

    Returns:
        bytes written.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    for i, first in enumerate(range(0, len(segment.stream.leads), _CHANNELS)):
        rows = segment.samples[first : first + _CHANNELS]
        size += _replace(path.with_name(_signal_file(path.name, i)), _flac(rows))
    size += write_marks(root, place, marks)
    size += _replace(path.with_name(f"{path.name}.hea"), _header(path.name, segment).encode())
    _sync_folder(path.parent)
    return size


def write_marks(root: Path, place: str, marks: Iterable[Mark]) -> int:
    """Write the annotations of a segment anew; return the size in bytes.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    path = root / place
    return _replace(path.with_name(f"{path.name}.{ANNOTATOR}"), encode(marks))


def read_marks(root: Path, place: str) -> MarkTable:
    """Read the annotations of a segment, from the URL of the archive if this disk lacks them.

    Raises:
        ArchiveError: the file is missing or damaged.
    """
    path = root / place
    file = path.with_name(f"{path.name}.{ANNOTATOR}")
    try:
        return decode(_content(root, file))
    except (OSError, RecordError) as error:
        raise ArchiveError(f"{file}: cannot be read: {error}") from error


def read_samples(root: Path, place: str, leads: int, first: int, last: int) -> Int16Array:
    """Read samples of a segment, from the URL of the archive if this disk lacks them.

    Args:
        root: folder of the archive.
        place: path within it, without an ending.
        leads: how many leads it has.
        first: index within the segment of the first sample.
        last: one past that of the last.

    Returns:
        int16, shape (leads, last - first).

    Raises:
        ArchiveError: a file is missing or damaged; names it.
    """
    import soundfile  # noqa: PLC0415 - loads a library that few commands need

    path = root / place
    rows = []
    for i in range((leads + _CHANNELS - 1) // _CHANNELS):
        file = path.with_name(_signal_file(path.name, i))
        try:
            source = file if file.exists() else io.BytesIO(_content(root, file))
            with soundfile.SoundFile(source) as sound:
                sound.seek(first)
                rows.append(sound.read(last - first, dtype="int16", always_2d=True).T)
        except (OSError, RuntimeError) as error:
            raise ArchiveError(f"{file}: cannot be read: {error}") from error
    samples = np.concatenate(rows)
    if samples.shape != (leads, last - first):
        raise ArchiveError(f"{path}: has {samples.shape[1]} samples, not {last - first}")
    return samples


def names_of(root: Path, place: str) -> list[str]:
    """Return the paths within the archive of a segment's files on this disk, the header last."""
    path = root / place
    names = [f"{path.name}.dat", f"{path.name}.{ANNOTATOR}", f"{path.name}.hea"]
    more = sorted(path.parent.glob(f"{path.name}_*.dat"))
    found = [*more, *(path.with_name(name) for name in names)]
    return [file.relative_to(root).as_posix() for file in found if file.exists()]


def remove(root: Path, place: str) -> None:
    """Remove the files of a segment from this disk, and the folders that are empty without it.

    Raises:
        OSError: a file cannot be removed.
    """
    path = root / place
    for name in names_of(root, place):
        (root / name).unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        if not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()


def _content(root: Path, file: Path) -> bytes:
    """Return the content of a file of this disk, or of the URL of the archive."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        url = elsewhere.url_of(root)
        if url is None:
            raise
        return elsewhere.RemoteStore(url).read(file.relative_to(root).as_posix())


def _signal_file(name: str, i: int) -> str:
    return f"{name}.dat" if i == 0 else f"{name}_{i + 1}.dat"


def _flac(rows: Int16Array) -> bytes:
    import soundfile  # noqa: PLC0415 - as above

    content = io.BytesIO()
    soundfile.write(
        *(content, rows.T, _FLAC_RATE),
        subtype="PCM_16",
        format="FLAC",
        compression_level=_COMPRESSION,
    )
    return content.getvalue()


def _header(name: str, segment: Segment) -> str:
    stream = segment.stream
    at = datetime.fromtimestamp(segment.start, UTC)
    length = segment.samples.shape[1]
    lines = [
        f"{name} {len(stream.leads)} {stream.fs:.10g} {length} "
        f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} {at:%d/%m/%Y}"
    ]
    for i, lead in enumerate(stream.leads):
        row = segment.samples[i]
        check = int(row.sum(dtype=np.int64)) & 0xFFFF
        check -= 0x10000 if check > 0x7FFF else 0
        lines.append(
            f"{_signal_file(name, i // _CHANNELS)} 516 {stream.gain[i]:.10g}"
            f"({round(stream.baseline[i])})/mV 16 0 {row[0]} {check} 0 {lead}"
        )
    looks = "not looked for" if segment.pulses is None else "looked for by the device"
    lines += [
        f"# ecg-monitor {ecg_monitor.__version__}; times are UTC",
        f"# device: {stream.device}",
        f"# boot: {stream.boot}",
        f"# sample 0 is sample {segment.n0} of this power-up, at Unix time {segment.start:.6f} s",
        f"# stay: {stream.stay or 'nobody was admitted'}",
        f"# patient: {stream.patient or 'not known'}",
        f"# pacemaker pulses: {looks}",
    ]
    if any(value != round(value) for value in stream.baseline):
        exact = " ".join(f"{value:.10g}" for value in stream.baseline)
        lines.append(f"# exact ADC values at 0 mV: {exact}")
    return "\n".join(lines) + "\n"


def _replace(path: Path, content: bytes) -> int:
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return len(content)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
