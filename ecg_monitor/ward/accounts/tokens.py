"""Tokens of programs that use the HTTP API: made, revoked, and looked up. Redis knows only hashes.

A token is 256 random bits, so one SHA-256 of it is as hard to turn back as the token is to guess: a
slow hash, as passwords need, would only make every request slow. It is shown once, when it is made.
What it may do is its scopes, and never more than the person whose name is on what it does: the role
of their account holds as well, and who is disabled has no tokens that work.
"""

from __future__ import annotations

import fnmatch
import hashlib
import hmac
import ipaddress
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.store import Store, read_hash
from ecg_monitor.ward.access import ROLES, Role
from ecg_monitor.ward.accounts import trail
from ecg_monitor.ward.accounts.model import check_name, check_role, key_of, user_of
from ecg_monitor.ward.accounts.trail import Entry

Scope = Literal["read", "acknowledge", "upload", "export", "score"]
"""What a token may do: see beds, alarms and the past; acknowledge alarms; have uploads analysed;
take recordings out; have beats scored."""
SCOPES: tuple[Scope, ...] = get_args(Scope)

PREFIX = "ecgm_"
"""By which a token is known for one, also by programs that look for secrets in sources."""
LONGEST_DAYS = 3650.0
_FORM = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_PATTERN = re.compile(r"[A-Za-z0-9_.*?-]{1,64}")
_CHANGE = lua(__name__, "change_token")


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token.

    Attributes:
        name: by which people know it; unique.
        digest: SHA-256 of the token, hexadecimal.
        user: person whose name is on what is done with it.
        role: most that it may do; the role of the person's account, if there is one, holds too.
        scopes: what it may do.
        beds: patterns of the device ids of its care unit (``icu-*``); empty: all.
        networks: addresses from which it may be used; empty: all.
        created_at: Unix s.
        created_by: who made it.
        ends_at: Unix s; None: it does not end by itself.
    """

    name: str
    digest: str
    user: str
    role: Role
    scopes: tuple[Scope, ...]
    beds: tuple[str, ...]
    networks: tuple[str, ...]
    created_at: float
    created_by: str
    ends_at: float | None

    def to_json(self) -> bytes:
        """Return what is kept in Redis."""
        return orjson.dumps(self)

    def to_map(self) -> dict[str, Any]:
        """Return what may be shown: all but the hash."""
        fields = asdict(self)
        del fields["digest"]
        return fields

    def is_over(self, now: float) -> bool:
        """Return whether it has ended at Unix time ``now``, s."""
        return self.ends_at is not None and now >= self.ends_at

    def may_see(self, device: str) -> bool:
        """Return whether a bed belongs to its care unit."""
        return not self.beds or any(fnmatch.fnmatchcase(device, one) for one in self.beds)

    def may_come_from(self, address: str) -> bool:
        """Return whether it may be used from a network address."""
        if not self.networks:
            return True
        try:
            parsed: Any = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in ipaddress.ip_network(one) for one in self.networks)


class Tokens:
    """The tokens of the system.

    Args:
        client: Redis.
        by: who acts.
        address: network address from which, or how.
        now: clock, Unix s.

    All methods raise `StoreError` if Redis does not answer.
    """

    def __init__(
        self, client: Store, by: str, address: str = "", now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._by = by
        self._address = address
        self._now = now

    async def all(self) -> list[Token]:
        """Return all tokens that are kept, by name.

        Raises:
            AccountError: one is malformed.
        """
        held = await read_hash(self._client, keys.TOKENS)
        return sorted(map(token_of, held.values()), key=lambda one: one.name)

    async def add(
        self,
        name: str,
        *,
        user: str,
        role: str,
        scopes: Iterable[str],
        beds: Iterable[str] = (),
        networks: Iterable[str] = (),
        days: float | None = 90.0,
    ) -> tuple[str, Token]:
        """Make a token; return its secret, which nobody can have again, and what is kept of it.

        Args:
            name: name of the token: letters, digits, ``_.-``.
            user: person whose name is on what is done with it.
            role: most that it may do.
            scopes: what it may do.
            beds: patterns of the device ids that it may see; none: all.
            networks: addresses or networks from which it may be used; none: all.
            days: after how many days it ends; None: never.

        Raises:
            AccountError: an argument is wrong, or the name is taken.
        """
        if not _NAME.fullmatch(name):
            raise AccountError("a token's name has 1 to 40 letters, digits or _.-")
        if any(one.name == name for one in await self.all()):
            raise AccountError("there is a token of that name already; revoke it first")
        now = self._now()
        secret = PREFIX + secrets.token_urlsafe(32)
        token = Token(
            name=name,
            digest=digest_of(secret),
            user=check_name(user),
            role=check_role(role),
            scopes=_scopes(scopes),
            beds=_patterns(beds),
            networks=_networks(networks),
            created_at=now,
            created_by=self._by,
            ends_at=None if days is None else now + 86_400 * _days(days),
        )
        detail = f"{name}: {', '.join(token.scopes)}"
        entry = Entry("token_added", self._by, token.user, now, self._address, detail)
        await self._change(token.digest, token.to_json(), entry)
        return secret, token

    async def revoke(self, name: str) -> None:
        """End a token at once.

        Raises:
            AccountError: there is no token of that name.
        """
        token = next((one for one in await self.all() if one.name == name), None)
        if token is None:
            raise AccountError("there is no token {name}", name=repr(name))
        entry = Entry("token_revoked", self._by, token.user, self._now(), self._address, name)
        await self._change(token.digest, b"", entry)

    async def _change(self, digest: str, text: bytes, entry: Entry) -> None:
        script = self._client.register_script(_CHANGE)
        done = await script(
            keys=[keys.TOKENS, keys.PEOPLE_AUDIT], args=[digest, text, entry.to_json(), trail.KEPT]
        )
        if not done:
            raise AccountError("the token was changed by somebody else just now; look again")


async def find(client: Store, secret: str, now: float) -> Token | None:
    """Return the token of a secret, with the role that it has now; None if it is of no use.

    It is of no use if it is unknown, revoked or over, or if its person is kept out.

    Args:
        client: Redis.
        secret: what was sent.
        now: Unix time, s.

    Raises:
        AccountError: what is kept of it is malformed.
        StoreError: Redis does not answer.
    """
    return await by_digest(client, digest_of(secret), now) if _FORM.fullmatch(secret) else None


async def by_digest(client: Store, digest: str, now: float) -> Token | None:
    """Return the token that is kept under a hash, as `find` does."""
    text: Any = await client.hget(keys.TOKENS, digest)
    if text is None:
        return None
    token = token_of(text)
    # What is looked up is a hash: its comparison tells nothing about the secret. This one is
    # against an entry under another's name.
    if not hmac.compare_digest(token.digest, digest) or token.is_over(now):
        return None
    account: Any = await client.hget(keys.USERS, key_of(token.user))
    if account is None:
        return token
    user = user_of(account)
    if user.disabled:
        return None
    weakest = min(token.role, user.role, key=ROLES.index)
    return token if weakest == token.role else _with_role(token, weakest)


def digest_of(secret: str) -> str:
    """Return the hash under which a token is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_of(text: bytes) -> Token:
    """Read a token.

    Raises:
        AccountError: it is malformed.
    """
    try:
        fields = orjson.loads(text)
        lists = {name: tuple(fields[name]) for name in ("scopes", "beds", "networks")}
        token = Token(**{**fields, **lists})
        check_role(token.role)
        _scopes(token.scopes)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise AccountError(f"a token in Redis is malformed: {error}") from error
    return token


def _with_role(token: Token, role: Role) -> Token:
    fields = {name: getattr(token, name) for name in Token.__slots__}
    return Token(**{**fields, "role": role})


def _scopes(scopes: Iterable[str]) -> tuple[Scope, ...]:
    wanted = set(scopes)
    unknown = wanted - set(SCOPES)
    if unknown or not wanted:
        told = f", got {min(unknown)!r}" if unknown else ""
        raise AccountError(f"scopes must be some of {', '.join(SCOPES)}{told}")
    return tuple(one for one in SCOPES if one in wanted)


def _patterns(beds: Iterable[str]) -> tuple[str, ...]:
    patterns = tuple(beds)
    for one in patterns:
        if not _PATTERN.fullmatch(one):
            raise AccountError(f"beds must be device ids, with * for any letters, got {one!r}")
    return patterns


def _networks(networks: Iterable[str]) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(one)) for one in networks)
    except ValueError as error:
        raise AccountError(f"from must be an address or a network: {error}") from error


def _days(days: float) -> float:
    if not 0 < days <= LONGEST_DAYS:
        raise AccountError(f"days must be over 0, at most {LONGEST_DAYS:g}, got {days:g}")
    return days
