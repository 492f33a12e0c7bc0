"""Renews the figures that documents quote, by group: `make figures GROUP=delineation`.

  python -m workbench.results.groups                       list the groups, with minutes
  python -m workbench.results.groups delineation --data ../shared/data
  python -m workbench.results.groups beats alarms --data D then the documents are written

Data sets are looked for by name below the folder that --data names. Groups that look at test data
which is for reporting alone (DS2) say so: each run of them is logged in the model card.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from workbench.results.figures import FOLDER, ROOT

DEGRADED = "108,118,201,203,207,209,223"
"""Seven varied records of DS1."""
DS1_AND_PACED = (
    "101,106,108,109,112,114,115,116,118,119,122,124,201,203,205,207,208,209,215,220,223,230,"
    "102,104,107,217"
)
NOISY = "101,112,223,205"
FORMER = "da8dcfe4b cf1e8f953 2eae1e3fc"
"""Commits before ventricular runs were counted together, before noise could hide silence, and with
that alone."""


@dataclass(frozen=True, slots=True)
class Run:
    """A command that writes one file of figures.

    Attributes:
        file: its name in `docs/figures/` without ``.json``.
        command: as one types it; ``{mitdb}`` stands for that folder of data.
        looks_at_ds2: it scores records that are for reporting alone.
        by_variable: it takes the file by the environment variable FIGURES, not by an option.
    """

    file: str
    command: str
    looks_at_ds2: bool = False
    by_variable: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that belong together.

    Attributes:
        minutes: how long they take together on one idle core, about.
        runs: the commands, in order.
    """

    minutes: int
    runs: tuple[Run, ...]


GROUPS: Mapping[str, Group] = MappingProxyType(
    {
        "delineation": Group(
            3,
            (
                Run("delineation-even", "ecg-monitor evaluate {ludb} --delineation"),
                Run("delineation-even-ii", "ecg-monitor evaluate {ludb} --delineation --leads II"),
                Run("delineation-odd", "ecg-monitor evaluate {ludb} --delineation --records odd"),
            ),
        ),
        "beats": Group(
            4,
            (
                Run("beats-ds1-first", "ecg-monitor evaluate {mitdb} --split ds1"),
                Run("beats-ds1-all", "ecg-monitor evaluate {mitdb} --split ds1 --leads all"),
            ),
        ),
        "prematurity": Group(
            10, (Run("prematurity-folds", "python -m workbench.fits.prematurity {mitdb}"),)
        ),
        "beats-reporting": Group(
            5,
            (
                Run("beats-ds2-first", "ecg-monitor evaluate {mitdb} --split ds2", True),
                Run("beats-first", "ecg-monitor evaluate {mitdb}", True),
            ),
        ),
        "networks": Group(
            1,
            (
                Run(
                    "zoo-hybrid-autoencoder-standard",
                    "ecg-monitor evaluate {ecg5000} --network hybrid-autoencoder --split standard",
                ),
            ),
        ),
        "networks-reporting": Group(
            6,
            tuple(
                Run(
                    f"zoo-{name}-{split}",
                    f"ecg-monitor evaluate {{mitdb}} --network {name} --split {split}",
                    looks_at_ds2=True,
                )
                for name in ("cnn-bilstm-attention", "cnn-1d")
                for split in ("mixed", "patients")
            ),
        ),
        "rhythm": Group(
            2, (Run("rhythm-ds1-first", "ecg-monitor evaluate {mitdb} --split ds1 --rhythm"),)
        ),
        "rhythm-reporting": Group(
            2, (Run("rhythm-ds2-first", "ecg-monitor evaluate {mitdb} --split ds2 --rhythm", True),)
        ),
        "alarms": Group(
            4,
            (
                Run(
                    "alarms-ds1-paced",
                    f"ecg-monitor evaluate {{mitdb}} --alarms --records {DS1_AND_PACED}",
                ),
            ),
        ),
        "alarms-reporting": Group(
            7, (Run("alarms", "ecg-monitor evaluate {mitdb} --alarms", True),)
        ),
        "repeated": Group(
            3,
            (
                Run(
                    "repeated",
                    "python -m workbench.alarm_review.repeated {cpsc2018} {ptbxl_volts}",
                ),
            ),
        ),
        "burden": Group(
            4,
            (
                Run(
                    "burden",
                    "python -m workbench.burden.command {nstdb} {cinc2015_half} "
                    "--patients 3 --every 5",
                ),
            ),
        ),
        "atrial": Group(
            8,
            (
                Run(
                    "atrial-development",
                    "python -m workbench.atrial.command {rr_only} --mitdb {mitdb}",
                ),
                Run(
                    "atrial-confirmation",
                    "python -m workbench.atrial.command {rr_only} --confirmation "
                    "--picture docs/images/atrial-confirmation.png",
                ),
            ),
        ),
        "atrial-reporting": Group(
            4,
            (
                Run(
                    "atrial-held-out",
                    "python -m workbench.atrial.command {rr_only} --part held-out",
                ),
            ),
        ),
        "alarm-challenge": Group(
            12,
            (Run("alarm-challenge", "ecg-monitor evaluate {cinc2015_half} --alarm-challenge"),),
        ),
        "spoilt-leads": Group(
            60,
            (
                Run(
                    "spoilt-leads",
                    "ecg-monitor evaluate {mitdb} --spoilt-leads {nstdb} "
                    f"--records {DS1_AND_PACED}",
                ),
            ),
        ),
        "degraded": Group(
            60,
            (
                Run(
                    "degraded",
                    f"ecg-monitor evaluate {{mitdb}} --degraded all --records {DEGRADED}",
                ),
            ),
        ),
        "noise": Group(
            15,
            tuple(
                Run(
                    f"noise-{kind}",
                    f"python -m workbench.bench.noise {{mitdb}} {{nstdb}} --noise {kind} "
                    f"--snr 24,12,6,0 --records {NOISY}",
                )
                for kind in ("em", "ma", "bw")
            ),
        ),
        "house": Group(1, (Run("house", "python -m workbench.results.house"),)),
        "speed": Group(
            4,
            (
                Run("speed-engine", "ecg-monitor bench --engine-only --beds 2000 --data {mitdb}"),
                Run(
                    "speed-networks",
                    "ecg-monitor bench --engine-only --networks --beds 2000 --data {mitdb}",
                ),
                Run("compare", "ecg-monitor bench --compare --data {mitdb}"),
            ),
        ),
        "speed-former": Group(
            4,
            (
                Run(
                    "speed-former",
                    f"python -m workbench.bench.former {FORMER} --data {{mitdb}} --beds 200",
                ),
            ),
        ),
        "readers": Group(
            3,
            (
                Run("readers", "python -m workbench.bench.readers"),
                Run("readers-walk", "python -m workbench.bench.readers {.}"),
            ),
        ),
        "cost": Group(
            3,
            (
                Run(
                    "cost", "python -m workbench.bench.cost --beds 100 --seconds 10 --data {mitdb}"
                ),
                Run("hub", "python -m workbench.bench.hub.command --seconds 5 --data {mitdb}"),
            ),
        ),
        "sizing": Group(1, (Run("sizing", "python -m workbench.sizing.command"),)),
        "twelve-leads": Group(
            6,
            (
                Run("twelve-leads", "python -m workbench.evaluate.twelve_leads.command {.}"),
                Run("st-elevation", "python -m workbench.evaluate.twelve_leads.elevation {.}"),
                *(
                    Run(f"zoo-{name}", f"ecg-monitor evaluate {{.}} --network {name}")
                    for name in ("ptbxl-cnn", "ptbxl-lstm", "ptbxl-hybrid")
                ),
            ),
        ),
        "explanations": Group(
            6,
            (
                Run("explanations", "python -m workbench.explain_networks.command {.}"),
                Run("explained-trees", "python -m workbench.explain_networks.trees_command {.}"),
                Run("leads", "python -m workbench.explain_networks.leads_command {.}"),
            ),
        ),
        "together": Group(
            3,
            (
                Run(
                    "together",
                    "python -m workbench.evaluate.twelve_leads.together_command {.} --report",
                ),
            ),
        ),
        "public-challenges": Group(
            6,
            (
                Run("cinc2017", "python -m workbench.public_challenges.af {cinc2017}"),
                Run(
                    "challenge2011", "python -m workbench.public_challenges.quality {challenge2011}"
                ),
                Run("reversal", "python -m workbench.fits.reversal {.} --score"),
            ),
        ),
        "soak": Group(
            11, (Run("soak", "ecg-monitor bench --beds 16 --seconds 600 --data {mitdb}"),)
        ),
        "beds": Group(
            20, (Run("beds", "ecg-monitor bench --find --seconds 60 --beds 32 --data {mitdb}"),)
        ),
        "faults": Group(50, (Run("faults", "python -m workbench.faults.command"),)),
        "recorded": Group(
            10, (Run("recorded", "python -m workbench.faults.recorded --kills 25 --seed 1"),)
        ),
        "browser": Group(
            15,
            tuple(
                Run(
                    name,
                    "python -m pytest -q -s -p no:cacheprovider "
                    f"tests/dashboard/browser/bench_browser.py -k {part}",
                    by_variable=True,
                )
                for name, part in (("browser-frames", "frames"), ("browser", "memory"))
            ),
        ),
        "past": Group(
            10,
            (
                Run(
                    "past",
                    "python -m pytest -q -s -p no:cacheprovider "
                    "tests/dashboard/browser/bench_review.py",
                    by_variable=True,
                ),
            ),
        ),
    }
)
"""Every group of figures that a command of ours can renew."""


