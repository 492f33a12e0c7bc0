"""Holds what devices published against what was recorded, and against what exports give back.

Exports are read by the programs of others: wfdb, pyedflib, and a table by its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.archive.reading import read_interval
from ecg_monitor.core.types import Int16Array
from ecg_monitor.records.recording import INVALID_SAMPLE, Recording
from gateway.export.bed import read_bed
from gateway.export.formats import FORMATS
from gateway.export.writing import written
from workbench.faults.published import SentPackets

_TOLD = re.compile(r"(\d+) packets are not recorded")


@dataclass(frozen=True, slots=True)
class Readback:
    """What came of the samples that one device has published, counted over all leads.

    Attributes:
        published: samples published, of each of which one lead is one.
        missing: of these, those that are recorded as samples without a value, or not at all.
        wrong: of these, those that are recorded with another value.
        exported_wrong: by format: those that it gives back otherwise than they are recorded.
        told: packets of which the notes of the record say that they are not recorded; the notes
            are of the partition, so devices of one partition are told the same.
        beats: beats recorded.
    """

    published: int
    missing: int
    wrong: int
    exported_wrong: Mapping[str, int]
    told: int
    beats: int


def readback(root: Path, published: SentPackets, device: str, folder: Path) -> Readback:
    """Compare what was recorded and what is exported with what a device has published.

    Args:
        root: folder of the archive.
        published: what was published; all of one power-up.
        device: device id.
        folder: where exports are written.

    Raises:
        ArchiveError: nothing is recorded of it, or it cannot be read.
        ExportError: it cannot be exported.
    """
    first, samples, sent = published.signal(device)
    interval = read_interval(root, device)
    recorded = _laid(interval.recording, interval.sources[0].offset + first, samples.shape)
    lacking = (recorded == INVALID_SAMPLE) & (samples != INVALID_SAMPLE)
    wrong = (recorded != samples) & ~lacking & sent
    excerpt = read_bed(root, device, None, None)
    differing = {}
    for name, read in _READERS.items():
        path = folder / f"{device}{FORMATS[name].endings[0]}"
        written(FORMATS[name], excerpt, path, lambda _: None)
        back = read(path, excerpt.recording)[:, : excerpt.recording.n_samples]
        differing[name] = int((back != excerpt.recording.samples).sum())
    told = sum(int(found[1]) for note in interval.notes if (found := _TOLD.search(note)))
    return Readback(
        published=int(sent.sum()) * len(samples),
        missing=int((lacking & sent).sum()),
        wrong=int(wrong.sum()),
        exported_wrong=differing,
        told=told,
        beats=len(interval.recording.beats),
    )


def gaps(root: Path, published: SentPackets, device: str) -> list[tuple[int, int]]:
    """Return the stretches of a device's samples that were published and are not recorded.

    Returns:
        indices of the power-up, end exclusive, in order; what no lead has.

    Raises:
        ArchiveError: nothing is recorded of it, or it cannot be read.
    """
    first, samples, sent = published.signal(device)
    interval = read_interval(root, device)
    recorded = _laid(interval.recording, interval.sources[0].offset + first, samples.shape)
    lacking = sent & (recorded == INVALID_SAMPLE).all(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], lacking.astype(np.int8), [0]))))
    return [(first + int(a), first + int(b)) for a, b in edges.reshape(-1, 2)]


def _laid(recording: Recording, at: int, shape: tuple[int, ...]) -> Int16Array:
    """Return samples from one index of a recording on, without a value where it has none."""
    laid = np.full(shape, INVALID_SAMPLE, np.int16)
    start, end = max(0, at), min(recording.n_samples, at + shape[1])
    if start < end:
        laid[:, start - at : end - at] = recording.samples[:, start:end]
    return laid


def _wfdb(path: Path, _recording: Recording) -> Int16Array:
    import wfdb  # noqa: PLC0415 - loads pandas

    record = wfdb.rdrecord(str(path.with_suffix("")), physical=False)
    samples: Int16Array = record.d_signal.T.astype(np.int16)
    return samples


def _edf(path: Path, recording: Recording) -> Int16Array:
    import pyedflib  # noqa: PLC0415 - of the test packages

    with pyedflib.EdfReader(str(path)) as file:
        rows = [file.readSignal(i, digital=True) for i in range(len(recording.leads))]
    return np.asarray(rows).astype(np.int16)


def _csv(path: Path, recording: Recording) -> Int16Array:
    lines = path.read_text("utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    cells = [line.split(",")[1:] for line in lines[start + 1 :]]
    mv: npt.NDArray[np.float64] = np.array([[float(c or "nan") for c in row] for row in cells]).T
    gain, baseline = (np.array(one)[:, None] for one in (recording.gain, recording.baseline))
    return np.where(np.isnan(mv), INVALID_SAMPLE, np.rint(mv * gain + baseline)).astype(np.int16)


_READERS: Mapping[str, Callable[[Path, Recording], Int16Array]] = {
    "wfdb": _wfdb,
    "edf": _edf,
    "csv": _csv,
}
