"""`ecg-monitor users`; asking for a password in a real terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable

import pytest
import redis

from ecg_monitor import cli
from tests.support.waiting import PATIENCE_S, allowed_s

GOOD = "blue tram no 7"


@pytest.fixture
def environ(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    client.close()
    monkeypatch.setenv("ECG_REDIS_URL", redis_url)
    return dict(os.environ)


Users = Callable[..., tuple[int, str, str]]


@pytest.fixture
def users(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Users:
    """Return a function that runs the command: exit status, output, errors."""

    def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        status = cli.main(["users", *words])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_a_first_administrator_and_what_follows(users: Users) -> None:
    def done(*words: str, stdin: str = "") -> str:
        status, out, err = users(*words, stdin=stdin)
        assert status == 0, err
        return out

    assert done() == "no users yet\n"
    done("add", "amina", "--role", "admin", "--password-stdin", stdin=f"{GOOD}\n")
    done("role", "amina", "--role", "clinician")
    done("password", "AMINA", "--password-stdin", stdin="green tram no 8")
    done("disable", "amina")
    (user,) = json.loads(done("list", "--json"))
    assert (user["name"], user["role"], user["disabled"]) == ("amina", "clinician", True)
    assert "password" not in user
    assert "amina" in done("list")
    trail = [entry["what"] for entry in json.loads(done("audit", "--json"))]
    assert trail == ["user_added", "role_changed", "password_changed", "user_disabled"]


@pytest.mark.parametrize(
    ("words", "stdin", "error"),
    [
        (("add", "--role", "admin"), "", "name the user"),
        (("add", "x"), "", "--role"),
        (("add", "x", "--role", "admin", "--password-stdin"), "short\n", "at least 10"),
        (("disable", "x"), "", "no user 'x'"),
    ],
)
def test_mistakes_are_told(users: Users, words: tuple[str, ...], stdin: str, error: str) -> None:
    status, _, err = users(*words, stdin=stdin)
    assert status == 2
    assert error in err


def test_asks_for_the_password_and_shows_none(environ: dict[str, str]) -> None:
    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "ecg_monitor.cli", "users", "add", "amina", "--role", "admin"]
    child = subprocess.Popen(
        command, env=environ, stdin=terminal, stdout=terminal, stderr=terminal,
        start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    for prompt in (b"Password of amina: ", b"The same again: "):
        while prompt not in shown:
            assert select.select([master], [], [], allowed_s(PATIENCE_S))[0], shown
            shown += os.read(master, 1024)
        os.write(master, f"{GOOD}\n".encode())
    while b"added as admin" not in shown:
        assert select.select([master], [], [], allowed_s(PATIENCE_S))[0], shown
        shown += os.read(master, 1024)
    assert child.wait(allowed_s(PATIENCE_S)) == 0
    os.close(master)
    assert GOOD.encode() not in shown
