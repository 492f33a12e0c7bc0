"""Draws what a wait before the sound costs and spares, from figures that were measured before.

  python -m workbench.burden.curves docs/images/alarm-delays.png

Reads `docs/figures/alarms-ds1-paced.json` (MIT-BIH without DS2) and `docs/figures/burden.json`:
development recordings alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.output import check_output
from ecg_monitor.core.types import Priority
from ecg_monitor.ward.alerts.policy import Policy
from workbench.results.figures import FOLDER, read

Delays = list[dict[str, float]]
"""``delays`` of `workbench.alarm_review.load.AlarmLoad.as_map`."""
PRIORITIES: tuple[Priority, ...] = ("medium", "low", "technical")
"""Those drawn: a wait is no choice for what may save a life."""


def draw(path: Path, curves: Mapping[str, Delays], policy: Policy) -> None:
    """Write a picture with a panel for each priority and a curve for each set of recordings.

    Args:
        path: PNG file to write.
        curves: audible alarms per bed and day by the wait, by name of the recordings.
        policy: whose waits are marked.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  # of the extra for training

    figure = Figure(figsize=(10, 3.6), layout="constrained")
    panels: Any = figure.subplots(1, len(PRIORITIES))
    for axes, priority in zip(panels, PRIORITIES, strict=True):
        for (name, delays), mark in zip(curves.items(), ("o-", "s--", "^:"), strict=False):
            waits = [row["on_delay_s"] for row in delays]
            axes.plot(waits, [row[priority] for row in delays], mark, markersize=4, label=name)
        in_force = policy.on_delay_s[priority]
        axes.axvline(in_force, color="grey", linewidth=1)
        axes.set_title(f"{priority} (now {in_force:g} s)", fontsize=10)
        axes.set_xscale("symlog", linthresh=5)
        axes.set_xticks(ticks := [0, 2, 5, 10, 20, 60], [f"{tick}" for tick in ticks])
        axes.set_yscale("symlog", linthresh=10)  # a quiet ward and a crowded one, and none at all
        axes.set_yticks(counts := [0, 5, 10, 100, 1000], [f"{count}" for count in counts])
        axes.set_ylim(bottom=0)
        axes.set_xlabel("wait before the sound, s")
    panels[0].set_ylabel("audible alarms per bed and day")
    panels[-1].legend(fontsize=8)
    figure.savefig(path, dpi=110)


def main() -> int:
    """Draw the picture; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("picture", metavar="PNG", type=Path)
    args = parser.parse_args()
    try:
        check_output("PNG", args.picture)
        burden = read(FOLDER / "burden.json").values
        curves = {
            "MIT-BIH, DS1 and paced": read(FOLDER / "alarms-ds1-paced.json").values["load"][
                "delays"
            ],
            "sinus rhythm with activity": burden["sinus"]["delays"],
            "CinC 2015, before an alarm": burden["intensive"]["delays"],
        }
    except EcgMonitorError as error:
        print(error, file=sys.stderr)
        return 1
    draw(args.picture, curves, Policy())
    return 0


if __name__ == "__main__":
    sys.exit(main())
