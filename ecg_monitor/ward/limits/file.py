"""Alarm limits from the configuration file (`ecg_monitor.core.config_file`), checked at start.

It has the tables of ``limits.toml`` and overrides what it names. A wrong file stops the start with
an error that names the table and the key::

    SettingsError: ward.toml: adult.rate.low_bpm must be 10 .. 300, got 500
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecg_monitor.core.config_file import read_config
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.ward.limits.check import (
    Problems,
    check_alarms,
    check_category,
    check_order,
    check_patient,
    check_sections,
    known,
    table_of,
)
from ecg_monitor.ward.limits.model import CATEGORIES, LimitBook, default_tables

HANDLING = "alerts"
"""The table that `ecg_monitor.ward.alerts.policy` reads."""


def load_limits(path: str | Path = "") -> LimitBook:
    """Read the limits.

    Args:
        path: TOML file that overrides the defaults; empty: there is none.

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or has a wrong value.
    """
    user = read_config(path)
    user.pop(HANDLING, None)
    problems: Problems = []
    tables = _merged(default_tables(), user, problems)
    _stop(path, problems)
    book = LimitBook(tables)
    for category in CATEGORIES:
        check_order(category, book.of_patient({"category": category}), problems)
    for device in tables["patients"]:
        check_order(f"patients.{device}", book.of(device), problems)
    _stop(path, problems)
    return book


def _merged(tables: dict[str, Any], user: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Put the user's tables over the defaults."""
    alarms = tables["alarms"]
    merged = dict(tables)
    for name, value in known("", user, (*tables, HANDLING), problems).items():
        if name == "category":
            check_category(name, user, problems)
            merged[name] = value
        elif name == "alarms":
            merged[name] = {**alarms, **check_alarms(name, value, alarms, problems)}
        elif name == "patients":
            merged[name] = {
                device: check_patient(f"{name}.{device}", table, alarms, problems)
                for device, table in table_of(name, value, problems).items()
            }
        else:
            checked = check_sections(name, value, problems)
            merged[name] = {
                **tables[name],
                **{one: {**tables[name].get(one, {}), **checked[one]} for one in checked},
            }
    return merged


def _stop(path: str | Path, problems: Problems) -> None:
    if problems:
        raise SettingsError(f"{path}: {problems[0]}")
