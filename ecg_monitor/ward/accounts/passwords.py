"""What a password must be, and how it is kept. Pure, but for the salt's randomness.

The rules are those of NIST SP 800-63B-4, section 3.1.1.2: a least length, no rules of composition,
no expiry, and a refusal of what is commonly used or expected. It is kept as an Argon2id hash
(RFC 9106) with the parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one
lane. More would cost whoever guesses more, but also the machine that follows patients meanwhile.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import argon2
import orjson

from ecg_monitor.core.errors import AccountError
from ecg_monitor.ward.accounts.model import key_of

MIN_LENGTH = 10
MAX_LENGTH = 256
"""A passphrase fits; a megabyte does not keep the hash function busy."""
_FEWEST_LETTERS = 4
"""Different characters in a password: `aaaaaaaaaa` and `1212121212` have fewer."""
_LONGEST_RUN = 6
"""Of characters in the order of the alphabet or of the keyboard, out of every `MIN_LENGTH`."""
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
_AROUND = "0123456789!?.,;:#*@$%&+-_/ "
_LEET = str.maketrans("013457@$!", "oieastasi")

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
    plain = text.casefold()
    name = key_of(user)
    if (name in plain and len(name) * 2 >= len(plain)) or plain in name:
        raise AccountError("the password must not be the user name")
    if len(set(plain)) < _FEWEST_LETTERS or _in_sequence(plain):
        raise AccountError("the password must not be a sequence or a repetition")
    if _is_common(plain):
        raise AccountError("the password is among those that are tried first; choose another")


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


def _is_common(plain: str) -> bool:
    """Whether it is a common word, or one with figures and marks around or in place of letters."""
    bare = plain.strip(_AROUND)
    stems = {bare, bare.translate(_LEET), plain, plain.translate(_LEET)}
    stems |= {"".join(letter for letter in stem if letter.isalpha()) for stem in stems}
    return not _common().isdisjoint(stems | {_unrepeated(stem) for stem in stems})


def _unrepeated(text: str) -> str:
    """Return `abc` for `abcabcabc`."""
    size = (text + text).find(text, 1)
    return text[:size] if size > 0 else text


def _in_sequence(plain: str) -> bool:
    """Whether most of it runs along the alphabet, the figures or a row of keys."""
    in_runs = 0
    at = 0
    while at < len(plain):
        run = max(_run(plain[at:], row) for row in (*_ROWS, *(row[::-1] for row in _ROWS)))
        in_runs += run if run >= 4 else 0
        at += max(run, 1)
    return in_runs * MIN_LENGTH > _LONGEST_RUN * len(plain)


def _run(text: str, row: str) -> int:
    """Return how many characters ``text`` begins with that follow one another in ``row``."""
    start = row.find(text[0])
    length = 0
    while start >= 0 and length < len(text) and row[start + length :].startswith(text[length]):
        length += 1
    return length


@cache
def _common() -> frozenset[str]:
    path = Path(__file__).with_name("common_passwords.json")
    words: list[str] = orjson.loads(path.read_bytes())
    return frozenset(words)


@cache
def _nobody() -> str:
    return _hasher.hash("the password of nobody")
