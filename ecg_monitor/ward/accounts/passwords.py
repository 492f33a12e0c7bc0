"""What a password must be, and how it is kept. Pure, but for the salt's randomness.

The rules are those of NIST SP 800-63B-4, section 3.1.1.2: a least length, no rules of composition,
no expiry, and a refusal of what is commonly used or expected, which zxcvbn judges (Wheeler DL.
zxcvbn: low-budget password strength estimation. USENIX Security 2016). Only new passwords are
judged: those that were set under other rules still open. It is kept as an Argon2id hash
(RFC 9106) with the parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one
lane. More would cost whoever guesses more, but also the machine that follows patients meanwhile.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import argon2
import orjson

from ecg_monitor.core.errors import AccountError
from ecg_monitor.ward.accounts.model import key_of

MIN_LENGTH = 10
MAX_LENGTH = 256
"""A passphrase fits; a megabyte does not keep the hash function busy."""
LEAST_SCORE = 3
"""Of zxcvbn's 0 .. 4: at least 10^8 guesses, "safely unguessable: moderate protection from offline
slow-hash scenario". That is our case if somebody copies the database: the hash is slow. Guessing at
the sign-in needs less, since attempts are throttled there."""
_JUDGED = 40
"""Characters that are judged, from the first: if these are hard to guess, so is the rest. The time
that zxcvbn needs grows with the cube of the length, to 10 s for `MAX_LENGTH`."""
_PARTS = re.compile(r"\w+")
_SEQUENCES = frozenset({"sequence", "repeat", "spatial"})
"""Patterns of zxcvbn: `abcdef`, `abcabc`, and keys that lie side by side."""
_TURN = Lock()
"""The library zxcvbn keeps the words that are given with a password in a global."""

_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def check_password(password: str, user: str) -> None:
    """Make sure that a new password of ``user`` is acceptable.

    Raises:
        AccountError: it is not; the error says why.
    """
    text = _normal(password)
    if len(text) < MIN_LENGTH:
        raise AccountError("the password must have at least {n} characters", n=MIN_LENGTH)
    if len(text) > MAX_LENGTH:
        raise AccountError("the password must have at most {n} characters", n=MAX_LENGTH)
    problem = _weakness(text[:_JUDGED], user)
    if problem:
        raise AccountError(problem)


def hash_password(password: str) -> str:
    """Return the hash under which a password is kept."""
    return _hasher.hash(_normal(password))


def verify(hashed: str | None, password: str) -> bool:
    """Whether a password is the one of a hash. None takes as long, and is never right."""
    try:
        return _hasher.verify(hashed or _nobody(), _normal(password)) and hashed is not None
    except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
        return False


def _normal(password: str) -> str:
    # The same characters typed on two keyboards may be coded differently.
    return unicodedata.normalize("NFKC", password)


def _weakness(text: str, user: str) -> str:
    """Tell what makes a password easy to guess; empty if it is not."""
    # Its lists of words take a quarter of a second to load: only who sets a password pays for it.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    name = key_of(user)
    names = [name, *_PARTS.findall(name)]
    with _TURN:
        judged = zxcvbn(text, user_inputs=[*names, *_expected_words()])
    if judged["score"] >= LEAST_SCORE:
        return ""
    shares: Counter[str] = Counter()
    for match in judged["sequence"]:
        shares[_what_matched(match, names)] += len(match["token"])
    return max(shares, key=lambda problem: shares[problem])


def _what_matched(match: dict[str, Any], names: list[str]) -> str:
    if match["pattern"] == "dictionary" and match["matched_word"] in names:
        return "the password must not be the user name"
    if match["pattern"] in _SEQUENCES:
        return "the password must not be a sequence or a repetition"
    return "the password is too easy to guess; make it longer or use other words"


@cache
def _expected_words() -> list[str]:
    """Words that are expected of a hospital's staff, and common ones in French and Arabic.

    The words that zxcvbn knows by itself are English.
    """
    words: list[str] = orjson.loads(Path(__file__).with_name("expected_words.json").read_bytes())
    return words


@cache
def _nobody() -> str:
    return _hasher.hash("the password of nobody")