def renew(group: Group, data: Path) -> None:
    """Run the commands of a group, one after another.

    Args:
        group: which.
        data: folder below which the data sets lie.

    Raises:
        subprocess.CalledProcessError: one of them failed; those after it have not run.
    """
    FOLDER.mkdir(exist_ok=True)
    for run in group.runs:
        file = FOLDER / f"{run.file}.json"
        words = arguments(run, data, file)
        environment = {**os.environ, "FIGURES": str(file)} if run.by_variable else None
        subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=True)


def arguments(run: Run, data: Path, file: Path) -> list[str]:
    """Return what the Python interpreter is started with to run a command.

    Args:
        run: the command.
        data: folder below which the data sets lie.
        file: where its figures go.
    """
    program, *words = shlex.split(run.command)
    start = ["-m", "ecg_monitor.cli"] if program == "ecg-monitor" else []
    filled = [str(data / word[1:-1]) if word.startswith("{") else word for word in words]
    return start + filled + ([] if run.by_variable else ["--figures", str(file)])


def main() -> int:
    """Renew the groups that are named; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("groups", metavar="GROUP", nargs="*", help=", ".join(GROUPS))
    parser.add_argument("--data", type=Path, default=Path(), help="folder of the data sets")
    args = parser.parse_args()
    if unknown := sorted(set(args.groups) - GROUPS.keys()):
        parser.error(f"no such group: {', '.join(unknown)}")
    if not args.groups:
        table = Table("group", "minutes", "files in docs/figures/", "looks at DS2")
        for name, group in GROUPS.items():
            files = ", ".join(run.file for run in group.runs)
            looks = any(run.looks_at_ds2 for run in group.runs)
            table.add_row(name, str(group.minutes), files, "yes, log it" if looks else "")
        Console().print(table)
        return 0
    for name in args.groups:
        renew(GROUPS[name], args.data.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
