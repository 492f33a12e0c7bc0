"""Guessing passwords is slow: after some failures every further attempt has to wait, ever longer.

Failures are counted per user name at a network address, whether there is such a user or not, and
per address. So whoever guesses somebody's password in vain shuts out himself alone: the same user
signs in from another address as if nothing had happened. Against guesses from many addresses the
failures of a user are counted together as well, `FREE_ELSEWHERE` of them without a wait; that count
holds up no address from which the user has signed in lately, and one address adds no more than
`FREE_PER_USER` to it.

An attempt counts as a failure from its beginning until its success is known, so that many at once
gain nothing. Sessions that are open go on.

NIST SP 800-63B-4, section 3.2.2, asks for at most 100 failures in a row before an account is
locked. At the longest wait there are that many a day from all unknown addresses together; a
success, or a password set by an administrator, begins anew.
"""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts.model import key_of

FREE_PER_USER = 5
"""Failures of a user at one address."""
FREE_PER_ADDRESS = 20
"""A ward may share one address; its people mistype every now and then."""
FREE_ELSEWHERE = 100
"""Failures of a user at all addresses from which that user has not signed in lately."""
LONGEST_WAIT_S = 900.0
FORGOTTEN_AFTER_S = 24 * 3600
KNOWN_S = 90 * 24 * 3600
"""How long an address stays one from which the user has signed in, s."""
KNOWN_PLACES = 50
"""Such addresses of one user; the one longest unused is forgotten first."""

_BEGIN = lua(__name__, "begin_attempt")
_SUCCEED = lua(__name__, "succeed")


async def begin(client: Store, user: str, address: str, now: float) -> float:
    """Count an attempt, unless there has to be a wait before it; return that wait, s, else 0.

    Raises:
        StoreError: Redis does not answer.
    """
    script = client.register_script(_BEGIN)
    place = _place(address)
    free = (FREE_PER_USER, FREE_PER_ADDRESS, FREE_ELSEWHERE)
    wait: Any = await script(
        keys=_keys(user, place),
        args=[now, LONGEST_WAIT_S, FORGOTTEN_AFTER_S, *free, place, FREE_PER_USER],
    )
    return float(wait)


async def succeed(client: Store, user: str, address: str, now: float) -> None:
    """Take an attempt back: the password was right; from now on the address is known.

    Raises:
        StoreError: Redis does not answer.
    """
    script = client.register_script(_SUCCEED)
    place = _place(address)
    await script(keys=_keys(user, place), args=[place, now, KNOWN_S, KNOWN_PLACES])


async def forget(client: Store, user: str) -> None:
    """Forget the failures of a user: the password has been set anew.

    Raises:
        StoreError: Redis does not answer.
    """
    await client.delete(keys.attempts(f"user:{_name(user)}"))


def _keys(user: str, place: str) -> list[str]:
    subjects = (f"user:{_name(user)}", f"address:{place}", f"places:{_name(user)}")
    return [keys.attempts(subject) for subject in subjects]


def _name(user: str) -> str:
    # Whatever is typed: neither long nor readable, people type passwords into the wrong field.
    return hashlib.sha256(key_of(user).encode()).hexdigest()[:32]


def _place(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    if parsed.version == 6:
        # Whoever has one address of a /64 network has all of them.
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(parsed)
