"""What the analyzer costs now and at former commits: measured by turns, in one run.

  python -m workbench.bench.former COMMIT... --data mitdb/
  python -m workbench.bench.former v1 --data mitdb/ --turns 5 --kept trees

Figures of two days cannot be compared: the machine is another, or does something else. So each
commit is laid out in a folder of its own, and `ecg-monitor bench --engine-only
--networks`, of that commit's own code, is run for each of them by turns with the code of this
checkout. Of each the least of all turns counts: CPU time per bed and second of signal, which other
work can only lengthen. All run in this interpreter, with the libraries that it has.

--kept names a folder in which the commits stay laid out, so that a second run need not compile.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from ecg_monitor.core.errors import EcgMonitorError
from workbench.results import figures

NOW = "now"
"""What the code of this checkout is called."""
Costs = Mapping[str, Sequence[float]]
"""CPU time per bed and second by turn, us, by the name of the code."""


class FormerError(EcgMonitorError):
    """A former commit cannot be laid out, or its bench does not run."""


def lay_out(commit: str, folder: Path, root: Path = figures.ROOT) -> Path:
    """Lay the files of a commit out below a folder, unless they lie there already.

    Args:
        commit: any name that git knows.
        folder: where to.
        root: of the repository.

    Returns:
        where they lie; the folder has the short name of the commit.

    Raises:
        FormerError: git does not know the commit.
    """
    place = folder / _git(root, "rev-parse", "--short=9", f"{commit}^{{commit}}").decode().strip()
    if not place.exists():
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", commit))) as packed:
            packed.extractall(place, filter="data")
    return place


def by_turns(
    trees: Mapping[str, Path], data: Path, turns: int, beds: int, seconds: float
) -> dict[str, list[float]]:
    """Measure several states of the code, one after the other, again and again.

    Args:
        trees: where each lies, by its name.
        data: folder of MIT-BIH.
        turns: how often each is measured.
        beds: number of beds.
        seconds: signal time to measure, s.

    Returns:
        CPU time per bed and second of each turn, us, by name.

    Raises:
        FormerError: the bench of one of them does not run.
    """
    costs: dict[str, list[float]] = {name: [] for name in trees}
    for tree in trees.values():  # what is not compiled yet would count as the first turn's work
        bench(tree, data, 1, 1.0)
    for _ in range(turns):
        for name, tree in trees.items():
            costs[name].append(bench(tree, data, beds, seconds))
    return costs


def bench(tree: Path, data: Path, beds: int, seconds: float) -> float:
    """Return what a bed and second costs the code of a folder, us of CPU time.

    Raises:
        FormerError: it has no such bench, or that fails.
    """
    words = ["bench", "--engine-only", "--networks", "--json", "-", "--data", str(data.resolve())]
    sizes = ["--beds", str(beds), "--seconds", str(seconds)]
    inherited = {name: it for name, it in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    run = subprocess.run(
        [sys.executable, "-m", "ecg_monitor.cli", *words, *sizes],
        cwd=tree,
        env=inherited | {"PYTHONPATH": str(tree)},
        capture_output=True,
        check=False,
    )
    try:
        measured = orjson.loads(run.stdout)["engine"][str(beds)]
        return float(measured["us_per_bed_second"])
    except (orjson.JSONDecodeError, KeyError) as error:
        last = run.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise FormerError(f"{tree.name}: its bench gave no figures: {''.join(last)}") from error


def compared(costs: Costs, dates: Mapping[str, str]) -> dict[str, object]:
    """Return the least cost of each state of the code, and how it relates to others.

    Args:
        costs: of `by_turns`, the oldest state first.
        dates: day of each state, as in 2026-11-30.

    Returns:
        JSON-ready: ``states``, of each its ``name``, ``date``, ``us_per_bed_second`` of the least
        turn, all ``turns``, ``step``, the part that it takes more than the state before it (0 of
        the first), and ``now_more``, the part that the present code takes more than it; and a
        ``table`` of them for documents.
    """
    least = {name: min(turns) for name, turns in costs.items()}
    former = [next(iter(least.values())), *least.values()]
    states: list[dict[str, object]] = []
    rows = []
    for (name, us), before in zip(least.items(), former, strict=False):
        step, now_more = us / before - 1.0, least[NOW] / us - 1.0
        words = (f"{step:+.1%}", f"{now_more:+.1%}")
        rows.append([name, dates[name], f"{us:.0f}", *(one.replace("%", " %") for one in words)])
        states.append(
            {
                "name": name,
                "date": dates[name],
                "us_per_bed_second": us,
                "turns": list(costs[name]),
                "step": step,
                "now_more": now_more,
            }
        )
    columns = ["code of", "day", "µs per bed and second", "against the one above", "now against it"]
    return {"states": states, "table": {"columns": columns, "rows": rows}}


def main() -> int:
    """Measure by turns, tell and write; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commits", metavar="COMMIT", nargs="+", help="states of the code before")
    parser.add_argument("--data", metavar="DIR", type=Path, required=True, help="MIT-BIH")
    parser.add_argument("--turns", type=int, default=3, help="of each (default 3)")
    parser.add_argument("--beds", type=int, default=500, help="beds (default 500)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of signal (default 10)")
    parser.add_argument("--kept", metavar="DIR", type=Path, help="lay commits out here; they stay")
    figures.add_argument(parser)
    args = parser.parse_args()
    root = figures.ROOT
    folder = args.kept or Path(tempfile.mkdtemp(prefix="ecg-monitor-former-"))
    try:
        places = [lay_out(commit, folder) for commit in args.commits]
        trees = {place.name: place for place in places} | {NOW: root}
        dates = {name: _day(root, "HEAD" if name == NOW else name) for name in trees}
        costs = by_turns(trees, args.data, args.turns, args.beds, args.seconds)
    except FormerError as error:
        print(f"former: {error}", file=sys.stderr)
        return 2
    finally:
        if not args.kept:
            shutil.rmtree(folder, ignore_errors=True)
    found = compared(costs, dates) | {"beds": args.beds, "seconds": args.seconds}
    for name, turns in costs.items():
        print(f"{name} {dates[name]}: least {min(turns):.1f} us of", *(f"{it:.1f}" for it in turns))
    if args.figures:
        figures.write(args.figures, found, [args.data])
    return 0


def _day(root: Path, commit: str) -> str:
    return _git(root, "show", "-s", "--format=%cs", commit).decode().strip()


def _git(root: Path, *words: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise FormerError("git is not installed")
    run = subprocess.run([git, *words], cwd=root, capture_output=True, check=False)
    if run.returncode:
        why = run.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise FormerError(f"git {words[0]}: {''.join(why)}")
    return run.stdout


if __name__ == "__main__":
    sys.exit(main())
