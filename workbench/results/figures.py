"""The file that holds the figures of one measurement: an envelope that says where they come from.

A command that prints figures writes them with ``--figures docs/figures/NAME.json``. Documents quote
them from there (`workbench.results.quotes`), so that no figure is copied by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import orjson

from ecg_monitor.core.errors import EcgMonitorError

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "figures"
"""Where the figures that documents quote are kept, one file a measurement."""
OUTPUTS = (
    "--figures",
    "--json",
    "--html",
    "--output",
    "--annotations",
    "--out",
    "--picture",
    "--kept",
    "--jobs",
)
"""Options that name a file to write, or how many processes work: they change no figure and are left
out of the command."""


class FiguresError(EcgMonitorError):
    """A file of figures cannot be read, or lacks what is asked of it."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A folder of recordings that a measurement read.

    Attributes:
        name: of the folder.
        files: how many files it held.
        digest: SHA-256 of their names and sizes, the first sixteen hexadecimal digits.
    """

    name: str
    files: int
    digest: str

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Describe a folder as it is now, its subfolders included."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        listing = "\n".join(f"{path.relative_to(folder)} {path.stat().st_size}" for path in files)
        digest = hashlib.sha256(listing.encode()).hexdigest()[:16]
        return cls(folder.resolve().name, len(files), digest)


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that a measurement ran on.

    Attributes:
        processor: its name, empty where the system does not give it.
        cores: how many it has.
        python: version of the interpreter.
        load: mean number of processes that wanted a core in the last minute of the measurement.
    """

    processor: str
    cores: int
    python: str
    load: float

    @classmethod
    def this(cls) -> Self:
        """Describe the machine that this process runs on."""
        load = round(os.getloadavg()[0], 1)
        return cls(_processor(), os.cpu_count() or 1, platform.python_version(), load)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one run of a command, and where they come from.

    Attributes:
        commit: of the code that was measured, ``+`` behind it if files differed from the commit.
        date: day of the measurement in UTC, as in 2026-11-28.
        machine: None where it was not recorded.
        command: as one types it, with folders of data by their names alone.
        data: the folders that were read.
        values: what was measured, JSON-ready.
        carried_over_from: where a figure that was printed before these files existed stood last;
            None if the command wrote it here.
        state: of a figure carried over, what code or model it was measured with.
    """

    commit: str
    date: str
    machine: Machine | None
    command: str
    data: tuple[DataSet, ...]
    values: Mapping[str, Any]
    carried_over_from: str | None = None
    state: str | None = None

    def source(self) -> str:
        """Return in a few words where the figures come from, as documents say it."""
        if self.carried_over_from:
            return f"measured {self.state}; carried over from {self.carried_over_from}, not renewed"
        cores = f", {self.machine.cores} cores" if self.machine else ""
        return f"`{self.command}`, {self.date}, commit {self.commit}{cores}"


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Declare the option that names the file to write."""
    parser.add_argument(
        "--figures",
        metavar="FILE",
        type=Path,
        help="write the figures as JSON with commit, date, machine, command and data, as "
        "documents quote them",
    )


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name files to write: ``--json`` and ``--figures``."""
    parser.add_argument("--json", metavar="FILE", help="write figures; - is standard output")
    add_argument(parser)


def write_outputs(args: argparse.Namespace, values: Mapping[str, Any], data: str) -> None:
    """Write what was measured to the files that `add_outputs` has named.

    Args:
        args: as parsed.
        values: what was measured, JSON-ready.
        data: folder of recordings that were read, or empty.
    """
    text = orjson.dumps(values, option=orjson.OPT_INDENT_2)
    if args.json == "-":
        sys.stdout.write(text.decode() + "\n")
    elif args.json is not None:
        Path(args.json).write_bytes(text)
    if args.figures:
        write(args.figures, values, [Path(data)] if data else [])


def write(path: Path, values: Mapping[str, Any], data: Iterable[Path] = ()) -> None:
    """Write the figures that this process has measured.

    Args:
        path: file to write.
        values: what was measured, JSON-ready.
        data: folders of recordings that were read.
    """
    folders = [folder for folder in data if folder.is_dir()]
    figures = Figures(
        commit=commit(),
        date=datetime.now(UTC).date().isoformat(),
        machine=Machine.this(),
        command=this_command(),
        data=tuple(DataSet.of(folder) for folder in folders),
        values=values,
    )
    body = orjson.dumps(asdict(figures), option=orjson.OPT_INDENT_2)
    for folder in folders:  # where data lies on this machine is nobody's business
        if os.sep in str(folder):
            body = body.replace(str(folder).encode(), folder.resolve().name.encode())
    path.write_bytes(body + b"\n")


def read(path: Path) -> Figures:
    """Read a file of figures.

    Raises:
        FiguresError: there is no such file, or it is not one of these.
    """
    try:
        fields = orjson.loads(path.read_bytes())
        fields["machine"] = Machine(**fields["machine"]) if fields["machine"] else None
        fields["data"] = tuple(DataSet(**one) for one in fields["data"])
        return Figures(**fields)
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise FiguresError("{path}: no figures: {error}", path=path, error=error) from error


def command(arguments: list[str], module: str) -> str:
    """Return a command as one types it, with folders by their names and without what it writes.

    Args:
        arguments: the program's name and its arguments, as `sys.argv` has them.
        module: name of the module that runs as the program; empty: a program of its own.
    """
    program = f"python -m {module}" if module else Path(arguments[0]).name
    words = ["ecg-monitor" if module == "ecg_monitor.cli" else program]
    rest = iter(arguments[1:])
    for word in rest:
        name, equals, _ = word.partition("=")
        if name in OUTPUTS:
            if not equals:
                next(rest, None)
        elif os.sep in word and not (word[0] not in "./" and (ROOT / word).exists()):
            words.append(f"{Path(word).name}/")
        else:
            words.append(word)
    return " ".join(words)


def this_command() -> str:
    """Return the command that this process was started with, as `command` does."""
    return command(sys.argv, running_module())


def running_module() -> str:
    """Return the module that this process was started with by ``-m``, empty if it was not."""
    spec = sys.modules["__main__"].__spec__
    return spec.name.removesuffix(".__main__") if spec else ""


def commit() -> str:
    """Return the short name of the commit of the code, ``+`` behind it if files differ from it."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    found = subprocess.run(
        [git, "rev-parse", "--short=9", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        return "unknown"
    code = (".", ":(exclude)docs", ":(exclude)*.md", ":(exclude)tests")
    clean = subprocess.run([git, "diff", "--quiet", "HEAD", "--", *code], cwd=ROOT, check=False)
    return found.stdout.strip() + ("+" if clean.returncode else "")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
