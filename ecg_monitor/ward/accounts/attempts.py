"""Guessing passwords is slow: after some failures every further attempt has to wait, ever longer.

Failures are counted per user name, whether there is such a user or not, and per network address.
An attempt counts as a failure from its beginning until its success is known, so that many at once
gain nothing. Sessions that are open go on: whoever guesses somebody's password in vain locks
nobody out of what they see.

NIST SP 800-63B-4, section 3.2.2, asks for at most 100 failures in a row before an account is
locked. At the longest wait there are that many a day; a success, or a password set by an
administrator, begins anew.
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
FREE_PER_ADDRESS = 20
"""A ward may share one address; its people mistype every now and then."""
LONGEST_WAIT_S = 900.0
FORGOTTEN_AFTER_S = 24 * 3600

_BEGIN = lua(__name__, "begin_attempt")
_SUCCEED = lua(__name__, "succeed")


async def begin(client: Store, user: str, address: str, now: float) -> float:
    """Count an attempt, unless there has to be a wait before it; return that wait, s, else 0.

    Raises:
        StoreError: Redis does not answer.
    """
    script = client.register_script(_BEGIN)
    wait: Any = await script(
        keys=[_user(user), _address(address)],
        args=[now, LONGEST_WAIT_S, FORGOTTEN_AFTER_S, FREE_PER_USER, FREE_PER_ADDRESS],
    )
    return float(wait)


async def succeed(client: Store, user: str, address: str) -> None:
    """Take an attempt back: the password was right.

    Raises:
        StoreError: Redis does not answer.
    """
    script = client.register_script(_SUCCEED)
    await script(keys=[_user(user), _address(address)])


async def forget(client: Store, user: str) -> None:
    """Forget the failures of a user: the password has been set anew.

    Raises:
        StoreError: Redis does not answer.
    """
    await client.delete(_user(user))


def _user(user: str) -> str:
    # Whatever is typed: neither long nor readable, people type passwords into the wrong field.
    return keys.attempts("user:" + hashlib.sha256(key_of(user).encode()).hexdigest()[:32])


def _address(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return keys.attempts("address:unknown")
    if parsed.version == 6:
        # Whoever has one address of a /64 network has all of them.
        return keys.attempts(f"address:{ipaddress.ip_network((address, 64), strict=False)}")
    return keys.attempts(f"address:{parsed}")
