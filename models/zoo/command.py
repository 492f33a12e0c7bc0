"""List the networks: what each is for, what it sees, how well it does, and its licence.

With a name, all that is known of that network: its input and labels, whose design it is, what its
authors claim, its weights with their SHA-256, and how it is trained and scored.

  ecg-monitor models
  ecg-monitor models cnn-1d
  ecg-monitor models --json networks.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ecg_monitor.core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="say all of this network")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write it as JSON")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Print the table, or one network.

    Raises:
        UnknownNetworkError: there is no network of that name.
        SettingsError: the JSON file cannot be written.
    """
    del settings
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    from ecg_monitor.core.output import check_output  # noqa: PLC0415
    from models.zoo import listing, registry  # noqa: PLC0415

    chosen = (registry.network(args.name),) if args.name else registry.networks()
    check_output("--json", args.json)
    screen = Console()
    if not screen.is_terminal:
        screen = Console(width=listing.WIDTH)
    screen.print(listing.one(chosen[0]) if args.name else listing.table(chosen))
    if args.json:
        rows = [listing.as_map(network) for network in chosen]
        content = rows[0] if args.name else rows
        args.json.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    return 0
