"""Whose word about a browser's address counts: a proxy's that we trust, and nobody else's."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys


@pytest.mark.parametrize(
    ("site", "address"),
    [({}, "127.0.0.1"), ({"trusted_proxy": "127.0.0.1"}, "10.1.2.3"),
     ({"trusted_proxy": "192.0.2.1"}, "127.0.0.1")],
    indirect=["site"],
)  # fmt: skip
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
