"""Patients: admit, discharge, transfer; limits of one patient, notes, and the audit trail.

Actions:
  list        who is at which bed (default)
  admit       admit a patient to a bed: --patient NUMBER, --name, --category
  discharge   end the stay; the bed is monitored on under the limits of ECG_CONFIG
  transfer    move the stay, with its limits and notes, to another bed
  limits      show the limits in force, or set some: SECTION.KEY=VALUE, alarms.KIND=PRIORITY;
              the value "default" takes one back. Limits of a bed to which nobody is admitted
              end with an admission
  note        add a note, or list them
  audit       who changed what, and when; of one bed or of all

A change holds for the detector within a second. What may be set is what ECG_CONFIG may set.

Examples:
  ecg-monitor patients
  ecg-monitor patients admit bed-07 --patient 4711 --name "A. Lovelace" --category neonatal
  ecg-monitor patients limits bed-07
  ecg-monitor patients limits bed-07 rate.high_bpm=190 alarms.couplet=off rate.low_bpm=default
  ecg-monitor patients limits bed-07 pacing.paced=yes
  ecg-monitor patients note bed-07 "Restless; electrodes changed."
  ecg-monitor patients transfer bed-07 bed-09 --by "A. Nurse"
  ecg-monitor patients audit --since 8h --json
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from ecg_monitor.ward.patients.desk import PatientDesk
    from ecg_monitor.ward.patients.model import Admission, BedLimits
    from ecg_monitor.ward.patients.trail import Entry

ACTIONS = ("list", "admit", "discharge", "transfer", "limits", "note", "audit")
DEFAULT = "default"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor patients``."""
    parser.add_argument("action", nargs="?", default="list", choices=ACTIONS)
    parser.add_argument("bed", nargs="?", help="device id of the bed")
    parser.add_argument("words", nargs="*", metavar="WORD", help="what the action needs; see above")
    parser.add_argument("--patient", default="", metavar="NUMBER", help="the hospital's number")
    parser.add_argument("--name", default="", help="name as shown on the bed")
    parser.add_argument("--category", default="adult", help="adult, paediatric or neonatal")
    parser.add_argument("--by", help="who does it (default: the user name)")
    parser.add_argument("--since", metavar="TIME", help="audit: 8h, 30m, or 2026-01-31T08:00")
    parser.add_argument("--json", action="store_true", help="write JSON")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Do what was asked for; returns the exit status."""
    return asyncio.run(_main(args, settings))


async def _main(args: argparse.Namespace, settings: Settings) -> int:
    from ecg_monitor.core import store  # noqa: PLC0415 - `--help` must not load it
    from ecg_monitor.ward.patients.desk import PatientDesk  # noqa: PLC0415

    if args.bed is None and args.action not in ("list", "audit"):
        raise PatientError(f"{args.action}: name the bed")
    async with store.answering(settings.require("redis_url")) as client:
        await _act(args, PatientDesk(client, settings))
    return 0


async def _act(args: argparse.Namespace, desk: PatientDesk) -> None:
    by = args.by or getpass.getuser()
    match args.action:
        case "list":
            await _list(args, desk)
        case "audit":
            await _audit(args, desk)
        case "admit":
            if not args.patient:
                raise PatientError("admit: give the patient's number with --patient")
            await desk.admit(
                args.bed, by, patient=args.patient, name=args.name, category=args.category
            )
            print(f"{args.bed}: admitted {args.patient}")
        case "discharge":
            await desk.discharge(args.bed, by)
            print(f"{args.bed}: discharged")
        case "transfer":
            await desk.transfer(args.bed, _only_word(args, "the other bed"), by)
            print(f"{args.bed}: transferred to {args.words[0]}")
        case "note":
            await _note(args, desk, by)
        case "limits":
            await _limits(args, desk, by)


async def _list(args: argparse.Namespace, desk: PatientDesk) -> None:
    stays = {
        device: bed.admission
        for device, bed in (await desk.beds()).items()
        if bed.admission is not None and args.bed in (None, device)
    }
    if args.json:
        _print_json([{"bed": device, **asdict(stay)} for device, stay in stays.items()])
        return
    rows = [
        {
            "bed": device,
            "patient": stay.patient,
            "name": stay.name,
            "category": stay.category,
            "admitted_at": stay.admitted_at,
            "by": stay.admitted_by,
            "own limits": sum(map(len, stay.limits.values())) + len(stay.alarms),
        }
        for device, stay in stays.items()
    ]
    _print_table(rows, "no patients")


async def _audit(args: argparse.Namespace, desk: PatientDesk) -> None:
    from ecg_monitor.ward.alerts.handling.query import parse_time  # noqa: PLC0415

    since = 0.0 if args.since is None else parse_time(args.since, time.time())
    entries = await desk.trail(args.bed, since)
    if args.json:
        _print_json([entry.to_map() for entry in entries])
        return
    rows = [
        {
            "at": entry.at,
            "who": entry.who,
            "bed": entry.device,
            "patient": entry.patient or None,
            "what": entry.what.value,
            "details": _details(entry),
        }
        for entry in entries
    ]
    _print_table(rows, "nothing")


async def _note(args: argparse.Namespace, desk: PatientDesk, by: str) -> None:
    if args.words:
        await desk.note(args.bed, by, _only_word(args, "the text, in quotes"))
        print(f"{args.bed}: noted")
        return
    notes = [{"at": one.at, "by": one.by, "text": one.text} for one in await desk.notes(args.bed)]
    if args.json:
        _print_json(notes)
    else:
        _print_table(notes, "no notes")


async def _limits(args: argparse.Namespace, desk: PatientDesk, by: str) -> None:
    from ecg_monitor.ward.limits.model import limits_to_map  # noqa: PLC0415
    from ecg_monitor.ward.patients.desk import limits_in_force, own_limits  # noqa: PLC0415

    bed = await desk.bed(args.bed)
    if args.words:
        holds = bed.admission or own_limits(desk.book, args.bed, bed)
        limits, alarms = _set(holds, args.words)
        bed = await desk.change(args.bed, by, limits=limits, alarms=alarms, version=bed.version)
    force = limits_in_force(desk.book, args.bed, bed)
    default = desk.book.of_patient({"category": force.category})
    rows = _rows(limits_to_map(force), limits_to_map(default), desk.book.tables["alarms"])
    if args.json:
        _print_json(rows)
    else:
        _print_table(rows, "")


def _rows(holds: Any, default: Any, alarms: Any) -> list[dict[str, Any]]:
    rows = [
        {"limit": f"{section}.{key}", "value": value, DEFAULT: default[section][key]}
        for section, values in holds.items()
        if isinstance(values, dict) and section != "priorities"
        for key, value in values.items()
    ]
    rows += [
        {"limit": f"alarms.{kind}", "value": holds["priorities"].get(kind, "off"), DEFAULT: level}
        for kind, level in alarms.items()
    ]
    return [{**row, "": "" if row["value"] == row[DEFAULT] else "*"} for row in rows]


def _set(
    stay: Admission | BedLimits, words: list[str]
) -> tuple[dict[str, dict[str, float | str]], dict[str, str]]:
    """Return limits and priorities of a stay or a bed with what the words say."""
    from ecg_monitor.ward.limits.model import LIMITS  # noqa: PLC0415

    limits = {section: dict(values) for section, values in stay.limits.items()}
    alarms = dict(stay.alarms)
    for word in words:
        path, equals, text = word.partition("=")
        section, dot, key = path.partition(".")
        if not equals or not dot:
            raise PatientError(f"limits: write SECTION.KEY=VALUE, not {word!r}")
        if section == "alarms":
            alarms.pop(key, None) if text == DEFAULT else alarms.update({key: text})
        elif text == DEFAULT:
            limits.get(section, {}).pop(key, None)
        else:
            limit = LIMITS.get(section, {}).get(key)
            is_word = limit is not None and limit.choices
            limits.setdefault(section, {})[key] = text if is_word else _number(path, text)
    return limits, alarms


def _number(path: str, text: str) -> float:
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        raise PatientError(f"{path} must be a number, or {DEFAULT}; got {text!r}") from None


def _details(entry: Entry) -> str | None:
    told = [f"{one.field}: {_said(one.old)} -> {_said(one.new)}" for one in entry.changes]
    if entry.other:
        told = [f"other bed {entry.other}", f"transfer {entry.transfer}"]
    if entry.n is not None:
        told = [f"version {entry.version} from sample {entry.n} of {entry.boot}"]
    return "; ".join(told) or entry.text or None


def _said(value: Any) -> str:
    return "-" if value is None else str(value)


def _only_word(args: argparse.Namespace, what: str) -> str:
    if len(args.words) != 1:
        raise PatientError(f"{args.action}: after the bed, write {what}")
    word: str = args.words[0]
    return word


def _print_json(rows: Any) -> None:
    import orjson  # noqa: PLC0415

    print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())


def _print_table(rows: list[dict[str, Any]], empty: str) -> None:
    from ecg_monitor.ward.alerts.handling.query import to_table  # noqa: PLC0415

    print(to_table(rows, list(rows[0])) if rows else f"{empty}\n", end="")
