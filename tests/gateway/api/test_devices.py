"""Devices over HTTP: what is known of each, and only of those that the token and its person see."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.units.desk import UnitDesk
from tests.gateway.api.conftest import Grant
from tests.support.devices import WARD, Known, store_devices


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(redis_url=redis_url, state=str(tmp_path), partitions=4)


async def test_one_of_each_kind(api: httpx.AsyncClient, grant: Grant, settings: Settings) -> None:
    headers = await grant("read")
    store_devices(settings, *WARD)
    answer = await api.get("/v1/devices", headers=headers)
    assert answer.status_code == 200, answer.text
    rows = {row["device"]: row for row in answer.json()["devices"]}
    assert list(rows) == sorted(one.device for one in WARD)
    assert {rows[device]["state"] for device in rows} == {
        "sends", "silent", "offline", "refused", "turned_away",
    }  # fmt: skip
    window = rows["bed-01"]
    assert (window["label"], window["told"]["maker"], window["unit"]) == ("Window", "Acme", None)
    assert (window["form"]["fs"], window["form"]["leads"]) == (250.0, ["II", "V1"])
    assert rows["bed-02"]["told"]["battery_pct"] == 12
    assert rows["bed-05"]["refused"] == {"range": 3, "type": 40}
    assert rows["bed-05"]["refusal"]["reason"] == "range"
    assert rows["bed-09"]["alerts"] == [{"kind": "two_devices", "lead": None}]
    assert not rows["new-1"]["known"]


async def test_devices_of_others_are_not_listed(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store, settings: Settings
) -> None:
    """Not by the patterns of the token, nor by the care units of its person; one by one as well."""
    store_devices(settings, Known("icu-1"), Known("ward-1"), Known("free-1"))
    confined = await grant("read", beds=["icu-*"])
    headers = await grant("read")
    desk = UnitDesk(redis_client, settings, "A. Admin")
    icu, ward = [(await desk.add(name)).id for name in ("ICU", "Ward")]
    await desk.give_beds(icu, {"icu-1": 0})
    await desk.give_beds(ward, {"ward-1": 0})

    async def listed(headers: dict[str, str], query: str = "") -> list[str]:
        found = (await api.get(f"/v1/devices{query}", headers=headers)).json()["devices"]
        return [row["device"] for row in found]

    assert await listed(headers) == ["free-1", "icu-1", "ward-1"]
    assert await listed(headers, f"?unit={ward}") == ["ward-1"]
    assert await listed(confined) == ["icu-1"]
    await desk.give_person("A. NURSE", [icu], 0)
    assert await listed(headers) == ["free-1", "icu-1"]
    assert await listed(headers, f"?unit={icu}") == ["icu-1"]
    answer = await api.get(f"/v1/devices?unit={ward}", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other_unit")
    answer = await api.get("/v1/devices?unit=everything", headers=headers)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "query.unit")


async def test_a_token_without_the_scope_is_refused(
    api: httpx.AsyncClient, grant: Grant, settings: Settings
) -> None:
    store_devices(settings, Known("icu-1"))
    answer = await api.get("/v1/devices", headers=await grant("score"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "no_scope")
    assert (await api.get("/v1/devices")).status_code == 401
