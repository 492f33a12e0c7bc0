"""Kill, stop, fill and starve the parts of a running system, and count what it costs.

  python -m workbench.faults.command                  a hundred harms: about fifty minutes
  python -m workbench.faults.command --runs 5         a short look
  python -m workbench.faults.command --seed 7         in another order

A system of its own is started (`ecg-monitor run`, state in a temporary folder), with four patients.
Each harm is printed with what it led to; at the end it is counted from what is stored whether any
sample, event or alert was lost or doubled. It exits with 1 if so.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ecg_monitor.core import store
from ecg_monitor.core.stopping import cancel_all
from workbench.faults.account import Account, account
from workbench.faults.harm import Harm, plan
from workbench.faults.system import LOOK_S, System, running
from workbench.results import figures

SETTLED_WITHIN_S = 90.0
EFFECT_S = 4.0
"""What a harm leads to is looked for at least for so long after its end, s."""
TAKEOVER = ("detect: SIGKILL", "detect: SIGSTOP, 12 s")
COLUMNS = ("harm", "runs", "told", "told after", "analysis stood still", "well again after")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one harm led to.

    Attributes:
        harm: what was done.
        told: kinds of conditions that were told.
        told_s: when the first was, s after the harm; None if none was.
        standstill_s: longest time without a commit of the detector, s.
        well_s: when all was well again, s after the harm.
    """

    harm: str
    told: tuple[str, ...]
    told_s: float | None
    standstill_s: float
    well_s: float


async def _suffer(system: System, harm: Harm) -> Outcome:
    await system.prepared(SETTLED_WITHIN_S)
    before = len(system.told)
    began = await system.suffer(harm)
    well = await system.settle(SETTLED_WITHIN_S, began + harm.lasts_s + EFFECT_S)
    told = [(at, kind) for at, kind in system.told[before:] if at >= began]
    return Outcome(
        str(harm),
        tuple(sorted({kind for _, kind in told})),
        round(told[0][0] - began, 1) if told else None,
        round(system.standstill_s(began), 1),
        round(max(0.0, time.time() - began - 1.0), 1) if well else float("inf"),
    )


async def _measure(runs: int, seed: int, folder: Path) -> tuple[list[Outcome], Account]:
    outcomes = []
    async with running(folder) as (system, fleet):
        patients = asyncio.create_task(fleet.run())
        client = store.connect(system.redis_url)
        await system.settle(SETTLED_WITHIN_S)
        for number, harm in enumerate(plan(runs, seed), 1):
            outcome = await _suffer(system, harm)
            outcomes.append(outcome)
            print(f"{number:3}  {_line(outcome)}", flush=True)
        await _finish(system, patients)
        counted = await account(client)
        await client.aclose()
    return outcomes, counted


async def _finish(system: System, patients: asyncio.Task[None]) -> None:
    """Switch the patients off, and wait until all that they have sent is analysed."""
    await cancel_all([patients])
    deadline = time.monotonic() + SETTLED_WITHIN_S
    await asyncio.sleep(1.0)
    while time.monotonic() < deadline and system.behind:
        await asyncio.sleep(LOOK_S)


def _line(one: Outcome) -> str:
    told = f"told after {one.told_s} s ({', '.join(one.told)})" if one.told else "nothing told"
    return (
        f"{one.harm}: {told}; analysis stood still for {one.standstill_s} s; "
        f"well after {one.well_s} s"
    )


def values_of(outcomes: Sequence[Outcome], counted: Account, seed: int) -> Mapping[str, Any]:
    """What is written into the file of figures."""
    by_harm: dict[str, list[Outcome]] = {}
    for one in outcomes:
        by_harm.setdefault(one.harm, []).append(one)
    rows = [
        [
            harm,
            str(len(found)),
            ", ".join(sorted({kind for one in found for kind in one.told})) or "-",
            _range([one.told_s for one in found if one.told_s is not None]),
            _range([one.standstill_s for one in found]),
            _range([one.well_s for one in found]),
        ]
        for harm, found in sorted(by_harm.items())
    ]
    takeover = [one.standstill_s for one in outcomes if one.harm in TAKEOVER]
    told = [one.told_s for one in outcomes if one.told_s is not None]
    return {
        "runs": len(outcomes),
        "seed": seed,
        "table": {"columns": list(COLUMNS), "rows": rows},
        "counted": asdict(counted),
        "takeover": _summary(takeover),
        "told": _summary(told),
    }


def _summary(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {"count": 0, "median_s": 0.0, "worst_s": 0.0}
    return {
        "count": len(values),
        "median_s": round(statistics.median(values), 1),
        "worst_s": max(values),
    }


def _range(values: Sequence[float]) -> str:
    if not values:
        return "-"
    if len(values) == 1:
        return f"{values[0]:.1f} s"
    return f"{statistics.median(values):.1f} s, at most {max(values):.1f} s"


def main() -> int:
    """Run; returns 1 if something was lost or doubled, or the system did not recover."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=100, metavar="N", help="harms (default: 100)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="order of the harms")
    figures.add_argument(parser)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ecg-faults-") as folder:
        outcomes, counted = asyncio.run(_measure(args.runs, args.seed, Path(folder)))
    print()
    for name, value in asdict(counted).items():
        print(f"{name.replace('_', ' '):>16}: {value}")
    if args.figures:
        figures.write(args.figures, values_of(outcomes, counted, args.seed))
    harmed = [value for name, value in asdict(counted).items() if "_" in name and value]
    return 1 if harmed or any(one.well_s == float("inf") for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
