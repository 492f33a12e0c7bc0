"""The audit trail of people: who signed in or out, or changed an account, when and from where.

One entry per act in the stream ``audit`` of the accounts; Redis gives the order. What is done about
alerts has a trail of its own (`ecg_monitor.ward.alerts.trail`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import orjson

from ecg_monitor.core.errors import AccountError

AccountAct = Literal[
    "signed_in",
    "refused",
    "signed_out",
    "came_back",
    "expired",
    "wall_started",
    "revoked",
    "user_added",
    "role_changed",
    "user_disabled",
    "user_enabled",
    "password_changed",
    "token_added",
    "token_revoked",
    "token_refused",
    "upload_analysed",
    "upload_deleted",
    "exported",
    "unit_added",
    "unit_renamed",
    "unit_removed",
    "bed_unit_changed",
    "person_units_changed",
    "reviewed",
]

KEPT = 100_000
"""Entries; some years of a ward, some 20 MB."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act.

    Attributes:
        what: the act.
        by: who did it; empty if nobody signed in.
        user: to whom it was done.
        at: Unix s.
        address: network address from which, or how.
        detail: what else tells (a role, the kind of a session).
    """

    what: AccountAct
    by: str
    user: str
    at: float
    address: str = ""
    detail: str = ""

    def to_json(self) -> bytes:
        """Return what is kept in Redis."""
        return orjson.dumps(self)

    def to_map(self) -> dict[str, Any]:
        """Return the entry as a JSON-ready map."""
        return asdict(self)


def from_fields(fields: dict[bytes, bytes]) -> Entry:
    """Read an entry of the stream.

    Raises:
        AccountError: it is malformed.
    """
    try:
        return Entry(**orjson.loads(fields[b"e"]))
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise AccountError(f"an entry of the accounts' trail is malformed: {error}") from error
