"""A user and a session: what is known of them, and when a session is over. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import orjson

from ecg_monitor.core.errors import AccountError
from ecg_monitor.ward.access import ROLES, Role

Kind = Literal["person", "link", "wall"]
"""How a session began: by a password, by a signed link, or as a display on a wall."""
KINDS: tuple[Kind, ...] = get_args(Kind)

MAX_NAME = 64


@dataclass(frozen=True, slots=True)
class User:
    """An account.

    Attributes:
        name: as it is written; `key_of` it is unique.
        role: what the user may do.
        password: hash of the password (see `passwords`).
        disabled: whether the user is kept out.
        created_at: Unix s.
        changed_at: when the password was set, Unix s.
    """

    name: str
    role: Role
    password: str
    disabled: bool
    created_at: float
    changed_at: float

    def to_json(self) -> bytes:
        """Return what is kept in Redis."""
        return orjson.dumps(self)

    def to_map(self) -> dict[str, Any]:
        """Return what may be shown: all but the password's hash."""
        fields = asdict(self)
        del fields["password"]
        return fields


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in.

    Attributes:
        user: who signed it in.
        key: `key_of` the user.
        role: what it may do.
        kind: how it began.
        address: network address from which it began.
        opened_at: Unix s.
        ends_at: Unix s; nothing prolongs it.
        idle_s: it only watches when its user has done nothing for this long, s; None: it is
            never idle.
        units: ids of the care units that a display on a wall was started for; none: all that its
            user sees.
    """

    user: str
    key: str
    role: Role
    kind: Kind
    address: str
    opened_at: float
    ends_at: float
    idle_s: float | None
    units: tuple[str, ...] = ()

    def left_s(self, now: float) -> float:
        """Return how long it lasts after Unix time ``now``, s; not above 0 when it is over."""
        return self.ends_at - now

    def acts_s(self, seen_at: float, now: float) -> float | None:
        """Return how long it may act if its user does nothing, s; None: as long as it lasts.

        Args:
            seen_at: Unix time at which its user last did something, s.
            now: Unix time, s.

        Returns:
            Not above 0 when it is idle: it sees and hears all, and changes nothing.
        """
        return None if self.idle_s is None else seen_at + self.idle_s - now

    def to_json(self) -> bytes:
        """Return what is kept in Redis."""
        return orjson.dumps(self)


def user_of(text: bytes) -> User:
    """Read an account.

    Raises:
        AccountError: it is malformed.
    """
    fields = _fields(text, "account")
    _known(fields, "role", ROLES)
    try:
        return User(**fields)
    except TypeError as error:
        raise AccountError(f"an account in Redis is malformed: {error}") from error


def session_of(text: bytes) -> Session:
    """Read a session.

    Raises:
        AccountError: it is malformed.
    """
    fields = _fields(text, "session")
    _known(fields, "role", ROLES)
    _known(fields, "kind", KINDS)
    try:
        return Session(**{**fields, "units": tuple(fields.get("units", ()))})
    except TypeError as error:
        raise AccountError(f"a session in Redis is malformed: {error}") from error


def check_name(name: str) -> str:
    """Return a user name in its normal form (NFKC).

    Raises:
        AccountError: it is none.
    """
    name = unicodedata.normalize("NFKC", name)
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable() or name.strip() != name:
        raise AccountError(
            "the name must have 1 to {n} printable characters and no space at its ends", n=MAX_NAME
        )
    return name


def check_role(role: object) -> Role:
    """Return a role.

    Raises:
        AccountError: it is none.
    """
    for known in ROLES:
        if role == known:
            return known
    raise AccountError(f"role must be one of {', '.join(ROLES)}, got {role!r}")


def key_of(name: str) -> str:
    """Return what makes a name unique: two that differ only in case are one person."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _fields(text: bytes, what: str) -> dict[str, Any]:
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise AccountError(f"a {what} in Redis is malformed: {error}") from error
    if not isinstance(fields, dict):
        raise AccountError(f"a {what} in Redis is malformed: it is no map")
    return fields


def _known(fields: dict[str, Any], name: str, values: tuple[str, ...]) -> None:
    if fields.get(name) not in values:
        raise AccountError(f"{name} {fields.get(name)!r} is unknown to this version")
