"""Serve the dashboard's pages.

  ECG_SECRET=... ecg-monitor dashboard             serve them on ECG_HOST and ECG_PORT
  ECG_SECRET=... ecg-monitor dashboard --link      print a link that signs in a browser, and end
  ECG_SECRET=... ecg-monitor dashboard --link --user "A. Nurse" --role clinician
                                                   the same for a person by name

Browsers also need the hub (`ecg-monitor hub`), on ECG_HUB_PORT of the same host or at ECG_HUB_URL.
People sign in with a user name and a password (`ecg-monitor users add NAME --role admin` makes the
first account). With ECG_LINKS=off links sign nobody in, and none is printed: the setting for use.
GET /healthz says whether the pages are served.
"""

from __future__ import annotations

import argparse

from ecg_monitor.core.settings import Settings

MAX_NAME = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--link", action="store_true", help="print a sign-in link (good for 12 hours) and end"
    )
    parser.add_argument(
        "--user",
        default="local",
        metavar="NAME",
        type=_name,
        help="who signs in with the link; acknowledgements carry the name (default: %(default)s)",
    )
    parser.add_argument(
        "--role",
        choices=("viewer", "clinician", "admin"),
        default="admin",
        help="what they may do; who has an account gets no more than it allows "
        "(default: %(default)s)",
    )


def _name(text: str) -> str:
    if not 1 <= len(text) <= MAX_NAME or not text.isprintable() or text.strip() != text:
        raise argparse.ArgumentTypeError(f"must have 1 to {MAX_NAME} printable characters")
    return text


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Serve until told to stop; returns the exit status.

    Raises:
        SettingsError: a needed setting is missing or wrong.
        ServiceError: the port cannot be bound.
    """
    if args.link:
        from ecg_monitor.ward.access import sign_in_link  # noqa: PLC0415 - not needed for --help

        print(sign_in_link(settings, args.user, args.role))
        return 0
    from dashboard.web.service import run  # noqa: PLC0415

    run(settings)
    return 0
