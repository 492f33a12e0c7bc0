"""The ``ecg-monitor`` command: parses, then loads only the part that was asked for.

Each subcommand lives in the package that does the work, in a module ``command`` (or one named
after it) with two functions: ``add_arguments(parser)`` and ``main(args, settings) -> int``. Those
modules import nothing heavy at the top, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from dataclasses import dataclass

import ecg_monitor
from ecg_monitor import logs
from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.settings import load

_OF_A_PATH = frozenset(
    (errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.EISDIR, errno.ENOTDIR, errno.EROFS)
)
"""What is wrong with the name that the user gave for a file, not with us."""


@dataclass(frozen=True)
class Command:
    """Where a subcommand lives and what it is for."""

    module: str
    summary: str


COMMANDS = {
    "run": Command(
        "ecg_monitor.launch.run", "start the whole system on this machine, with patients"
    ),
    "services": Command(
        "ecg_monitor.launch.services_command", "start only a broker and a Redis server"
    ),
    "ingest": Command("ingest.command", "take packets from MQTT, validate, append to Redis"),
    "detect": Command("detector.runner.command", "find beats and raise alarms in live streams"),
    "cluster": Command("detector.cluster.command", "follow beds on several machines"),
    "deliver": Command("gateway.deliver.command", "escalate alerts, pass them on"),
    "record": Command("ecg_monitor.archive.command", "keep all that is received on disk"),
    "import": Command(
        "detector.importing.command", "put an old recording into the archive, analysed"
    ),
    "explain": Command("detector.explain.command", "say why a beat was called what it was called"),
    "alerts": Command("ecg_monitor.ward.alerts.handling.command", "list, export and handle alerts"),
    "users": Command("ecg_monitor.ward.accounts.command", "add and manage the people who sign in"),
    "tokens": Command(
        "ecg_monitor.ward.accounts.tokens_command", "make and revoke tokens of the HTTP API"
    ),
    "patients": Command(
        "ecg_monitor.ward.patients.command", "admit, discharge, limits per patient"
    ),
    "devices": Command("ecg_monitor.ward.devices.command", "list devices, forget one"),
    "dashboard": Command("dashboard.web.command", "serve the dashboard pages"),
    "hub": Command("dashboard.hub.command", "serve live traces over websockets"),
    "api": Command("gateway.api.command", "serve the HTTP API to other programs"),
    "work": Command("gateway.jobs.command", "analyse what was uploaded through the HTTP API"),
    "simulate": Command("simulator.command", "replay recordings or synthetic patients as devices"),
    "health": Command("ecg_monitor.launch.health", "say whether a part of the system works"),
    "check": Command("ingest.check_command", "say what a device that publishes does wrong"),
    "data": Command("ecg_monitor.records.command", "download databases from PhysioNet"),
    "analyze": Command("detector.analyzer.command", "analyse a recording with the live engine"),
    "export": Command("gateway.export.command", "write an interval of a recording as a file"),
    "report": Command("gateway.report.command", "write the report of a recording as a PDF"),
    "diagnose": Command(
        "detector.twelve_lead.command", "say which findings a twelve-lead recording shows"
    ),
    "evaluate": Command(
        "workbench.evaluate.command", "score the engine (EC57) or a network on data"
    ),
    "train": Command("workbench.training.command", "train the networks"),
    "models": Command("models.zoo.command", "list the networks: what each sees, does and weighs"),
    "bench": Command("workbench.bench.command", "measure how many beds this machine can follow"),
}


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser; with ``only``, just that subcommand gets its arguments."""
    parser = argparse.ArgumentParser(
        prog="ecg-monitor",
        description="Real-time ECG monitoring over MQTT. Research software, not a medical device.",
        epilog="`ecg-monitor COMMAND --help` explains a command; settings common to all come "
        "from ECG_ environment variables, listed in docs/SETTINGS.md.",
    )
    parser.add_argument("--version", action="version", version=ecg_monitor.__version__)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        if only in (None, name):
            module = importlib.import_module(command.module)
            sub = subparsers.add_parser(
                name,
                help=command.summary,
                description=module.__doc__,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            module.add_arguments(sub)
        else:
            subparsers.add_parser(name, help=command.summary, add_help=False)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    name = next((word for word in argv if not word.startswith("-")), None)
    args = build_parser(only=name if name in COMMANDS else "").parse_args(argv)
    try:
        settings = load()
        logs.set_up(settings.log_level)
        module = importlib.import_module(COMMANDS[args.command].module)
        status: int = module.main(args, settings)
    except EcgMonitorError as error:
        print(f"ecg-monitor {args.command}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if error.errno not in _OF_A_PATH or error.filename is None:
            raise
        print(
            f"ecg-monitor {args.command}: {error.filename!s:.80}: {error.strerror}", file=sys.stderr
        )
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


if __name__ == "__main__":
    sys.exit(main())
