"""List, export and handle alerts; read the audit trail.

Actions:
  list      alerts with their signals (default)
  audit     the audit trail: who did what, and when
  show      evidence of one alert: strip, beats, numbers, rule (JSON; --fhir for a FHIR R4 Bundle,
            --fhir r5 for release 5)
  ack       acknowledge the alerts named, or all active ones of --device
  pause     silence a device for --seconds (at most 120); new urgent alerts break through
  resume    end a pause
  standby   the patient of --device is away, for --reason and at most --minutes: technical alerts
            make no sound until the signal is back; alerts about the heart do
  monitor   end a standby

Tables show times in UTC; JSON and CSV have Unix seconds.

Examples:
  ecg-monitor alerts                                        what is active now
  ecg-monitor alerts list --state all --since 8h --csv      everything of this shift
  ecg-monitor alerts list --device bed-01 --kind asystole --state all --json
  ecg-monitor alerts audit --since 1h
  ecg-monitor alerts show bed-01/4f2a/asystole/36000 --fhir
  ecg-monitor alerts ack bed-01/4f2a/asystole/36000 --by "nurse 3"
  ecg-monitor alerts pause --device bed-01 --seconds 60 --by "nurse 3"
  ecg-monitor alerts standby --device bed-01 --minutes 30 --reason imaging --by "nurse 3"
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from ecg_monitor.core.store import Store
    from ecg_monitor.ward.alerts.handling.desk import Desk

ACTIONS = ("list", "audit", "show", "ack", "pause", "resume", "standby", "monitor")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor alerts``."""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list")
    parser.add_argument("ids", nargs="*", metavar="ID", help="alerts (show, ack)")
    parser.add_argument("--device", help="only this device")
    parser.add_argument("--kind", help="only this kind of alarm")
    parser.add_argument(
        "--state",
        choices=("active", "On", "Ack", "Latch", "Off", "all"),
        default="active",
        help="only alerts whose signal is in this state (default: active, any but Off)",
    )
    parser.add_argument(
        "--since", metavar="TIME", help="ISO time, Unix seconds, or 15m, 8h, 2d ago"
    )
    parser.add_argument("--until", metavar="TIME", help="likewise")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON")
    form.add_argument("--csv", action="store_true", help="write CSV")
    form.add_argument(
        "--fhir", nargs="?", const="r4", choices=("r4", "r5"), help="show: write a FHIR Bundle"
    )
    parser.add_argument("--by", help="who acts, for the audit trail (default: the login name)")
    parser.add_argument(
        "--seconds", type=float, default=120.0, help="length of the pause (default: %(default)g)"
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=15.0,
        help="longest time of the standby, 1 to 60 (default: %(default)g)",
    )
    parser.add_argument(
        "--reason",
        default="other",
        help="of the standby: theatre, imaging, bathroom, care or other (default: %(default)s)",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Carry out the action; returns 1 if an alert that was named is unknown."""
    return asyncio.run(carry_out(args, settings))


async def carry_out(args: argparse.Namespace, settings: Settings) -> int:
    """Carry out the action in a loop that runs; returns 1 if an alert that was named is unknown."""
    from ecg_monitor.core import store  # noqa: PLC0415 - `--help` must not load it
    from ecg_monitor.ward.alerts.handling.desk import Desk  # noqa: PLC0415

    async with store.answering(settings.require("redis_url")) as client:
        if args.action == "list":
            await _tell_system(client)
        return await _act(args, Desk(client, settings))


async def _tell_system(client: Store) -> None:
    """Say on standard error what is wrong with the system itself."""
    from ecg_monitor.ward.system.watch import read_conditions  # noqa: PLC0415

    for condition in (await read_conditions(client, "alerts")).values():
        print(f"system: {condition.text}, since {_clock(condition.since)}", file=sys.stderr)


async def _act(args: argparse.Namespace, desk: Desk) -> int:
    by = args.by or getpass.getuser()
    if args.action in ("pause", "resume", "standby", "monitor") and not args.device:
        raise AlertError(f"{args.action}: name the device with --device")
    if args.action == "pause":
        until = await desk.pause(args.device, by, seconds=args.seconds)
        print(f"{args.device}: silent for {args.seconds:g} s (until {_clock(until)})")
    elif args.action == "resume":
        await desk.resume(args.device, by)
        print(f"{args.device}: sound is on")
    elif args.action == "standby":
        seconds = args.minutes * 60
        until = await desk.standby(args.device, by, seconds=seconds, reason=args.reason)
        print(f"{args.device}: in standby for {args.minutes:g} min at most (until {_clock(until)})")
    elif args.action == "monitor":
        ended = await desk.end_standby(args.device, by)
        print(f"{args.device}: {'monitored again' if ended else 'was not in standby'}")
    elif args.action == "ack":
        return await _ack(args, desk, by)
    elif args.action == "show":
        return await _show(args, desk)
    else:
        await _list(args, desk)
    return 0


def _clock(at: float) -> str:
    """Return a time as the tables show it, said to be UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


async def _ack(args: argparse.Namespace, desk: Desk, by: str) -> int:
    if not args.ids and not args.device:
        raise AlertError("ack: name alerts, or a device with --device")
    outcome = await desk.acknowledge(by, ids=args.ids or None, device=args.device)
    for word in ("done", "already", "unknown"):
        for identity in getattr(outcome, word):
            said = {"done": "acknowledged", "already": "was acknowledged before"}.get(word, word)
            print(f"{identity}: {said}")
    return 1 if outcome.unknown else 0


async def _show(args: argparse.Namespace, desk: Desk) -> int:
    import orjson  # noqa: PLC0415

    status = 0
    for identity in args.ids:
        found = await (desk.fhir(identity, args.fhir) if args.fhir else desk.evidence(identity))
        if found is None:
            print(f"{identity}: unknown, not complete yet, or past its retention")
            status = 1
        else:
            print(orjson.dumps(found).decode())
    if not args.ids:
        raise AlertError("show: name an alert")
    return status


async def _list(args: argparse.Namespace, desk: Desk) -> None:
    import orjson  # noqa: PLC0415

    from ecg_monitor.ward.alerts.handling import query  # noqa: PLC0415

    now = desk.now()
    since = None if args.since is None else query.parse_time(args.since, now)
    until = None if args.until is None else query.parse_time(args.until, now)
    asked = query.Query(args.device, args.kind, args.state, since, until)
    if args.action == "audit":
        rows = await desk.trail(asked)
        columns = query.TRAIL_COLUMNS
    else:
        rows = await desk.find(asked)
        columns = query.COLUMNS
    if args.json:
        print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    elif args.csv:
        print(query.to_csv(rows, columns), end="")
    elif rows:
        wide = _TOO_WIDE if columns == query.COLUMNS else ()
        print(query.to_table(rows, [name for name in columns if name not in wide]), end="")
    else:
        print("no alerts" if args.action == "list" else "nothing")


_TOO_WIDE = {
    "device",
    "kind",
    "value",
    "limit",
    "why",
    "raised_at",
    "acked_at",
    "reason_text",
    "reason_by",
    "reason_at",
    "reminders",
    "evidence",
}
"""Left out of the table of alerts, for a terminal: an id says device and kind by itself."""
