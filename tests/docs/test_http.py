"""The clients that docs/HTTP.md shows do what it says, against a real server and a real worker."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import connect
from ecg_monitor.ward.accounts.tokens import Tokens
from tests.support.api_server import serving
from tests.support.places import ROOT
from tests.support.waiting import allowed_s

TEXT = (ROOT / "docs" / "HTTP.md").read_text(encoding="utf-8")


def block(kind: str, number: int = 0) -> str:
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)[number]


async def token(url: str) -> str:
    client = connect(url)
    try:
        await client.flushall()
        made = Tokens(client, "A. Admin")
        secret, _ = await made.add("mine", user="me", role="viewer", scopes=["upload", "score"])
    finally:
        await client.aclose()
    return secret


def test_the_clients_run(redis_url: str, tmp_path: Path) -> None:
    settings = Settings(redis_url=redis_url, state=str(tmp_path))
    secret = asyncio.run(token(redis_url))
    table = tmp_path / "ward 7.csv"
    table.write_text("time,II\n" + "".join(f"{i / 250},{i % 200 == 9:d}\n" for i in range(5000)))
    with serving(settings) as url:
        environ = os.environ | to_environ(settings) | {"API": url, "TOKEN": secret}
        scored = subprocess.run(
            ["/bin/bash", "-c", block("sh", 1)],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
        assert len(json.loads(scored.stdout)["reconstruction"]) == 140
        worker = subprocess.Popen([sys.executable, "-m", "ecg_monitor.cli", "work"], env=environ)
        try:
            done = subprocess.run(
                [sys.executable, "-c", block("python"), str(table)],
                env=environ, capture_output=True, text=True, check=True, timeout=allowed_s(120),
            )  # fmt: skip
        finally:
            worker.kill()
            worker.wait()
    lines = done.stdout.splitlines()
    assert '"state":"finished"' in lines[-2]
    assert re.fullmatch(r"\d+ beats, \[.*\]", lines[-1])
    assert int(lines[-1].split()[0]) > 10


@pytest.mark.parametrize("kind", ["python", "sh"])
def test_they_are_short(kind: str) -> None:
    code = block("python") if kind == "python" else block("sh", 1)
    assert len(code.splitlines()) <= 10
