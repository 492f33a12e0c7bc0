"""Add and manage the people who sign in to the dashboard.

Actions:
  list      the users (default)
  add       a new user; asks for a password
  role      change what a user may do: --role viewer, clinician or admin
  password  set a user's password; asks for it
  disable   keep a user out; their sessions end within seconds
  enable    let a user in again
  audit     who signed in, and who changed what

A viewer sees; a clinician also handles alarms and patients; an admin also manages users. The rest
is done on the page Users of the dashboard, by an admin who has signed in.

Examples:
  ecg-monitor users add amina --role admin                       the first administrator
  pass show ward | ecg-monitor users add karim --role clinician --password-stdin
  ecg-monitor users role karim --role viewer
  ecg-monitor users audit --json
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from typing import TYPE_CHECKING, Any

from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from ecg_monitor.ward.accounts.people import People

ACTIONS = ("list", "add", "role", "password", "disable", "enable", "audit")
_ROLES = ("viewer", "clinician", "admin")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor users``."""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list")
    parser.add_argument("name", nargs="?", metavar="NAME", help="user name (all but list, audit)")
    parser.add_argument("--role", choices=_ROLES, help="what the user may do (add, role)")
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input, one line, instead of asking twice",
    )
    parser.add_argument("--json", action="store_true", help="list, audit: write JSON")
    parser.add_argument(
        "--count", type=int, default=50, metavar="N", help="audit: newest entries (default: 50)"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Carry out the action; returns the exit status.

    Raises:
        AccountError: an argument is missing or wrong, or the user is unknown.
        ServiceError: Redis cannot be reached.
    """
    return asyncio.run(_main(args, settings))


async def _main(args: argparse.Namespace, settings: Settings) -> int:
    from ecg_monitor.core import store  # noqa: PLC0415 - `--help` must not load it
    from ecg_monitor.ward.accounts.people import People  # noqa: PLC0415

    async with store.answering(settings.require("redis_url")) as client:
        await _act(args, People(client, getpass.getuser(), "command line"))
    return 0


async def _act(args: argparse.Namespace, people: People) -> None:
    match args.action:
        case "list":
            _show([user.to_map() for user in await people.users()], args.json, _USER_COLUMNS)
        case "audit":
            entries = reversed(await people.trail(args.count))
            _show([entry.to_map() for entry in entries], args.json, _TRAIL_COLUMNS)
        case "add":
            name = _name(args)
            await people.add(name, _role(args), _password(args))
            print(f"{name}: added as {args.role}")
        case "role":
            await people.set_role(_name(args), _role(args))
            print(f"{args.name}: is now {args.role}; has to sign in again")
        case "password":
            name = _name(args)
            await people.set_password(name, _password(args))
            print(f"{name}: has a new password; has to sign in again")
        case "disable":
            await people.disable(_name(args))
            print(f"{args.name}: is kept out")
        case "enable":
            await people.enable(_name(args))
            print(f"{args.name}: may sign in again")


def _name(args: argparse.Namespace) -> str:
    if not args.name:
        raise AccountError(f"{args.action}: name the user")
    return str(args.name)


def _role(args: argparse.Namespace) -> Any:
    if not args.role:
        raise AccountError(f"{args.action}: give the role with --role {'|'.join(_ROLES)}")
    return args.role


def _password(args: argparse.Namespace) -> str:
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(f"Password of {args.name}: ")
    if getpass.getpass("The same again: ") != password:
        raise AccountError("the two passwords differ")
    return password


_USER_COLUMNS = ("name", "role", "disabled", "created_at", "changed_at")
_TRAIL_COLUMNS = ("at", "what", "by", "user", "address", "detail")


def _show(rows: list[dict[str, Any]], as_json: bool, columns: tuple[str, ...]) -> None:
    import orjson  # noqa: PLC0415

    if as_json:
        print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    if not rows:
        print("no users yet" if columns is _USER_COLUMNS else "nothing yet")
        return
    cells = [columns, *([_text(name, row[name]) for name in columns] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    for row in cells:
        padded = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        print("  ".join(padded).rstrip())


def _text(name: str, value: Any) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415

    if name in {"at", "created_at", "changed_at"}:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "-"
