"""Sizes installations from what a bed costs, and simulates how packets and devices arrive.

  python -m workbench.sizing.command                          100, 10 thousand and 1 million beds
  python -m workbench.sizing.command --beds 2500 --json -     any others

Processor time of broker, ingest, detector and Redis comes from docs/figures/beds.json, that of the
hub from docs/figures/hub.json; the room in Redis is counted with a server of the command's own,
which has to be installed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from ecg_monitor.core.errors import EcgMonitorError, SettingsError
from workbench.bench.stages import yardstick_us
from workbench.results import figures
from workbench.sizing import arrivals, plan
from workbench.sizing.units import Units, measure

BEDS = (100, 10_000, 1_000_000)
MOST_BEDS = 10_000_000
STEADY_S = 10.0
FINE_S = 0.001
STORM_S = 600.0
COARSE_S = 0.01
OUTAGE_S = 60.0


def arrivals_of(units: Units, devices: int, processes: int) -> dict[str, Any]:
    """Return how long packets wait at ingest, simulated and by the model.

    Args:
        units: what a bed costs.
        devices: how many send to one address.
        processes: how many ingest processes share them.
    """
    capacity = processes * 1e6 / (units.ingest_us * units.packet_s)
    found: dict[str, Any] = {"devices": devices, "processes": processes, "packets_per_s": capacity}
    for name, aligned in (("spread", False), ("aligned", True)):
        fleet = arrivals.Fleet(devices, units.packet_s, aligned=aligned)
        counts = arrivals.steady(fleet, STEADY_S, FINE_S)
        found[name] = arrivals.wait(counts, FINE_S, capacity).as_map()
    found["aligned"]["model_s"] = arrivals.burst_wait_s(fleet, capacity)
    for name, jitter in (("storm", True), ("storm_in_step", False)):
        outage = arrivals.Outage(OUTAGE_S, jitter=jitter)
        fleet = arrivals.Fleet(devices, units.packet_s)
        counts = arrivals.after_outage(
            fleet, outage, STORM_S + devices / outage.connects_per_s, COARSE_S
        )
        found[name] = arrivals.wait(counts, COARSE_S, capacity).as_map()
        # Caught up: all are back, and nothing waits any more.
        back_s = float(arrivals.reconnecting(fleet, outage).max())
        found[name]["over_s"] = max(back_s, found[name]["empty_after_s"] or 0.0)
        found[name]["model_s"] = arrivals.storm_over_s(fleet, outage, capacity)
        found[name]["waiting_mb"] = found[name]["most_waiting"] * units.packet_bytes / 1e6
    return found


def table(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what was simulated as a table, a row a number of devices."""
    rows = []
    for one in found:
        spread, aligned, storm, step = (
            one[key] for key in ("spread", "aligned", "storm", "storm_in_step")
        )
        rows.append(
            [
                f"{one['devices']:,}, {one['processes']:,} ingest",
                f"{1000 * spread['p99_s']:.0f} ms",
                f"{1000 * aligned['worst_s']:.0f} ms ({1000 * aligned['model_s']:.0f})",
                f"{storm['over_s']:.0f} s ({storm['model_s']:.0f})",
                f"{storm['waiting_mb']:,.0f} MB",
                f"{step['waiting_mb']:,.0f} MB",
            ]
        )
    return {
        "columns": [
            "devices at one address",
            "p99, each at its own moment",
            "longest, all at one moment (model)",
            "caught up after a minute without broker (model: at most)",
            "most that waits then",
            "the same, devices in step",
        ],
        "rows": rows,
    }


def sizing(beds: Sequence[int], packets: int) -> dict[str, Any]:
    """Return units, plans and arrivals for some numbers of beds.

    Raises:
        FiguresError: figures that it stands on are missing.
        ServiceError: Redis cannot be started.
    """
    units = asyncio.run(measure(packets))
    soak = figures.read(figures.FOLDER / "soak.json")
    grew = float(soak.values["processes"]["redis"]["grew_mb"]) * 1e6 / (16 * 600)
    plans = [plan.plan(units, number, grew) for number in beds]
    each = plan.cell(units)
    simulated = [arrivals_of(units, each, plan.plan(units, each, grew).ingest)]
    simulated += [arrivals_of(units, one.beds, one.ingest) for one in plans if one.beds > each]
    whole = figures.read(figures.FOLDER / "beds.json")
    return {
        "units": units.as_map(),
        "units_from": {"commit": whole.commit, "date": whole.date, "command": whole.command},
        "event_bytes_per_s": grew,
        "used": plan.USED,
        "cell": each,
        "bounds": plan.bounds(units),
        "limits": plan.limits(units, grew),
        "fullest_of_64": plan.fullest(each, 64),
        "plans": {str(one.beds): asdict(one) for one in plans},
        "table": plan.table(plans),
        "arrivals": {str(one["devices"]): one for one in simulated},
        "arrivals_table": table(simulated),
        "yardstick_us": yardstick_us(),
    }


def main() -> int:
    """Size and print; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--beds", type=int, nargs="+", default=list(BEDS), metavar="N", help="numbers of beds"
    )
    parser.add_argument(
        "--packets", type=int, default=20_000, help="packets written to Redis (20000)"
    )
    parser.add_argument("--json", metavar="FILE", help="write figures; - is standard output")
    figures.add_argument(parser)
    args = parser.parse_args()
    try:
        if any(not 1 <= number <= MOST_BEDS for number in args.beds):
            raise SettingsError(f"--beds must be from 1 to {MOST_BEDS}, got {args.beds}")
        if args.packets < 1000:
            raise SettingsError(f"--packets must be 1000 or more, got {args.packets}")
        found = sizing(args.beds, args.packets)
    except EcgMonitorError as error:
        print(f"ecg-monitor: {error}", file=sys.stderr)
        return 1
    text = orjson.dumps(found, option=orjson.OPT_INDENT_2)
    if args.json == "-":
        sys.stdout.write(text.decode() + "\n")
    else:
        for name in ("table", "arrivals_table"):
            print(
                *(" | ".join(row) for row in (found[name]["columns"], *found[name]["rows"])),
                sep="\n",
            )
    if args.json not in (None, "-"):
        Path(args.json).write_bytes(text)
    if args.figures:
        figures.write(args.figures, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
