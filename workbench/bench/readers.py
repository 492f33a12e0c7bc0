"""Measures the readers of recordings: peak memory by format, and what becomes of a folder's files.

    python -m workbench.bench.readers                     memory of each reader, files made for it
    python -m workbench.bench.readers ../shared/data      every file: analysed, replayed, or refused

The first measures in a process of its own how far reading raises the peak of the resident memory,
after a tiny file of the same format has loaded what the reader needs. The second reads every file
below a folder, feeds its first seconds to the engine, cuts them into packets of JSON and CBOR as a
simulated device would, holds these against the wire format as `ecg-monitor check` does, and counts
the outcomes. A traceback ends it: only the project's own errors are outcomes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from ecg_monitor.core import wire
from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.output import check_output
from ecg_monitor.records import Recording, read_record
from ecg_monitor.records.formats.registry import WFDB, format_of, is_part_of_wfdb
from workbench.bench.reader_files import WRITERS
from workbench.results import figures

MIB = 1 << 20
_MOST_REASONS = 30


def main(words: list[str] | None = None) -> int:
    """Measure, or walk; print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="walk this folder's files")
    parser.add_argument("--seconds", type=float, default=4.0, help="how much of each is analysed")
    parser.add_argument("--mib", type=float, default=24.0, help="size of the files made, MiB")
    figures.add_argument(parser)
    args = parser.parse_args(words)
    check_output("--figures", args.figures)
    if args.folder:
        outcomes: Counter[str] = Counter()
        for part in sorted(args.folder.iterdir()):
            found = walk(part, args.seconds)
            print(f"{part.name}: {found.total()} files", flush=True)
            outcomes += found
        print_outcomes(outcomes)
        values: dict[str, object] = {"files": dict(outcomes), "total": outcomes.total()}
    else:
        sizes = memory(args.mib)
        print_memory(sizes)
        values = {
            name: {
                "file_mib": round(size, 1),
                "peak_mib": round(peak, 1),
                "per_mib": round(peak / size, 1),
            }
            for name, (size, peak) in sizes.items()
        }
    if args.figures:
        figures.write(args.figures, values, [args.folder] if args.folder else [])
    return 0


def memory(mib: float) -> dict[str, tuple[float, float]]:
    """Return size of the file and peak of the memory that reading it takes, MiB, by format."""
    found = {}
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="ecg-readers-") as folder:
        for name, write in WRITERS.items():
            tiny = write(Path(folder) / "tiny", 0.05)
            path = write(Path(folder) / "whole", mib)
            size = sum(part.stat().st_size for part in Path(folder).glob("whole.*")) / MIB
            with context.Pool(1) as pool:
                found[name] = (size, pool.apply(_read_alone, (str(tiny), str(path))))
            for part in Path(folder).iterdir():
                part.unlink()
    return found


def print_memory(found: dict[str, tuple[float, float]]) -> None:
    """Print the table of `memory`."""
    print(f"{'format':24}{'file, MiB':>12}{'peak, MiB':>12}{'per MiB':>10}")
    for name, (size, peak) in found.items():
        print(f"{name:24}{size:12.1f}{peak:12.1f}{peak / size:10.1f}")


def _read_alone(tiny: str, path: str) -> float:
    """Return by how much reading a file raises the peak of the resident memory, MiB (Linux)."""
    read_record(tiny)  # loads what the reader needs
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _resident("VmRSS")
    read_record(path)
    return _resident("VmHWM") - before


def _resident(what: str) -> float:
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"{what}:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def walk(folder: Path, seconds: float) -> Counter[str]:
    """Return how many files of a folder, or one file, came to which outcome."""
    outcomes: Counter[str] = Counter()
    files = [folder] if folder.is_file() else [one for one in folder.rglob("*") if one.is_file()]
    for path in sorted(files):
        if is_part_of_wfdb(path) or _is_annotation(path):
            outcomes["part of a WFDB record"] += 1
            continue
        try:
            recording = read_record(path)
            use(recording, seconds)
        except EcgMonitorError as error:
            outcomes[f"refused: {_reason(path, error)}"] += 1
        else:
            form = format_of(path)
            outcomes[f"analysed and replayed: {form.name if form else WFDB.name}"] += 1
    return outcomes


def use(recording: Recording, seconds: float) -> None:
    """Analyse and replay the beginning of a recording; check what is sent.

    Raises:
        RecordError: a device could not send it.
        WireError: what would be sent is not what the wire format asks for.
    """
    from detector.analyzer.offline import analyze, packets_of  # noqa: PLC0415
    from ingest.conformance import Listener, Message  # noqa: PLC0415

    count = max(1, round(seconds * recording.fs))
    short = replace(
        recording,
        samples=np.ascontiguousarray(recording.samples[:, :count]),
        invalid=tuple(
            span._replace(end=min(span.end, count))
            for span in recording.invalid
            if span.start < count
        ),
        beats=(),
        rhythms=(),
    )
    analyze(short)
    listener = Listener()
    for packet in packets_of(short, 500.0):
        for payload in (wire.encode_json(packet), wire.encode_cbor(packet)):
            listener.take(Message(f"ecg/v1/{packet.device}/wave", payload, packet.n1 / packet.fs))
    for device in listener.devices.values():
        list(device.findings())
        if device.refused:
            raise EcgMonitorError(f"the wire format refuses it: {next(iter(device.refused))}")


def print_outcomes(outcomes: Counter[str]) -> None:
    """Print the counts of `walk`."""
    for outcome, count in outcomes.most_common(_MOST_REASONS):
        print(f"{count:7}  {outcome}")
    print(f"{sum(outcomes.values()):7}  files, no traceback")


def _is_annotation(path: Path) -> bool:
    """Return whether a file holds WFDB annotations of any annotator, or a signal of a record."""
    return path.suffix != WFDB.endings[0] and path.with_suffix(WFDB.endings[0]).is_file()


def _reason(path: Path, error: EcgMonitorError) -> str:
    """Return an error's text without what differs from file to file."""
    text = str(error).replace(str(path), "").replace(str(path.with_suffix("")), "").strip(" :")
    return re.sub(r"\d+", "#", text)[:90]


if __name__ == "__main__":
    raise SystemExit(main())
