"""Requests over a real server that are cut short, or say that they hold more than they do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import JobFolders
from tests.gateway.api.conftest import Grant
from tests.support.api_server import serving
from tests.support.waiting import wait_until


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    with serving(replace(settings, api_upload_mb=1)) as address:
        yield address


async def test_uploads_that_are_cut_short_leave_nothing(
    url: str, grant: Grant, settings: Settings
) -> None:
    headers = await grant("upload")
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1,2'
    for length, body in (
        (900_000, start + b"0" * 300_000),  # its end never comes
        (900_000, b""),
        (10**15, start),  # more than it may be
        (-1, start),
    ):
        place = urlsplit(url)
        with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
            connection.sendall(
                b"POST /v1/analyses HTTP/1.1\r\nHost: api\r\n"
                b"Content-Type: multipart/form-data; boundary=x\r\n"
                + f"Authorization: {headers['Authorization']}\r\n".encode()
                + b"Content-Length: %d\r\n\r\n" % length
                + body
            )
            if not 0 <= length < 10**15:
                assert connection.recv(100).split()[1] in (b"400", b"413")
    with httpx.Client(base_url=url, headers=headers) as client:
        # What is waited for is over when a file that is whole gets its turn.
        files = {"file": ("a.csv", b"time,II\n0,1\n")}
        assert client.post("/v1/analyses", files=files).status_code == 202
        assert client.get("/v1/jobs").json()["jobs"][0]["name"] == "a.csv"
    wait_until(lambda: len(list(JobFolders(settings).root.glob("*/*"))) == 1)
