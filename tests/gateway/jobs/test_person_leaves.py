"""Somebody loses their account while a job of theirs runs: nobody else has it, nor loses theirs."""

from __future__ import annotations

import asyncio
import time

import httpx

from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.jobs.folders import JobFolders
from ecg_monitor.ward.accounts.people import People
from ecg_monitor.ward.accounts.tokens import Tokens
from gateway.jobs import task
from tests.gateway.api.conftest import Grant
from tests.support.waiting import PATIENCE_S, allowed_s

TABLE = b"time,II\n" + b"".join(b"%.3f,%.3f\n" % (i / 250, i % 7) for i in range(1000))


async def test_a_person_who_is_disabled_meanwhile_has_no_result_and_gets_it_back(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store, settings: Settings
) -> None:
    people = People(redis_client, "A. Admin")
    await people.add("A. Nurse", "clinician", "blue tram no 7")
    headers = await grant("upload")
    secret, _ = await Tokens(redis_client, "A. Admin").add(
        "other", user="B. Nurse", role="clinician", scopes=["upload"]
    )
    other = {"Authorization": f"Bearer {secret}"}
    jobs = [await _sent(api, one) for one in (headers, other)]
    listening = asyncio.ensure_future(api.get(f"/v1/jobs/{jobs[0]}/events", headers=headers))
    await asyncio.sleep(0)
    await people.disable("A. Nurse")
    answer = await asyncio.wait_for(listening, allowed_s(PATIENCE_S))
    assert '"finished"' not in answer.text, "who is disabled hears no more of it"
    for folder in JobFolders(settings).root.glob("*/*"):
        task.run(str(folder))
    for path in ("", "/result", "/events"):
        assert (await api.get(f"/v1/jobs/{jobs[0]}{path}", headers=headers)).status_code == 401
        assert (await api.get(f"/v1/jobs/{jobs[0]}{path}", headers=other)).status_code == 404
    assert (await api.get(f"/v1/jobs/{jobs[1]}/result", headers=other)).status_code == 200
    await people.enable("A. Nurse")
    assert (await api.get(f"/v1/jobs/{jobs[0]}/result", headers=headers)).status_code == 200
    JobFolders(settings).sweep(time.time() + settings.api_keep_s + 1)
    assert list(JobFolders(settings).root.glob("*/*")) == []


async def _sent(api: httpx.AsyncClient, headers: dict[str, str]) -> str:
    answer = await api.post("/v1/analyses", files={"file": ("r.csv", TABLE)}, headers=headers)
    assert answer.status_code == 202, answer.text
    job: str = answer.json()["id"]
    return job
