"""Hashes of all results of the analysis of recordings, to show that a change alters nothing.

  python -m workbench.evaluate.outcomes mitdb vfdb:10 cinc2017:10 --output before.json
  python -m workbench.evaluate.outcomes mitdb vfdb:10 cinc2017:10 --against before.json

Each argument is a folder of recordings, with ``:N`` only its first N records. All leads are
analysed, by the path that runs live. Every event of a record goes into its hash with all fields,
and the signal around each alarm into another. With --against, records whose outcome differs from
the file's are named and the exit status is 1; ``--only alarms`` compares alarms, strips and beats,
and passes over what waves measure.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import orjson
from rich.progress import track

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.offline import DEVICE, packets_of
from ecg_monitor.core.types import Alarm, Beat, Event, RPeak
from ecg_monitor.records import read_record
from ecg_monitor.ward.signal import strip

PACKET_MS = 500.0
AROUND_S = 5.0
"""The strip of an alarm reaches from this long before its onset to this long after it, s."""
OF_BEATS_AND_ALARMS = ("beat_hash", "alarms", "alarm_hash", "strip_hash")

Outcome = dict[str, int | str]
"""Number of ``events`` and ``alarms``, and the hashes ``event_hash``, ``beat_hash`` and so on."""


def outcome(path: Path) -> Outcome:
    """Analyse a recording, all leads, and return the hashes of its results.

    Args:
        path: recording, as `ecg_monitor.records.read_record` takes it.

    Raises:
        RecordError: it cannot be read, or no device could send it.
    """
    recording = read_record(path)
    packets = list(packets_of(recording, PACKET_MS))
    analyzer = Analyzer()
    events: list[Event] = []
    for packet in packets:
        events += [event for output in analyzer.feed([packet]) for event in output.events]
    events += [event for output in analyzer.finish(DEVICE) for event in output.events]
    digests = {name: hashlib.sha256() for name in ("event", "beat", "alarm", "strip")}
    for event in events:
        line = orjson.dumps([type(event).__name__, asdict(event)])
        digests["event"].update(line)
        if isinstance(event, Beat | RPeak):
            digests["beat"].update(line)
        if isinstance(event, Alarm):
            digests["alarm"].update(line)
            reach = round(AROUND_S * recording.fs)
            low, high = max(0, event.n - reach), event.n + reach
            near = [packet for packet in packets if packet.n0 < high and packet.n1 > low]
            digests["strip"].update(orjson.dumps(strip.cut(near, low, high)))
    return {
        "events": len(events),
        "alarms": sum(isinstance(event, Alarm) for event in events),
        **{f"{name}_hash": digest.hexdigest()[:16] for name, digest in digests.items()},
    }


def recordings(sources: list[str]) -> Iterator[Path]:
    """Yield the recordings of folders, ``FOLDER`` or ``FOLDER:N``, in the order of their names."""
    for source in sources:
        folder, _, most = source.partition(":")
        headers = sorted(Path(folder).glob("*.hea"))
        yield from (header.with_suffix("") for header in headers[: int(most) if most else None])


def differing(
    found: dict[str, Outcome], expected: dict[str, Outcome], only: str | None
) -> list[str]:
    """Return the records whose outcome is missing in one of both, or differs."""
    return sorted(
        name
        for name in found.keys() | expected.keys()
        if _compared(found.get(name), only) != _compared(expected.get(name), only)
    )


def _compared(one: Outcome | None, only: str | None) -> Outcome | None:
    if one is None or only is None:
        return one
    return {key: one[key] for key in OF_BEATS_AND_ALARMS if key in one}


def main() -> int:
    """Run the comparison; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sources", metavar="FOLDER[:N]", nargs="+", help="recordings to analyse")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the hashes as JSON")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with such a file")
    parser.add_argument("--only", choices=("alarms",), help="leave the measurements out")
    parser.add_argument("--jobs", type=int, default=1, help="processes at once (default 1)")
    args = parser.parse_args()
    paths = list(recordings(args.sources))
    if not paths:
        parser.error("no recordings (*.hea) in these folders")
    with ProcessPoolExecutor(args.jobs) as pool:
        outcomes = track(pool.map(outcome, paths), "recordings", total=len(paths))
        found = {f"{p.parent.name}/{p.name}": one for p, one in zip(paths, outcomes, strict=True)}
    if args.output:
        args.output.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    if not args.against:
        return 0
    names = differing(found, orjson.loads(args.against.read_bytes()), args.only)
    print(f"{len(found) - len(names)} of {len(found)} recordings have the same outcome")
    if names:
        print("different:", ", ".join(names))
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
