"""Which passwords are good, and that only the right one opens."""

from __future__ import annotations

import time

import pytest

from ecg_monitor.core.errors import AccountError
from ecg_monitor.ward.accounts.passwords import check_password, hash_password, verify


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 10"),
        ("nine char", "at least 10"),
        ("x" * 257, "at most 256"),
        ("A. Nurse 1", "user name"),
        ("a. nurse2026", "user name"),
        ("aaaaaaaaaa", "sequence"),
        ("1212121212", "sequence"),
        ("1234567890", "sequence"),
        ("0987654321", "sequence"),
        ("qwertyuiop", "sequence"),
        ("abcdefghijkl", "sequence"),
        ("1q2w3e4r5t", "sequence"),
        ("password12", "tried first"),
        ("Password2026!", "tried first"),
        ("P@ssw0rd!!", "tried first"),
        ("Hospital2026", "tried first"),
        ("ECG-monitor1", "tried first"),
        ("iloveyou!!", "tried first"),
        ("passwordpassword", "tried first"),
    ],
)
def test_what_is_no_password(password: str, why: str) -> None:
    with pytest.raises(AccountError, match=why):
        check_password(password, "A. Nurse")


@pytest.mark.parametrize(
    "password",
    ["blue tram no 7", "gtxk-92-plmo", "vermicelles au lait", "كلمة طويلة جدا هنا", "Kfz7!pq-09"],
)
def test_what_is_one(password: str) -> None:
    check_password(password, "A. Nurse")


def test_a_short_name_forbids_no_word_that_holds_it() -> None:
    check_password("anna likes trams", "anna")


def test_only_the_right_one_opens() -> None:
    hashed = hash_password("blue tram no 7")
    assert hashed.startswith("$argon2id$")
    assert verify(hashed, "blue tram no 7")
    assert not verify(hashed, "blue tram no 8")
    assert not verify(hashed, "")
    assert not verify("rubbish", "blue tram no 7")
    assert hash_password("blue tram no 7") != hashed


def test_the_same_letters_from_another_keyboard() -> None:
    assert verify(hash_password("caf\u00e9 au lait noir"), "cafe\u0301 au lait noir")


def test_nobody_takes_as_long_as_somebody() -> None:
    hashed = hash_password("blue tram no 7")
    assert not verify(None, "the password of nobody")  # and makes the hash that nobody has

    def cpu_s(of: str | None) -> float:
        began = time.process_time()
        verify(of, "wrong password")
        return time.process_time() - began

    known = min(cpu_s(hashed) for _ in range(3))
    unknown = min(cpu_s(None) for _ in range(3))
    assert 0.5 < unknown / known < 2
