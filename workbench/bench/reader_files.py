"""Writes recordings of a given size in every format that is read, to measure the readers by."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

MIB = 1 << 20
FS = 250


def _samples(n: int) -> npt.NDArray[np.int16]:
    """Return two leads of something as uneven as an ECG, shape (2, n)."""
    t = np.arange(n) / FS
    beat = 900 * np.exp(-((((t % 0.8) - 0.4) / 0.02) ** 2))
    noise = np.random.default_rng(1).normal(0, 20, n)
    return np.stack([beat + noise, noise - 0.5 * beat]).astype(np.int16)


def csv(stem: Path, mib: float) -> Path:
    """Write a CSV with times and two leads."""
    path = stem.with_suffix(".csv")
    first, second = _samples(int(mib * MIB / 24)) / 1000
    with path.open("w", encoding="ascii") as file:
        file.write("time,II,V1\n")
        file.writelines(
            f"{i / FS:.4f},{a:.3f},{b:.3f}\n"
            for i, (a, b) in enumerate(zip(first, second, strict=True))
        )
    return path


def csv_of_stamps(stem: Path, mib: float) -> Path:
    """Write a CSV with decimal commas and times of day, which is read cell by cell."""
    path = stem.with_suffix(".csv")
    first = _samples(int(mib * MIB / 22))[0] / 1000
    with path.open("w", encoding="ascii") as file:
        file.write("time;ECG\n")
        file.writelines(
            f"{i // (FS * 3600):02}:{i // (FS * 60) % 60:02}:{i / FS % 60:06.3f};{a:.3f}\n".replace(
                ".", ","
            )
            for i, a in enumerate(first)
        )
    return path


def wfdb(stem: Path, mib: float) -> Path:
    """Write a WFDB record of format 16."""
    samples = _samples(int(mib * MIB / 4))
    stem.with_suffix(".dat").write_bytes(samples.T.astype("<i2").tobytes())
    lines = [f"{stem.name}.dat 16 1000 16 0 0 0 0 {name}" for name in ("II", "V1")]
    path = stem.with_suffix(".hea")
    path.write_text("\n".join([f"{stem.name} 2 {FS} {samples.shape[1]}", *lines, ""]))
    return path


def wfdb_212(stem: Path, mib: float) -> Path:
    """Write a WFDB record of format 212."""
    first, second = _samples(int(mib * MIB / 3)).astype(np.int32) & 0xFFF
    packed = np.stack([first & 255, first >> 8 | second >> 8 << 4, second & 255], axis=1)
    stem.with_suffix(".dat").write_bytes(packed.astype(np.uint8).tobytes())
    lines = [f"{stem.name}.dat 212 1000 12 0 0 0 0 {name}" for name in ("II", "V1")]
    path = stem.with_suffix(".hea")
    path.write_text("\n".join([f"{stem.name} 2 {FS} {first.size}", *lines, ""]))
    return path


def edf(stem: Path, mib: float) -> Path:
    """Write an EDF file."""
    return _edf(stem.with_suffix(".edf"), mib, 2)


def bdf(stem: Path, mib: float) -> Path:
    """Write a BDF file."""
    return _edf(stem.with_suffix(".bdf"), mib, 3)


def _edf(path: Path, mib: float, width: int) -> Path:
    count = max(1, int(mib * MIB / (2 * width * FS)))
    samples = _samples(count * FS).reshape(2, count, FS).transpose(1, 0, 2)
    half = 1 << (8 * width - 1)
    mark = b"0".ljust(8) if width == 2 else b"\xffBIOSEMI"
    head = (
        mark
        + b"X".ljust(160)
        + b"01.01.2600.00.00"
        + b"768".ljust(8)
        + bytes(44).replace(b"\0", b" ")
    )
    head += str(count).encode().ljust(8) + b"1".ljust(8) + b"2".ljust(4)
    for cells, size in (
        (("ECG II", "ECG V1"), 16), (("", ""), 80), (("uV", "uV"), 8), ((-half, -half), 8),
        ((half - 1, half - 1), 8), ((-half, -half), 8), ((half - 1, half - 1), 8),
        (("", ""), 80), ((FS, FS), 8), (("", ""), 32),
    ):  # fmt: skip
        head += b"".join(str(cell).encode().ljust(size) for cell in cells)
    content = samples.astype("<i4").tobytes()
    raw = np.frombuffer(content, np.uint8).reshape(-1, 4)[:, :width]
    path.write_bytes(head + raw.tobytes())
    return path


def ishne(stem: Path, mib: float) -> Path:
    """Write an ISHNE file."""
    path = stem.with_suffix(".ecg")
    samples = _samples(int(mib * MIB / 4))
    head = bytearray(522)
    head[:8] = b"ISHNE1.0"
    struct.pack_into("<ii", head, 14, samples.shape[1], 522)
    struct.pack_into("<i", head, 22, 522)
    struct.pack_into("<h2h", head, 156, 2, 6, 11)
    struct.pack_into("<2h", head, 206, 1000, 1000)
    struct.pack_into("<h", head, 272, FS)
    path.write_bytes(bytes(head) + samples.T.astype("<i2").tobytes())
    return path


def aecg(stem: Path, mib: float) -> Path:
    """Write an HL7 annotated ECG."""
    path = stem.with_suffix(".xml")
    leads = "".join(
        f'<sequence><code code="MDC_ECG_LEAD_{name}"/><value><origin value="0" unit="uV"/>'
        f'<scale value="1" unit="uV"/><digits>{" ".join(map(str, row))}</digits></value></sequence>'
        for name, row in zip(("II", "V1"), _samples(int(mib * MIB / 7)), strict=True)
    )
    path.write_text(
        '<AnnotatedECG xmlns="urn:hl7-org:v3"><series><sequence><code code="TIME_ABSOLUTE"/>'
        f'<increment value="{1 / FS}" unit="s"/></sequence>{leads}</series></AnnotatedECG>'
    )
    return path


WRITERS: dict[str, Callable[[Path, float], Path]] = {
    "CSV": csv,
    "CSV, times of day": csv_of_stamps,
    "WFDB 16": wfdb,
    "WFDB 212": wfdb_212,
    "EDF": edf,
    "BDF": bdf,
    "ISHNE": ishne,
    "HL7 aECG": aecg,
}
"""Writers by the name of their format: (path without ending, MiB) to the file to be read."""
