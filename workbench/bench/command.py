"""Measure what this machine can carry.

With --engine-only: how much faster than real time one core analyses so many beds (two leads,
500 ms packets, real recordings), and whether the cost per bed stays flat as beds are added.
Without: the whole system (broker, Redis, ingest, detector, simulator) at real-time pace in a
folder of its own; counts every sample, and measures delays, CPU and memory.

  ecg-monitor bench --engine-only --beds 2000
  ecg-monitor bench --engine-only --beds 1000 --networks
  ecg-monitor bench --beds 16 --seconds 600       ten minutes: no sample lost, memory flat
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecg_monitor.core.output import check_output
from ecg_monitor.core.settings import Settings
from workbench.results import figures

if TYPE_CHECKING:
    from rich.console import Console

    from ecg_monitor.records import Recording

RECORDS = ("100", "101", "103", "105", "106", "200", "203", "208")
"""Calm and wild ones, clean and noisy."""
STEPS = (100, 500, 1000, 2000)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--beds", type=_count, help="number of beds (default 16; engine only 2000)")
    parser.add_argument(
        "--seconds", type=float, help="how long to measure, s of signal (default 60; engine 10)"
    )
    parser.add_argument("--engine-only", action="store_true", help="no servers, one core")
    parser.add_argument(
        "--networks", action="store_true", help="with --engine-only: label and score beats too"
    )
    parser.add_argument("--packet-ms", type=float, help="packet length (default 250; engine 500)")
    parser.add_argument("--data", metavar="DIR", default="", help="folder of recordings")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures as JSON")
    figures.add_argument(parser)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number greater than 0, got {text!r}")
    return int(text)


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Measure, then tell and write."""
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    check_output("--json", args.json)
    check_output("--figures", args.figures)
    console = Console()
    measured = (
        _engine(args, settings, console) if args.engine_only else _system(args, settings, console)
    )
    if args.json:
        args.json.write_bytes(orjson.dumps(measured, option=orjson.OPT_INDENT_2))
    if args.figures:
        figures.write(args.figures, measured, [Path(args.data)] if args.data else [])
    return 0


def _recordings(settings: Settings, data: str, console: Console) -> list[Recording]:
    from ecg_monitor.records import find_database, read_record  # noqa: PLC0415

    found = find_database(settings, RECORDS, data=data)
    console.print(found.reason, style="dim", highlight=False)
    return [read_record(found.path(name)) for name in RECORDS]


def _engine(args: argparse.Namespace, settings: Settings, console: Console) -> dict[str, Any]:
    from rich.progress import Progress  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from workbench.bench.engine import measure  # noqa: PLC0415

    beds = args.beds or 2000
    seconds = args.seconds or 10.0
    recordings = _recordings(settings, args.data, console)
    steps = [*(step for step in STEPS if step < beds), beds]
    rows = []
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        for step in steps:
            task = bar.add_task(f"{step} beds", total=seconds)
            rows.append(
                measure(
                    recordings,
                    step,
                    seconds,
                    args.packet_ms or 500.0,
                    networks=args.networks,
                    progress=lambda at, task=task: bar.update(task, completed=at),  # type: ignore[misc]
                )
            )
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


def _system(args: argparse.Namespace, settings: Settings, console: Console) -> dict[str, Any]:
    from rich.progress import Progress  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from workbench.bench.system import measure  # noqa: PLC0415

    beds, seconds = args.beds or 16, args.seconds or 60.0
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"{beds} beds at real-time pace", total=seconds)
        measured = measure(
            settings,
            beds,
            seconds,
            data=args.data,
            packet_ms=args.packet_ms or 250.0,
            progress=lambda at: bar.update(task, completed=at),
        )
    samples = measured["samples"]
    console.print(
        f"{samples['devices']} beds for {measured['seconds']:.0f} s, all live after "
        f"{measured['all_beds_live_after_s']:.1f} s; {samples['seen']:,} samples per lead: "
        f"[bold]{samples['missing']} missing[/], {samples['repeated']} repeated; "
        f"{measured['beats']:,} beats",
        highlight=False,
    )
    delays = Table(title="Delay after the sample was taken, ms")
    for name in ("stage", "p50", "p99", "worst"):
        delays.add_column(name, justify="right" if name != "stage" else "left")
    for name, row in measured["delays"].items():
        cells = (row["p50_ms"], row["p99_ms"], row["worst_ms"])
        delays.add_row(name.replace("_", " "), *("-" if c is None else f"{c:.0f}" for c in cells))
    console.print(delays)
    usage = Table(title="Processes")
    for name in ("process", "CPU, % of a core", "memory early, MB", "memory late, MB"):
        usage.add_column(name, justify="right" if name != "process" else "left")
    for name, row in measured["processes"].items():
        usage.add_row(name, *(str(row[k]) for k in ("cpu_percent", "rss_early_mb", "rss_late_mb")))
    console.print(usage)
    return measured
