"""Measure what this machine can carry.

Without --engine-only: the whole system (broker, Redis, ingest, detector, hub, a client that watches
all beds or --watched of them, simulator; the recorder with --recorded) at real-time pace in a
folder of its own. Counts every sample; measures CPU, memory and delays, each beyond what the packet
and the look-ahead of a decision take by themselves.
It is held if nothing is lost and no stage's p99 is over 300 ms. Beside it stands the floor: how
late the machine wakes a process that only sleeps. With --find the largest number of beds that is
held is looked for, from --beds on; a number that is not held is measured once more.
With --compare: what a patient costs here and in other ways of following one, in turn on one core:
NeuroKit2 on ten seconds each second, the detectors XQRS and sleepecg, a network in torch.
With --engine-only: how much faster than real time one core analyses so many beds (two leads,
500 ms packets, real recordings), and whether the cost per bed stays flat as beds are added.

  ecg-monitor bench --beds 16 --seconds 600       ten minutes: no sample lost, memory flat
  ecg-monitor bench --beds 64 --json -            figures as JSON on standard output
  ecg-monitor bench --find --seconds 60           how many beds this machine can follow
  ecg-monitor bench --beds 1000 --detectors 2     two detectors share the partitions
  ecg-monitor bench --beds 500 --watched 16       a client that shows one unit of many
  ecg-monitor bench --beds 100 --recorded         what recording costs: once with, once without
  ecg-monitor bench --beds 4 --scenario vt-run    made-up patients, no recordings needed
  ecg-monitor bench --compare                     beside others (pip install 'ecg-monitor[compare]')
  ecg-monitor bench --engine-only --beds 2000
  ecg-monitor bench --engine-only --beds 1000 --networks
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.output import check_output
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import detectors
from workbench.results import figures

if TYPE_CHECKING:
    from rich.console import Console

    from ecg_monitor.records import Recording

RECORDS = ("100", "101", "103", "105", "106", "200", "203", "208")
"""Calm and wild ones, clean and noisy."""
STEPS = (10, 100, 500, 1000, 2000)
MOST_BEDS = 10_000
MOST_WATCHED = 64
"""Beds of the largest wall: the hub takes so many names in one request."""
LONGEST_S = 7 * 86_400.0
STDOUT = Path("-")
TELL_S = 5.0
"""Where no line can be drawn again and again, progress is told this often, s."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--beds", type=_count, help="number of beds (default 16; engine only 2000)")
    parser.add_argument(
        "--seconds", type=_seconds, help="how long to measure, s of signal (default 60; engine 10)"
    )
    parser.add_argument("--engine-only", action="store_true", help="no servers, one core")
    parser.add_argument(
        "--networks", action="store_true", help="with --engine-only: label and score beats too"
    )
    parser.add_argument(
        "--find", action="store_true", help="look for the largest number of beds that is held"
    )
    parser.add_argument(
        "--compare", action="store_true", help="compare with other ways of following a patient"
    )
    parser.add_argument(
        "--most", type=_count, metavar="N", help="with --find: most beds to try (default 1000)"
    )
    parser.add_argument(
        "--packet-ms", type=_packet_ms, help="packet length (default 250; engine 500)"
    )
    detectors.add_argument(parser)
    parser.add_argument(
        "--watched",
        type=_watched,
        metavar="N",
        help=f"beds that the client shows, 1 .. {MOST_WATCHED} (default: all)",
    )
    parser.add_argument("--recorded", action="store_true", help="record all beds besides")
    parser.add_argument("--data", metavar="DIR", default="", help="folder of recordings")
    parser.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar="NAME",
        help="synthetic patients in place of recordings; may be repeated",
    )
    parser.add_argument(
        "--json", metavar="FILE", type=Path, help="write the figures as JSON; - is standard output"
    )
    figures.add_argument(parser)


def _count(text: str, most: int = MOST_BEDS) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise argparse.ArgumentTypeError(f"must be a whole number 1 .. {most}, got {text!r}")
    return int(text)


def _watched(text: str) -> int:
    return _count(text, MOST_WATCHED)


def _seconds(text: str) -> float:
    return _number(text, 1.0, LONGEST_S, "s")


def _packet_ms(text: str) -> float:
    return _number(text, 20.0, 1000.0, "ms")  # what `ecg-monitor simulate` takes


