"""Make and revoke the tokens by which programs use the HTTP API.

Actions:
  list    the tokens (default)
  add     a new token; it is printed once, and only its hash is kept
  revoke  end a token at once

A token does no more than its scopes say: read (beds, alarms, the past), acknowledge, upload,
export, score. What it does stands under the name of --user; the role of that person's account
holds as well, and acknowledging takes a clinician. --beds confines it to the beds of a care unit.

Examples:
  ecg-monitor tokens add viewer --scopes read                   see all beds, for 90 days
  ecg-monitor tokens add pager --scopes read,acknowledge --user karim --role clinician
  ecg-monitor tokens add icu --scopes read --beds 'icu-*' --from 10.1.0.0/16 --days 365
  ecg-monitor tokens revoke pager
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from ecg_monitor.ward.accounts.tokens import Token, Tokens

ACTIONS = ("list", "add", "revoke")
_ROLES = ("viewer", "clinician", "admin")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor tokens``."""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list")
    parser.add_argument("name", nargs="?", metavar="NAME", help="name of the token (add, revoke)")
    parser.add_argument("--scopes", metavar="LIST", help="what it may do, as in read,score (add)")
    parser.add_argument("--user", metavar="NAME", help="who stands behind it (default: you)")
    parser.add_argument(
        "--role", choices=_ROLES, default="viewer", help="most that it may do (default: viewer)"
    )
    parser.add_argument(
        "--beds", metavar="LIST", help="device ids that it may see, as in 'icu-*,bed-01'"
    )
    parser.add_argument(
        "--from", metavar="LIST", dest="networks", help="addresses that it may come from"
    )
    parser.add_argument(
        "--days", type=float, default=90.0, metavar="N", help="when it ends (default: 90 days)"
    )
    parser.add_argument("--json", action="store_true", help="list: write JSON")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Carry out the action; returns the exit status.

    Raises:
        AccountError: an argument is missing or wrong, or the token is unknown.
        ServiceError: Redis cannot be reached.
    """
    return asyncio.run(_main(args, settings))


async def _main(args: argparse.Namespace, settings: Settings) -> int:
    from ecg_monitor.core import store  # noqa: PLC0415 - `--help` must not load it
    from ecg_monitor.ward.accounts.tokens import Tokens  # noqa: PLC0415

    async with store.answering(settings.require("redis_url")) as client:
        await _act(args, Tokens(client, getpass.getuser(), "command line"))
    return 0


async def _act(args: argparse.Namespace, tokens: Tokens) -> None:
    match args.action:
        case "list":
            _show(await tokens.all(), args.json)
        case "add":
            if not args.scopes:
                raise AccountError("add: say what it may do, as in --scopes read,score")
            secret, token = await tokens.add(
                _name(args),
                user=args.user or getpass.getuser(),
                role=args.role,
                scopes=_listed(args.scopes),
                beds=_listed(args.beds),
                networks=_listed(args.networks),
                days=args.days,
            )
            print(secret)
            print(f"{token.name}: keep it now, it is not shown again; good until {_date(token)}")
        case "revoke":
            await tokens.revoke(_name(args))
            print(f"{args.name}: revoked")


def _name(args: argparse.Namespace) -> str:
    if not args.name:
        raise AccountError(f"{args.action}: name the token")
    return str(args.name)


def _listed(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]


def _date(token: Token) -> str:
    if token.ends_at is None:
        return "it is revoked"
    return datetime.fromtimestamp(token.ends_at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _show(tokens: list[Token], as_json: bool) -> None:
    import orjson  # noqa: PLC0415

    if as_json:
        print(orjson.dumps([one.to_map() for one in tokens], option=orjson.OPT_INDENT_2).decode())
        return
    for one in tokens:
        beds = " ".join(one.beds) or "all beds"
        scopes = ", ".join(one.scopes)
        print(f"{one.name:20} {scopes}; {beds}; {one.user}, {one.role}; until {_date(one)}")
    if not tokens:
        print("there are no tokens; `ecg-monitor tokens add NAME --scopes read` makes one")
