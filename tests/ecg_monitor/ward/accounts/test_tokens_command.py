"""`ecg-monitor tokens`: made, shown once, listed, revoked."""

from __future__ import annotations

import json

import pytest
import redis

from ecg_monitor import cli
from ecg_monitor.core import keys


@pytest.fixture(autouse=True)
def _empty(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    client.close()
    monkeypatch.setenv("ECG_REDIS_URL", redis_url)


def test_a_token_is_made_listed_and_revoked(
    capsys: pytest.CaptureFixture[str], redis_url: str
) -> None:
    words = ["add", "pager", "--scopes", "acknowledge,read", "--user", "Karim", "--beds", "icu-*"]
    assert cli.main(["tokens", *words, "--role", "clinician", "--from", "10.1.0.0/16"]) == 0
    secret = capsys.readouterr().out.splitlines()[0]
    assert cli.main(["tokens", "list", "--json"]) == 0
    shown = capsys.readouterr().out
    (token,) = json.loads(shown)
    assert token["scopes"] == ["read", "acknowledge"]
    assert (token["user"], token["beds"], token["networks"]) == (
        "Karim",
        ["icu-*"],
        ["10.1.0.0/16"],
    )
    assert secret not in shown
    assert "digest" not in token
    assert cli.main(["tokens", "revoke", "pager"]) == 0
    assert cli.main(["tokens", "revoke", "pager"]) == 2
    assert "no token 'pager'" in capsys.readouterr().err
    client = redis.Redis.from_url(redis_url)
    assert client.hlen(keys.TOKENS) == 0
    client.close()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add"], "name the token|--scopes"),
        (["add", "x"], "--scopes"),
        (["add", "x y", "--scopes", "read"], "name has"),
        (["add", "x", "--scopes", "read,fly"], "got 'fly'"),
        (["add", "x", "--scopes", "read", "--beds", "a/b"], "got 'a/b'"),
        (["add", "x", "--scopes", "read", "--from", "nowhere"], "nowhere"),
        (["add", "x", "--scopes", "read", "--days", "0"], "days"),
        (["add", "x", "--scopes", "read", "--user", " "], "name must"),
        (["revoke"], "name the token"),
    ],
)
def test_what_is_wrong_is_told(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import re

    assert cli.main(["tokens", *words]) == 2
    assert re.search(told, capsys.readouterr().err)
