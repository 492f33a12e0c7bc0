"""Presence of an alert: the states, the inputs and the one table of transitions. Pure.

States are those of a BICEPS alert signal (ISO/IEEE 11073-10207, ``AlertSignalPresence``).

=====  ==================================================================================
Off    no signal: nothing has happened, or all is over
On     the condition is present and nobody has acknowledged
Latch  the condition has gone, the signal goes on until someone acknowledges
Ack    acknowledged; the condition is still present: seen, not heard
=====  ==================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum


class Presence(StrEnum):
    """Presence of an alert signal."""

    OFF = "Off"
    ON = "On"
    LATCH = "Latch"
    ACK = "Ack"


class Input(Enum):
    """What can happen to an alert."""

    RAISE = "the condition begins"
    RISE = "the condition is now of a higher priority: a new event"
    ACK = "someone acknowledges the alert at its present priority"
    STALE_ACK = "someone acknowledges what it was before its priority rose"
    CLEAR = "the condition ends; the signal does not latch"
    CLEAR_LATCHING = "the condition ends; the signal latches"
    EXPIRE = "the retention ends: the alert is removed, with an entry in the trail"
    JOIN = "the same condition has come back: its signal goes on in that of the new alert"
    LEAVE = "the stay of its patient at the bed has ended, and with it the condition"
    STANDBY_OVER = "a standby has ended: what was acknowledged before it ended is news again"
    MARK = "escalated, reminded, evidence was stored, or what was late is current"


_OFF, _ON, _LATCH, _ACK = Presence.OFF, Presence.ON, Presence.LATCH, Presence.ACK

TABLE: Mapping[Input, Mapping[Presence, Presence]] = {
    # input                from Off       from On        from Latch      from Ack
    Input.RAISE:          {_OFF: _ON,     _ON: _ON,      _LATCH: _LATCH, _ACK: _ACK},
    Input.RISE:           {_OFF: _OFF,    _ON: _ON,      _LATCH: _LATCH, _ACK: _ON},
    Input.ACK:            {_OFF: _OFF,    _ON: _ACK,     _LATCH: _OFF,   _ACK: _ACK},
    Input.STALE_ACK:      {_OFF: _OFF,    _ON: _ON,      _LATCH: _LATCH, _ACK: _ACK},
    Input.CLEAR:          {_OFF: _OFF,    _ON: _OFF,     _LATCH: _LATCH, _ACK: _OFF},
    Input.CLEAR_LATCHING: {_OFF: _OFF,    _ON: _LATCH,   _LATCH: _LATCH, _ACK: _OFF},
    Input.EXPIRE:         {_OFF: _OFF,    _ON: _ON,      _LATCH: _OFF,   _ACK: _ACK},
    Input.JOIN:           {_OFF: _OFF,    _ON: _ON,      _LATCH: _OFF,   _ACK: _ACK},
    Input.LEAVE:          {_OFF: _OFF,    _ON: _ON,      _LATCH: _OFF,   _ACK: _ACK},
    Input.STANDBY_OVER:   {_OFF: _OFF,    _ON: _ON,      _LATCH: _LATCH, _ACK: _ON},
    Input.MARK:           {_OFF: _OFF,    _ON: _ON,      _LATCH: _LATCH, _ACK: _ACK},
}  # fmt: skip
"""Next presence by input and presence. An alert's identity is its onset: `Input.RAISE` happens to
it once, a repetition is dropped before it gets here (see `ecg_monitor.ward.alerts.book`)."""


def step(presence: Presence, happens: Input) -> Presence:
    """Return the presence after an input."""
    return TABLE[happens][presence]


def run(inputs: Iterable[Input]) -> Presence:
    """Return the presence of a new alert after its inputs."""
    presence = Presence.OFF
    for happens in inputs:
        presence = step(presence, happens)
    return presence
