"""Writes what is generated from the declarations of alarm kinds and limits.

``python -m workbench.reference`` (``make reference``) writes, in the checkout that it lies in,

* ``ecg_monitor/ward/limits/limits.toml``: the built-in limits, as a configuration file has them;
* the tables of ``docs/ALARMS.md``, each between ``<!-- table: NAME -->`` and ``<!-- end -->``.

A test compares both with the declarations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ecg_monitor.ward.alarms.catalogue import KINDS, TABLES, default_priorities
from ecg_monitor.ward.alarms.kind import AlarmKind
from ecg_monitor.ward.limits.limit import Limit
from ecg_monitor.ward.limits.model import CATEGORIES, LIMITS

ROOT = Path(__file__).resolve().parents[1]
LIMITS_FILE = ROOT / "ecg_monitor" / "ward" / "limits" / "limits.toml"
ALARMS_PAGE = ROOT / "docs" / "ALARMS.md"

COMMENT_COLUMN = 30
PLACE = re.compile(r"(<!-- table: (\w+) -->\n\n).*?(\n<!-- end -->)", re.DOTALL)
"""A table of a page: what it begins with, its name, what it ends with."""
NAMES = {"paediatric": "child", "neonatal": "neonate"}
"""What the page calls categories of patients whose defaults differ from those of adults."""

HEAD = """\
# The built-in alarm limits and definitions, by patient category: what holds unless the file named
# by ECG_CONFIG says otherwise. That file has the same tables, and holds only what differs. Sources
# stand in docs/ALARMS.md.
#
# Written by `make reference` from ecg_monitor/ward/limits/sections/ and
# ecg_monitor/ward/alarms/rows/: change it there.
#
# [paediatric] and [neonatal] take from [adult] what they do not say themselves. A single patient:
#
#   [patients.bed-07]
#   category = "neonatal"
#   [patients.bed-07.rate]
#   high_bpm = 190
"""
PRIORITIES = """\
# Priorities after IEC 60601-1-8: high, medium, low; technical; or "off". Those that are high here
# save a life: they can neither be turned off nor lowered.
"""


def limits_file() -> str:
    """Return the text of ``limits.toml``."""
    blocks = [HEAD, _line("category", CATEGORIES[0], "of patients who have no table of their own")]
    for category in CATEGORIES:
        for section, limits in LIMITS.items():
            lines = [
                _line(key, limit.defaults[category], _note(limit) if category == "adult" else "")
                for key, limit in limits.items()
                if category in limit.defaults
            ]
            if lines:
                blocks.append(f"[{category}.{section}]\n{''.join(lines)}")
    alarms = (
        _line(kind, priority, KINDS[kind].name.en)
        for kind, priority in default_priorities().items()
    )
    blocks.append(f"{PRIORITIES}[alarms]\n{''.join(alarms)}")
    return "\n".join(blocks)


def alarms_page(text: str) -> str:
    """Return the text of ``docs/ALARMS.md`` with its tables as the catalogue has them.

    Raises:
        KeyError: the catalogue has no such table.
    """
    return PLACE.sub(lambda place: f"{place[1]}{_table(TABLES[place[2]])}{place[3]}", text)


def main() -> None:
    """Write both."""
    LIMITS_FILE.write_text(limits_file(), encoding="utf-8")
    ALARMS_PAGE.write_text(alarms_page(ALARMS_PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def _line(key: str, value: float | str, comment: str) -> str:
    setting = f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
    return f"{setting:{COMMENT_COLUMN - 1}} # {comment}\n" if comment else f"{setting}\n"


def _note(limit: Limit) -> str:
    text = limit.note or limit.label.en
    if limit.choices:
        words = ", ".join(f'"{word}"' for word in limit.choices)
        return f"{text}; {words}"
    order = f", not over {limit.at_most}" if limit.at_most else ""
    return f"{text}; {limit.lowest:g} to {limit.highest:g} {limit.unit.en}".rstrip() + order


def _table(rows: tuple[AlarmKind, ...]) -> str:
    head = "| alarm | priority | raised when | limits | after |\n|---|---|---|---|---|\n"
    return head + "".join(
        _row(f"`{row.kind}`", row.priority, row.raised, "; ".join(_limits(row.kind)), row.source)
        for row in rows
    )


def _row(*cells: str) -> str:
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|\n"


def _limits(kind: str) -> Iterator[str]:
    """Yield the limits that a kind is held against, with their defaults."""
    for section, limits in LIMITS.items():
        for key, limit in limits.items():
            if kind in limit.kinds:
                yield f"`{section}.{key}` {_defaults(limit)}"


def _defaults(limit: Limit) -> str:
    adult = limit.defaults["adult"]
    others = (
        f"{NAMES[category]} {_figure(limit.defaults[category])}"
        for category in CATEGORIES
        if limit.defaults.get(category, adult) != adult
    )
    return ", ".join([_figure(adult), *others])


def _figure(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


if __name__ == "__main__":
    main()
