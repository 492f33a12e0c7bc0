"""Whose word about a browser's address counts: a proxy's that we trust, and nobody else's."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import orjson
import pytest
import redis

from dashboard.doors.proxies import TrustedProxies
from ecg_monitor.core import keys
from ecg_monitor.core.errors import SettingsError


@pytest.mark.parametrize(
    ("site", "address"),
    [({}, "127.0.0.1"), ({"trusted_proxy": "localhost"}, "10.1.2.3")],
    indirect=["site"],
)
def test_the_trail_has_the_address(site: Any, address: str) -> None:
    form = urllib.parse.urlencode({"name": "nobody", "password": "wrong"}).encode()
    headers = {"Origin": site.url, "X-Forwarded-For": "10.9.9.9, 10.1.2.3"}
    request = urllib.request.Request(f"{site.url}/signin", form, headers)  # noqa: S310 - our own
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=20)  # noqa: S310
    with caught.value as answer:
        assert answer.code == 401
    client = redis.Redis.from_url(site.settings.redis_url)
    ((_, fields),) = client.xrange(keys.PEOPLE_AUDIT)
    client.close()
    assert orjson.loads(fields[b"e"])["address"] == address


@pytest.mark.parametrize(
    ("trusted", "peer", "words", "address"),
    [
        ("", "127.0.0.1", "10.1.2.3", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "10.9.9.9, 10.1.2.3", "10.1.2.3"),
        ("192.0.2.1", "127.0.0.1", "10.1.2.3", "127.0.0.1"),
        ("192.0.2.1, 127.0.0.0/8", "127.0.0.7", "2001:db8::7", "2001:db8::7"),
        ("localhost", "127.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("localhost", "192.0.2.1", "10.1.2.3", "192.0.2.1"),
        ("no-such-host.invalid", "127.0.0.1", "10.1.2.3", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "10.1.2.3, nonsense", "127.0.0.1"),
    ],
)
def test_whose_word_counts(trusted: str, peer: str, words: str, address: str) -> None:
    assert TrustedProxies(trusted).browser_of(peer, words) == address


def test_a_slip_in_the_setting_is_told() -> None:
    with pytest.raises(SettingsError, match="ECG_TRUSTED_PROXY"):
        TrustedProxies("http://proxy")
