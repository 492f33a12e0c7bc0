"""Say which findings a twelve-lead recording shows, with a probability each.

RECORD is whatever `analyze` reads: a name, or a path to a WFDB record, a CSV, EDF, DICOM, aECG or
MUSE file (docs/FILES.md). It is cut into windows of 10 s; each is judged, and their mean is
printed: the five superclasses of PTB-XL and the nine labels of CPSC2018. Any leads will do, and
fewer make it less sure. III, aVR, aVL and aVF are calculated where two limb leads are known. What
had to be assumed is printed, and stands in the JSON under `quality`.

Research software: a probability is no diagnosis.

  ecg-monitor diagnose recordings/A0001.hea
  ecg-monitor diagnose recordings/A0001.hea --json -        JSON to the screen
  ecg-monitor diagnose ecg.csv --fs 500 --leads I,II,V1     these leads alone
  ecg-monitor diagnose watch.csv --fs 512 --leads ECG=I     the column ECG is lead I
  ecg-monitor diagnose A0001 --model ptbxl-cnn              another network
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.output import check_output
from ecg_monitor.core.settings import Settings
from models.diagnosis import release

if TYPE_CHECKING:
    from rich.console import Console

    from detector.twelve_lead.diagnose import Diagnosis
    from ecg_monitor.records import Recording
    from models.diagnosis.inference import DiagnosisNetwork


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("record", metavar="RECORD", help="name or path of the recording")
    parser.add_argument("--data", metavar="DIR", default="", help="folder to look for RECORD in")
    parser.add_argument(
        "--model",
        metavar="NAME",
        default=release.DEFAULT,
        help=f"network that judges (default {release.DEFAULT}; one of "
        f"{', '.join(release.names())})",
    )
    parser.add_argument(
        "--leads",
        metavar="LIST",
        help="look at these leads alone, as in I,II,V1; NAME=LEAD says which lead a signal is, "
        "as in ECG=II (default: all)",
    )
    parser.add_argument("--fs", type=float, help="sampling rate of a CSV without a time column, Hz")
    parser.add_argument(
        "--age", type=_years, help="age in years (default: what the recording says)"
    )
    parser.add_argument("--sex", choices=["F", "M"], help="sex (default: what the recording says)")
    parser.add_argument(
        "--json", metavar="FILE", help="write the outcome as JSON (-: standard output)"
    )


def _years(text: str) -> float:
    value = float(text)
    if not 0 < value <= 120:
        raise argparse.ArgumentTypeError(f"must be an age of 1 to 120 years, got {text}")
    return value


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Judge, then tell and write."""
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    from detector.twelve_lead.diagnose import diagnose  # noqa: PLC0415
    from ecg_monitor.records import find_record, is_table, read_record  # noqa: PLC0415
    from models.diagnosis.inference import DiagnosisNetwork  # noqa: PLC0415

    if args.json not in (None, "-"):
        check_output("--json", Path(args.json))
    network = DiagnosisNetwork.load(args.model)
    path, reason = find_record(args.record, settings, data=args.data)
    chosen = choices(args.leads)
    columns = list(chosen) if is_table(path) else []
    recording = read_record(path, fs=args.fs, columns=columns)
    if chosen:
        recording = renamed(recording, chosen)
    outcome = diagnose(recording, network, age=args.age, sex=args.sex)
    # Names of files and leads come from the data: a bracket in one is no markup.
    console = Console(stderr=True, markup=False, emoji=False)
    if args.json == "-":
        sys.stdout.buffer.write(orjson.dumps(outcome, option=orjson.OPT_INDENT_2) + b"\n")
    elif args.json is not None:
        Path(args.json).write_bytes(orjson.dumps(outcome, option=orjson.OPT_INDENT_2) + b"\n")
    for line in (reason, *outcome["quality"]["notes"]):
        console.print(line, style="dim", highlight=False)
    told = Console(markup=False, emoji=False) if args.json != "-" else console
    _table(told, outcome, network)
    return 0


def choices(text: str | None) -> dict[str, str]:
    """Read ``I,ECG=II`` as the leads to take and what each is: ``{"I": "I", "ECG": "II"}``.

    Raises:
        RecordError: a part is empty.
    """
    chosen: dict[str, str] = {}
    for part in text.split(",") if text else ():
        name, mark, lead = (word.strip() for word in part.partition("="))
        if not name or (mark and not lead):
            raise RecordError(f"--leads {text}: give names with commas between, as in I,II,ECG=V1")
        chosen[name] = lead or name
    return chosen


def renamed(recording: Recording, chosen: dict[str, str]) -> Recording:
    """Return the recording with the chosen leads alone, called as they are to be.

    A lead may be named as the file has it or as the standard does: II takes MLII too.

    Raises:
        RecordError: it has no such lead.
    """
    from detector.analyzer.command import choose_leads  # noqa: PLC0415
    from models.diagnosis.leads import standard_lead  # noqa: PLC0415

    names = []
    for name in chosen:
        meant = standard_lead(name)
        alike = [lead for lead in recording.leads if meant and standard_lead(lead) == meant]
        exact = name in recording.leads or not alike
        names.append(name if exact else alike[0])
    kept = choose_leads(recording, ",".join(names))
    return dataclasses.replace(kept, leads=tuple(chosen.values()))


def _table(console: Console, outcome: Diagnosis, network: DiagnosisNetwork) -> None:
    from rich.table import Table  # noqa: PLC0415

    from models.diagnosis.labels import TITLES  # noqa: PLC0415

    quality = outcome["quality"]
    windows = len(outcome["windows"])
    table = Table(
        title=f"{outcome['record']}: {outcome['model']}, {windows} window"
        f"{'' if windows == 1 else 's'}, leads {', '.join(quality['used'])}",
        title_justify="left",
        box=None,
    )
    for column in ("label", "what it means"):
        table.add_column(column)
    for column in ("probability", "from", ""):
        table.add_column(column, justify="right")
    limits = dict(zip(network.manifest.labels, network.manifest.thresholds, strict=True))
    for label, p in outcome["labels"].items():
        found = label in outcome["decisions"]
        table.add_row(
            label,
            TITLES.get(label, ""),
            f"{p:.0%}",
            f"{limits[label]:.0%}",
            "found" if found else "",
            style="bold" if found else "",
        )
    console.print(table)
