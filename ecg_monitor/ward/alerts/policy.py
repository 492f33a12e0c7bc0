"""How alerts are handled: latching, delays, escalation, reminders.

The table ``[alerts]`` of the configuration file (`ecg_monitor.core.config_file`) overrides the
defaults, in seconds::

    [alerts]
    latching = ["high"]

    [alerts.escalate_s]        # nobody has acknowledged for so long
    high = 30
    technical = 600

    [alerts.remind_s]          # acknowledged, and still present
    medium = 300

    [alerts.on_delay_s]        # shown at once, sounds after
    low = 2

    [alerts.off_delay_s]       # still shown after the condition has gone
    medium = 5

    [alerts.repeat_s]          # back so soon after its end: counted with what was before it
    low = 600

A value of 0 switches escalation, reminders or counting of that priority off. Defaults and their
reasons are with the fields of `Policy`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, get_args

from ecg_monitor.core.config_file import read_config
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.types import Priority

PRIORITIES: tuple[Priority, ...] = get_args(Priority)

RANK: dict[Priority, int] = {"technical": 1, "low": 2, "medium": 3, "high": 4}
"""Order of urgency. A technical alert ranks below: it must not silence one about the heart."""

MAX_PAUSE_S = 120.0
"""Longest audio pause. IEC 60601-1-8 (6.8) wants the longest interval of audio-paused to be
limited and disclosed, and leaves the figure to the maker; wards use 1 to 3 min."""
ESCALATION_LEVELS = 2
"""Level 1 calls the ward's second person, level 2 whoever stands behind the ward."""
SERIES_S = 3600.0
"""Longest series of one condition of low priority: one that keeps coming is heard every hour."""
MAX_ON_DELAY_S = 10.0
"""IEC 60601-2-27 wants heart-rate alarm signals within 10 s of the condition."""
_MOST_S: Mapping[str, float] = {
    "on_delay_s": MAX_ON_DELAY_S,
    "off_delay_s": 60.0,
    "escalate_s": 3600.0,
    "remind_s": 86_400.0,
    "repeat_s": 900.0,
}
"""Longest time of each rule: a signal that is shown for longer after its condition misleads."""
MAX_ESCALATE_HIGH_S = 300.0
"""Longest time for which nobody but the bed is told of a high alert that nobody acknowledges."""

_Times = Mapping[Priority, float]


def _times(high: float, medium: float, low: float, technical: float) -> _Times:
    return {"high": high, "medium": medium, "low": low, "technical": technical}


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules of handling.

    Attributes:
        latching: priorities whose signals go on after the condition has gone, until someone
            acknowledges: a short asystole must not go unseen.
        escalate_s: an alert that nobody has acknowledged escalates after this, s, and once more
            after twice this. 0: never. A low one is information, it does not escalate.
        remind_s: interval of the reminders of an alert that was acknowledged and whose condition
            is still present, s. 0: none.
        on_delay_s: the sound waits so long, s; if the condition goes meanwhile it never sounds.
            Always 0 for high and medium: their conditions carry all the delay they may have.
        off_delay_s: a signal that does not latch stays on so long after the condition, s, so that
            who turns to look still sees what it was.
        repeat_s: a condition that comes back so soon after its end, s, makes an alert that takes
            the place of the one before it and is counted with it ("7 times in 12 min"): one thing
            to handle, not seven. It sounds like any other, save one of low priority, of which
            only the first of a series is heard (IEC 60601-1-8 asks for no sound there; bedside
            monitors hold ectopy back for up to 15 min: Philips IntelliVue configuration guide,
            "TimeOut").
    """

    latching: frozenset[Priority] = frozenset({"high"})
    escalate_s: _Times = field(default_factory=lambda: _times(60.0, 180.0, 0.0, 300.0))
    remind_s: _Times = field(default_factory=lambda: _times(120.0, 300.0, 0.0, 900.0))
    on_delay_s: _Times = field(default_factory=lambda: _times(0.0, 0.0, 2.0, 3.0))
    off_delay_s: _Times = field(default_factory=lambda: _times(3.0, 3.0, 3.0, 0.0))
    repeat_s: _Times = field(default_factory=lambda: _times(180.0, 180.0, 600.0, 180.0))


def load_policy(path: str) -> Policy:
    """Read the configuration file's rules; an empty path gives the defaults.

    Raises:
        SettingsError: the file cannot be read, or breaks a rule; the error names the entry.
    """
    table = read_config(path).get("alerts", {})
    try:
        return policy_from_map(table)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error


def policy_from_map(table: Any) -> Policy:
    """Make a policy from the TOML table ``[alerts]``.

    Raises:
        SettingsError: an entry is unknown or wrong; the error names it.
    """
    if not isinstance(table, dict):
        raise SettingsError("alerts must be a table, [alerts]")
    policy = Policy()
    names = {one.name for one in fields(Policy)}
    for name, value in table.items():
        if name not in names:
            raise SettingsError(f"alerts.{name} is unknown; there are {', '.join(sorted(names))}")
        if name == "latching":
            policy = replace(policy, latching=_latching(value))
        else:
            changes: dict[str, Any] = {name: {**getattr(policy, name), **_delays(name, value)}}
            policy = replace(policy, **changes)
    return policy


def _latching(value: Any) -> frozenset[Priority]:
    if not isinstance(value, list) or not all(one in PRIORITIES for one in value):
        raise SettingsError(f"alerts.latching must be a list of {', '.join(PRIORITIES)}")
    if "high" not in value:
        raise SettingsError("alerts.latching must contain high: nothing high may end unseen")
    return frozenset(value)


def _delays(name: str, value: Any) -> dict[Priority, float]:
    if not isinstance(value, dict):
        raise SettingsError(f"alerts.{name} must be a table of seconds by priority")
    delays: dict[Priority, float] = {}
    for priority, seconds in value.items():
        where = f"alerts.{name}.{priority}"
        if priority not in PRIORITIES:
            raise SettingsError(f"{where}: no such priority; there are {', '.join(PRIORITIES)}")
        if type(seconds) not in (int, float) or not math.isfinite(seconds):
            raise SettingsError(f"{where} must be a number of seconds, got {seconds!r}")
        fast = name == "escalate_s" and priority == "high"
        most = MAX_ESCALATE_HIGH_S if fast else _MOST_S[name]
        if not 0 <= seconds <= most:
            raise SettingsError(f"{where}: {seconds:g} s is out of range, 0 to {most:g}")
        if name == "on_delay_s" and priority in ("high", "medium") and seconds:
            raise SettingsError(f"{where} must be 0: the condition carries its own delay")
        if name == "escalate_s" and priority == "high" and not seconds:
            raise SettingsError(f"{where} must not be 0: a high alert always escalates")
        delays[priority] = float(seconds)
    return delays
