"""Puts a recording of the past into the archive, as if it had been recorded."""

from __future__ import annotations

import contextlib
import fcntl
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from ecg_monitor.archive.kept import files
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.kept.marks import RHYTHM, Mark
from ecg_monitor.archive.kept.segments import Segment, Stream
from ecg_monitor.archive.kept.tables import SegmentRow
from ecg_monitor.archive.sealing import marks_of
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.core.keys import DEVICE_ID, DEVICE_NAMES
from ecg_monitor.core.wire import shown
from ecg_monitor.records.recording import Recording
from ecg_monitor.ward.alerts.model import Alert

SEGMENT_S = 600.0
"""Length of segments, s: as of those that are recorded."""


def boot_of(name: str, start: float) -> str:
    """Return the power-up that a recording of the past counts as."""
    return f"import-{zlib.crc32(f'{name} {start}'.encode()):08x}"


def add_recording(
    root: Path,
    device: str,
    recording: Recording,
    start: float,
    *,
    alarms: Sequence[Alert] = (),
    patient: str = "",
) -> int:
    """Put a recording into the archive, with its beats, its rhythms and alarms.

    Args:
        root: folder of the archive; made if missing.
        device: bed that it is of.
        recording: signals, beats, rhythms.
        start: Unix time of its first sample, s.
        alarms: alarms found in it, of the boot that `boot_of` names.
        patient: the hospital's number of the patient, if it is known.

    Returns:
        bytes written.

    Raises:
        ArchiveError: something of that time is kept of that bed already, the bed has no such name,
            or the archive cannot be written.
        OSError: the disk is full, or the folder cannot be written.
    """
    if not DEVICE_ID.fullmatch(device):
        raise ArchiveError(f"{shown(device)} is no name of a bed, which is {DEVICE_NAMES}")
    root.mkdir(parents=True, exist_ok=True)
    with _in_turn(root):
        return _add(root, device, recording, start, alarms, patient)


@contextlib.contextmanager
def _in_turn(root: Path) -> Iterator[None]:
    """Wait for other imports into an archive: of two of one time the second is refused."""
    handle = os.open(root / "import.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _add(
    root: Path,
    device: str,
    recording: Recording,
    start: float,
    alarms: Sequence[Alert],
    patient: str,
) -> int:
    end = start + recording.duration_s
    index = Index.open(root, make=True)
    try:
        if index.segments(device, start, end):
            raise ArchiveError(
                f"{device}: something of that time is kept already; say another --start or --bed"
            )
        rows = []
        stream = Stream(
            device,
            boot_of(recording.name, start),
            recording.fs,
            recording.leads,
            recording.gain,
            recording.baseline,
            "",
            patient,
        )
        length = round(SEGMENT_S * recording.fs)
        for n0 in range(0, recording.n_samples, length):
            n1 = min(n0 + length, recording.n_samples)
            at = start + n0 / recording.fs
            segment = Segment(stream, n0, at, recording.samples[:, n0:n1])
            place = files.place_of(segment)
            row = SegmentRow.of(place, segment, 0)
            marks = _marks(recording, row, alarms)
            size = files.write_segment(root, place, segment, marks)
            rows.append(row._replace(size=size))
        index.seal({}, rows, alarms)
    finally:
        index.close()
    return sum(row.size for row in rows)


def _marks(recording: Recording, row: SegmentRow, alarms: Sequence[Alert]) -> list[Mark]:
    beats = [
        Mark(beat.sample - row.n0, beat.symbol) for beat in recording.beats_between(row.n0, row.n1)
    ]
    marks = marks_of(row, beats, (), alarms)
    rhythms = [
        Mark(rhythm.sample - row.n0, RHYTHM, rhythm.aux)
        for rhythm in recording.rhythms_between(row.n0, row.n1)
    ]
    if recording.rhythm_at(row.n0) and not (rhythms and rhythms[0].sample == 0):
        rhythms.insert(0, Mark(0, RHYTHM, recording.rhythm_at(row.n0)))
    return [*marks, *rhythms]
