"""Draws how the cost of beds grows with their number, from figures that were measured before.

  python -m workbench.bench.beside.chart docs/images/cost-by-beds.png

Reads `docs/figures/speed-networks.json` and `docs/figures/compare.json`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.output import check_output
from workbench.bench.beside.compare import EAGER, OURS
from workbench.results.figures import FOLDER, read

STYLES = ("--", "-.", ":", (0, (1, 4)))


def draw(path: Path, ours: Mapping[int, float], others: Mapping[str, float]) -> None:
    """Write a picture of the cores that so many beds take.

    Args:
        path: PNG file to write.
        ours: CPU time per bed and second, us, by number of beds.
        others: the same of other ways, whose patients share nothing, by name.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  # of the extra for training

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes: Any = figure.subplots()
    beds = sorted(ours)
    for (name, us), style in zip(
        sorted(others.items()), ("--", "-.", ":", (0, (1, 4))), strict=False
    ):
        axes.plot(beds, [number * us / 1e6 for number in beds], linestyle=style, label=name)
    axes.plot(beds, [number * ours[number] / 1e6 for number in beds], "ko-", label=OURS)
    axes.axhline(1.0, color="grey", linewidth=1)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(beds, [f"{number}" for number in beds])
    axes.set_xlabel("beds")
    axes.set_ylabel("cores (grey: one)")
    axes.legend(fontsize=8)
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
        engine = read(FOLDER / "speed-networks.json").values["engine"]
        others = read(FOLDER / "compare.json").values["us"]
    except EcgMonitorError as error:
        print(error, file=sys.stderr)
        return 1
    ours = {int(beds): float(row["us_per_bed_second"]) for beds, row in engine.items()}
    draw(args.picture, ours, {k: us for k, us in others.items() if k not in {OURS, EAGER}})
    return 0


if __name__ == "__main__":
    sys.exit(main())