def _number(text: str, low: float, high: float, unit: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"must be {low:g} .. {high:g} {unit}, got {text!r}")
    return value


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Measure, then tell and write.

    Raises:
        SettingsError: options that do not go together; a file that cannot be written.
        ServiceError: a part of the system did not start, or died.
    """
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    if args.engine_only and (args.find or args.scenario):
        raise SettingsError("--engine-only: has no --find and no --scenario")
    if args.compare and (args.engine_only or args.find or args.scenario or args.packet_ms):
        raise SettingsError("--compare: goes with --beds, --seconds, --data and outputs alone")
    if args.networks and not args.engine_only:
        raise SettingsError("--networks: goes with --engine-only; the whole system has them always")
    if args.detectors > 1 and (args.engine_only or args.compare):
        raise SettingsError("--detectors: goes with the whole system alone")
    if (args.watched or args.recorded) and (args.engine_only or args.compare):
        raise SettingsError("--watched, --recorded: go with the whole system alone")
    if args.most is not None and not args.find:
        raise SettingsError("--most: goes with --find")
    if args.json != STDOUT:
        check_output("--json", args.json)
    check_output("--figures", args.figures)
    console = Console(stderr=args.json == STDOUT)
    measure = _engine if args.engine_only else _compare if args.compare else _system
    measured = measure(args, settings, console)
    if args.json == STDOUT:
        sys.stdout.write(orjson.dumps(measured, option=orjson.OPT_INDENT_2).decode() + "\n")
    elif args.json:
        args.json.write_bytes(orjson.dumps(measured, option=orjson.OPT_INDENT_2))
    if args.figures:
        figures.write(args.figures, measured, [Path(args.data)] if args.data else [])
    return 0


def read_recordings(settings: Settings, data: str) -> tuple[list[Recording], str]:
    """Return the recordings that benches play, and in words where they were found.

    Args:
        settings: where databases are looked for.
        data: folder of recordings; empty: wherever there are some.

    Raises:
        RecordError: one cannot be found or read.
    """
    from ecg_monitor.records import find_database, read_record  # noqa: PLC0415

    found = find_database(settings, RECORDS, data=data)
    return [read_record(found.path(name)) for name in RECORDS], found.reason


def _recordings(settings: Settings, data: str, console: Console) -> list[Recording]:
    recordings, reason = read_recordings(settings, data)
    console.print(reason, style="dim", highlight=False, markup=False, emoji=False)
    return recordings


def _engine(args: argparse.Namespace, settings: Settings, console: Console) -> dict[str, Any]:
    from rich.table import Table  # noqa: PLC0415

    from workbench.bench.engine import measure  # noqa: PLC0415

    beds = args.beds or 2000
    seconds = args.seconds or 10.0
    recordings = _recordings(settings, args.data, console)
    steps = [*(step for step in STEPS if step < beds), beds]
    rows = []
    teller = _Teller(seconds)
    for step in steps:
        rows.append(
            measure(
                recordings,
                step,
                seconds,
                args.packet_ms or 500.0,
                networks=args.networks,
                progress=lambda at, step=step: teller.tell(f"{step} beds", at),  # type: ignore[misc]
            )
        )
    teller.end()
    what = "Engine and networks" if args.networks else "Engine alone"
    table = Table(title=f"{what}, one core, two leads at 360 Hz")
    for name in ("beds", "x real time", "us per bed and s", "decoding, us", "share of core"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            str(row.beds),
            f"{row.times_real_time:.1f}",
            f"{row.us_per_bed_second:.1f}",
            f"{row.decoding_us_per_bed_second:.1f}",
            f"{100 * (row.cpu_s + row.decode_cpu_s) / row.seconds:.1f} %",
        )
    console.print(table)
    return {"engine": {str(row.beds): row.as_map() for row in rows}}


def _compare(args: argparse.Namespace, settings: Settings, console: Console) -> dict[str, Any]:
    from rich.table import Table  # noqa: PLC0415

    from workbench.bench.beside.compare import BEDS, ROUNDS, measure  # noqa: PLC0415

    recordings = _recordings(settings, args.data, console)
    seconds = args.seconds or 20.0
    teller = _Teller(float(ROUNDS), "rounds")
    try:
        found = measure(recordings, seconds, beds=args.beds or BEDS, progress=teller.tell)
    finally:
        teller.end()
    table = Table(title="CPU time of a patient, one core")
    for number, name in enumerate(found["table"]["columns"]):
        table.add_column(name, justify="right" if number > 1 else "left")
    for row in found["table"]["rows"]:
        table.add_row(*row)
    console.print(table)
    return found


def _system(args: argparse.Namespace, settings: Settings, console: Console) -> dict[str, Any]:
    from workbench.bench.whole.show import show  # noqa: PLC0415
    from workbench.bench.whole.system import Load, measure  # noqa: PLC0415
    from workbench.bench.whole.verdict import largest  # noqa: PLC0415

    beds, seconds = args.beds or 16, args.seconds or 60.0
    probes: dict[int, dict[str, Any]] = {}
    tries: list[dict[str, Any]] = []

    def measured(number: int) -> dict[str, Any]:
        load = Load(
            number,
            seconds,
            args.packet_ms or 250.0,
            args.data,
            scenarios=tuple(args.scenario),
            detectors=args.detectors,
            watched=args.watched,
            recorded=args.recorded,
        )
        teller = _Teller(seconds)
        try:
            found = measure(settings, load, teller.tell)
        finally:
            teller.end()
        tries.append({"beds": number, "held": found["held"], "why_not": found["why_not"]})
        show(found, console)
        return found

    def holds(number: int) -> bool:
        found = measured(number)
        if not found["held"]:  # the machine may have been busy with something else
            found = measured(number)
        probes[number] = found
        return bool(found["held"])

    if not args.find:
        return measured(beds)
    most = largest(holds, beds, args.most or 1000)
    console.print(f"largest number of beds held: [bold]{most}[/]", highlight=False)
    return {**probes[most or min(probes)], "found": most, "tries": tries}


@dataclass(slots=True)
class _Teller:
    """Tells how far a measurement is: on a terminal by a bar, elsewhere line by line.

    Attributes:
        whole: how long the measurement lasts.
        unit: what that is counted in.
    """

    whole: float
    unit: str = "s"
    _bar: Any = None
    _task: Any = None
    _told: tuple[str, float] = field(default=("", -math.inf))

    def tell(self, what: str, done: float) -> None:
        """Tell what is being done, and how much of the measurement is over."""
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import Progress  # noqa: PLC0415

        if self._bar is None:
            errors = Console(stderr=True)
            self._bar = Progress(console=errors, transient=True, disable=not errors.is_terminal)
            self._bar.start()
            self._task = self._bar.add_task(what, total=self.whole)
        self._bar.update(self._task, description=what, completed=done)
        if not self._bar.console.is_terminal:
            now = time.monotonic()
            if now - self._told[1] >= TELL_S or (done >= self.whole and self._told[0] != what):
                print(
                    f"{what}: {done:.0f} of {self.whole:.0f} {self.unit}",
                    file=sys.stderr,
                    flush=True,
                )
                self._told = (what, now)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
