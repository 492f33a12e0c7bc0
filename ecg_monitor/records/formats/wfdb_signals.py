"""The signals of one WFDB record that is no multi-segment one, or of one segment.

Signals are taken as ADC values, so nothing is rounded on the way. If the ECG signals have several
sampling rates, each is brought to the highest one: by repeating samples where that is a multiple,
as WFDB's high-resolution mode does (WFDB Programmer's Guide, ``setgvmode(WFDB_HIGHRES)``), else by
resampling. A header may leave the length out (0), and name signals that were not recorded (``~``).
"""

from __future__ import annotations

import logging
import math
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import wfdb

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Int16Array
from ecg_monitor.records.formats.resampling import resampled
from ecg_monitor.records.formats.signals import per_mv, why_not_ecg
from ecg_monitor.records.formats.wfdb_samples import FORMATS, read_file
from ecg_monitor.records.recording import to_int16

logger = logging.getLogger(__name__)

_INVALID = {
    "8": None, "16": -(2**15), "24": -(2**23), "32": -(2**31), "61": -(2**15), "80": -(2**7),
    "160": -(2**15), "212": -(2**11), "310": -(2**9), "311": -(2**9),
    "508": -(2**7), "516": -(2**15), "524": -(2**23),
}  # fmt: skip
"""ADC value that means "no value here", by storage format (WFDB manual, signal(5))."""
NOT_RECORDED = "~"
"""Stands in a header for the file of a signal, or for a segment, that was not recorded."""
_LONGEST_NUMBER = 6
"""Digits of the largest number of signals or segments that is looked at."""
_OTHERS = {"8": FORMATS["80"]}
"""Formats of fixed size that wfdb decodes, and one whose samples are as large."""
_MOST_PER_BYTE = 1000
"""Samples that a byte of a compressed file (FLAC) may stand for: more is no signal."""
_WIDE = {"8", "24", "32", "524"}
"""Formats whose values may leave int16; 8 sums up differences."""
_UNCALIBRATED = 200.0
"""ADC units per mV where a header has none (WFDB manual, header(5): DEFGAIN)."""


class Row(NamedTuple):
    """One lead.

    Attributes:
        name: as the header has it; may be empty.
        samples: ADC values, shape (n,).
        gain: ADC units per mV, above 0.
        baseline: ADC value at 0 mV.
        valid: False where there is no value, shape (n,).
    """

    name: str
    samples: Int16Array
    gain: float
    baseline: float
    valid: npt.NDArray[np.bool_]


class Signals(NamedTuple):
    """ECG signals of one record or segment.

    Attributes:
        rows: its ECG leads, all of one length.
        per_frame: their samples per frame (the header's sampling rate counts frames).
        notes: what was left out, and what had to be assumed, in words.
    """

    rows: tuple[Row, ...]
    per_frame: int
    notes: tuple[str, ...]


def read_header(path: Path) -> Any:
    """Read ``{path}.hea`` and check that the signal files are there and long enough.

    Raises:
        RecordError: a file is missing, broken or truncated.
    """
    file = path.with_name(path.name + ".hea")
    if not file.is_file():
        raise RecordError(f"{path}: no such recording ({file} does not exist)")
    _check_lines(file)
    try:
        header: Any = _parsed(file)
    # Where a damaged file breaks wfdb's parser, anything may come out of it, bare Exception too.
    except Exception as error:
        raise RecordError(f"{file}: is not a WFDB header: {error}") from error
    if not header.fs or not 0 < header.fs < math.inf:
        raise RecordError(f"{file}: the sampling rate must be greater than 0, got {header.fs}")
    if not header.n_sig:
        raise RecordError(f"{file}: the record has no signals")
    if getattr(header, "file_name", None):
        if outside := [name for name in header.file_name if Path(name).name != name]:
            raise RecordError(f"{file}: names {outside[0]!r}, which is no file beside it")
        _check_fields(path, header)
        _check_sizes(path, header)
    return header


def read_signals(path: Path, header: Any) -> Signals:
    """Read the ECG signals of a record; there may be none.

    Args:
        path: the record, without suffix.
        header: outcome of `read_header`.

    Raises:
        RecordError: the signals do not fit the header.
    """
    counts = [int(count) for count in header.samps_per_frame]
    names = [name or "" for name in header.sig_name]
    reasons = [
        "it was not recorded" if file == NOT_RECORDED else why_not_ecg(name, unit)
        for file, name, unit in zip(header.file_name, names, header.units, strict=True)
    ]
    notes = [
        f"{name or 'a signal without a name'} left out: {reason}"
        for name, reason in zip(names, reasons, strict=True)
        if reason
    ]
    chosen = [index for index, reason in enumerate(reasons) if not reason]
    gainless = _without_gain(path)
    if guessed := [names[index] or "a lead" for index in chosen if index in gainless]:
        notes.append(
            f"{', '.join(guessed)}: no gain in the header, {_UNCALIBRATED:g} units per mV assumed"
        )
    if not chosen:
        return Signals((), 1, tuple(notes))
    columns = _columns(path, header, chosen)
    _check_sums(path, header, columns)
    highest = max(counts[index] for index in chosen)
    rows = []
    for index in chosen:
        factor, left = divmod(highest, counts[index])
        if not left:
            rows.append(_row(header, index, np.repeat(columns.pop(index), factor)))
            continue
        row = _row(header, index, columns.pop(index))
        at = np.arange(row.samples.size * highest // counts[index]) * counts[index] // highest
        samples = np.where(row.valid, row.samples, 0).astype(np.int16)
        samples = resampled(samples, highest, counts[index])
        rows.append(row._replace(samples=samples, valid=row.valid[at]))
        notes.append(f"{names[index]} resampled to {header.fs * highest:g} Hz")
    return Signals(tuple(rows), highest, tuple(notes))


def _columns(path: Path, header: Any, chosen: list[int]) -> dict[int, npt.NDArray[Any]]:
    """Return the ADC values of the chosen signals, by their index."""
    skewed = any(header.skew or [])
    columns: dict[int, npt.NDArray[Any]] = {}
    for name, signals in _by_file(header).items():
        wanted = [index for index in signals if index in chosen]
        form = FORMATS.get(str(header.fmt[signals[0]]))
        if not wanted:
            continue
        if form is None or skewed or any(header.fmt[i] != header.fmt[signals[0]] for i in signals):
            return _by_wfdb(path, header, chosen)
        found = read_file(
            path.with_name(name),
            form,
            skip=_skip(header, signals),
            counts=[int(header.samps_per_frame[index]) for index in signals],
            n_frames=length_of(path, header),
            wanted=[signals.index(index) for index in wanted],
        )
        columns |= dict(zip(wanted, found, strict=True))
    return columns


def _by_wfdb(path: Path, header: Any, chosen: list[int]) -> dict[int, npt.NDArray[Any]]:
    """Have wfdb decode what is compressed or skewed."""
    length_of(path, header)
    is_mixed = any(count != 1 for count in header.samps_per_frame)
    wide = bool(_WIDE & {str(fmt) for fmt in header.fmt})
    try:
        record: Any = wfdb.rdrecord(
            str(path), physical=False, smooth_frames=not is_mixed, return_res=64 if wide else 16
        )
    except Exception as error:  # see `read_header`
        raise RecordError(f"{path}: the signal does not fit its header: {error}") from error
    columns: list[npt.NDArray[Any]] = record.e_d_signal if is_mixed else list(record.d_signal.T)
    return {index: columns[index] for index in chosen}


def _row(record: Any, index: int, values: npt.NDArray[Any]) -> Row:
    marker = _INVALID.get(str(record.fmt[index]), -(2**15))
    valid = np.ones(values.shape, np.bool_) if marker is None else values != marker
    gain = float(record.adc_gain[index]) * (per_mv(record.units[index]) or 1.0)
    baseline = float(record.baseline[index])
    if gain < 0:  # an input wired the wrong way round; devices send gains above 0
        values, gain, baseline = -values.astype(np.int64), -gain, 0.0 - baseline
    samples, gain, baseline = to_int16(values, valid, gain, baseline)
    return Row(record.sig_name[index] or "", samples, gain, baseline, valid)


def _without_gain(path: Path) -> set[int]:
    """Return the signals whose header gives no gain, or 0: wfdb fills it in without a word."""
    text = path.with_name(path.name + ".hea").read_text(encoding="utf-8", errors="replace")
    lines = [line.split() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    missing = set()
    for index, fields in enumerate(lines[1:]):
        number = fields[2].split("(")[0].split("/")[0] if len(fields) > 2 else ""
        if not number.strip("+-0."):
            missing.add(index)
    return missing


def _parsed(file: Path) -> Any:
    """Have wfdb parse a header; names may have points, which WFDB does not allow."""
    text = file.read_text(encoding="utf-8", errors="replace")
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    names = [line.split()[0] for line in lines]
    if "." not in names[0]:
        return wfdb.rdheader(str(file.with_suffix("")))
    # Under names that wfdb takes; those of the signal files are put back.
    plain = [names[0].replace(".", "_"), *(f"s{i}.dat" for i in range(1, len(names)))]
    renamed = [
        line.replace(name, other if name != NOT_RECORDED else name, 1)
        for line, name, other in zip(lines, names, plain, strict=True)
    ]
    with tempfile.TemporaryDirectory(prefix="ecg-header-") as folder:
        (Path(folder) / "record.hea").write_text("\n".join(renamed) + "\n", encoding="utf-8")
        header = wfdb.rdheader(str(Path(folder) / "record"))
    header.file_name = names[1 : header.n_sig + 1]
    return header


def length_of(path: Path, header: Any) -> int:
    """Return the number of frames: what the header says, else what the files hold.

    Raises:
        RecordError: neither is known.
    """
    if header.sig_len:
        return int(header.sig_len)
    lengths = []
    for name, signals in _by_file(header).items():
        form = FORMATS.get(str(header.fmt[signals[0]]))
        if form is None:
            raise RecordError(
                f"{path}.hea: gives no length, and samples of format {header.fmt[signals[0]]} "
                "cannot be counted; write it into the first line"
            )
        per_frame = sum(int(header.samps_per_frame[index]) for index in signals)
        size = path.with_name(name).stat().st_size - _skip(header, signals)
        lengths.append(form.samples_in(max(size, 0)) // per_frame)
    return min(lengths, default=0)


def _by_file(header: Any) -> dict[str, list[int]]:
    """Return the signals of each signal file, by their index."""
    files: dict[str, list[int]] = {}
    for index, name in enumerate(header.file_name):
        if name != NOT_RECORDED:
            files.setdefault(name, []).append(index)
    return files


def _skip(header: Any, signals: list[int]) -> int:
    offsets = header.byte_offset or []
    return int(offsets[signals[0]] or 0) if offsets else 0


def _check_lines(file: Path) -> None:
    """Refuse a header that promises more lines than it has, before memory is asked for them."""
    try:
        with file.open(encoding="utf-8", errors="replace") as text:
            lines = [line for line in text if line.strip() and line.lstrip()[0] != "#"]
    except OSError as error:
        raise RecordError(f"{file}: cannot be read: {error}") from error
    fields = lines[0].split() if lines else []
    if len(fields) < 2:
        raise RecordError(f"{file}: is not a WFDB header: its first line has no number of signals")
    segments = fields[0].partition("/")[2]
    what, promised = ("segments", segments) if segments else ("signals", fields[1])
    if not promised.isdecimal() or len(promised) > _LONGEST_NUMBER:
        raise RecordError(f"{file}: the number of {what} must be a number, got {promised[:20]!r}")
    if int(promised) > len(lines) - 1:
        raise RecordError(
            f"{file}: promises {promised} {what}, but has lines for {len(lines) - 1}; "
            "fetch it again"
        )
    rate = re.split(r"[/(]", fields[2])[0] if len(fields) > 2 else "250"  # header(5): the default
    if not re.fullmatch(r"\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", rate, re.IGNORECASE):
        # wfdb would pass over what it does not understand, and assume 250 Hz.
        raise RecordError(f"{file}: the sampling rate must be a number, got {rate[:20]!r}")


def _check_fields(path: Path, header: Any) -> None:
    """Refuse numbers of samples that are no counts."""
    for count, skew in zip(header.samps_per_frame, header.skew, strict=True):
        if not count or count < 1:
            raise RecordError(f"{path}.hea: {count} samples per frame; it must be 1 or more")
        if skew and skew < 0:
            raise RecordError(f"{path}.hea: a skew of {skew}; it must be 0 or more")
    if header.sig_len is not None and header.sig_len < 0:
        raise RecordError(f"{path}.hea: {header.sig_len} samples; it must be 0 or more")


def _check_sizes(path: Path, header: Any) -> None:
    """Refuse a signal file that is missing, or shorter than its header says."""
    for name, signals in _by_file(header).items():
        file = path.with_name(Path(name).name)
        if Path(name).name != name:
            raise RecordError(f"{path}.hea names {name!r}, which is no file beside it")
        if not file.is_file():
            raise RecordError(f"{path}.hea names {name}, but {file} does not exist")
        form = FORMATS.get(str(header.fmt[signals[0]])) or _OTHERS.get(str(header.fmt[signals[0]]))
        if not header.sig_len:
            continue
        count = sum(int(header.samps_per_frame[index]) for index in signals) * int(header.sig_len)
        actual = file.stat().st_size
        needed = count // _MOST_PER_BYTE
        if form is not None:
            needed = _skip(header, signals) + form.size_of(count)
        if actual < needed:
            raise RecordError(
                f"{file}: is truncated: {actual} bytes where {path.name}.hea asks for {needed} "
                f"({header.sig_len} samples); fetch it again"
            )


def _check_sums(path: Path, header: Any, columns: dict[int, npt.NDArray[Any]]) -> None:
    """Warn of samples that differ from those that the header was written for."""
    sums = header.checksum or []
    for index, column in columns.items():
        # Many writers leave the field at 0, which means nothing.
        checksum = sums[index] if index < len(sums) else None
        if checksum and (int(column.sum(dtype=np.int64)) - checksum) % 65536:
            name = header.sig_name[index]
            logger.warning("%s: checksum of signal %s does not agree with the header", path, name)
