"""The figures of the system, over a real Redis; Prometheus's own parser reads them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, get_args

import orjson
import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families

from dashboard.hub.delays import Delays
from dashboard.web.exposition import exposition
from dashboard.web.metrics import collect
from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward import access
from ecg_monitor.ward.system.conditions import Kind
from ecg_monitor.ward.system.process_figures import (
    SILENT_S,
    ProcessFigures,
    read_reports,
    report,
)
from tests.support.two_servers import TwoServers
from tests.support.waiting import eventually

SECRET = "secret of the tests"
TOKEN = "a token of the tests"


@pytest.fixture
def settings(redis_url: str) -> Settings:
    """A Redis in which a small system has left its traces."""
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    delays = Delays()
    for delay in (0.003, 0.004, 0.3):
        delays.add("ingest_to_hub", delay)
    now = time.time()
    for role, more in (
        ("hub", {"clients": 3, "packets": 7, "dropped": 0, "unreadable": 1,
                 "delays": delays.to_map()}),
        ("detect", {"partitions": [0, 1], "models": {"beats": "0123456789ab"}}),
        ("ingest", {"accepted_per_s": 12.5, "refused_per_s": 0.0, "write_ms_p99": 1.0}),
    ):  # fmt: skip
        one = {"role": role, "host": 'odd "host"\\', "pid": 5, "t": now, "cpu": 0.25, "rss": 1000}
        client.hset(keys.THROUGHPUT, role, orjson.dumps({**one, **more}))
    gone = {"role": "hub", "host": "x", "pid": 1, "t": now - SILENT_S - 1, "cpu": 9, "rss": 9}
    client.hset(keys.THROUGHPUT, "gone", orjson.dumps(gone))
    client.set(keys.epoch(1), 4)
    client.hset(keys.lag(1), mapping={"behind_s": "0.25", "at": "1", "position": "0-0"})
    counters = {"bed-1|accepted": 10, "bed-2|accepted": 5, "bed-1|refused:type": 2}
    client.hset(keys.counters(1), mapping={**counters, "bed-1|samples_missing": 90})
    client.close()
    return Settings(secret=SECRET, redis_url=redis_url, partitions=2, metrics_token=TOKEN)


@pytest.fixture
def client(settings: Settings, client_for: Callable[[Settings], Any]) -> Any:
    return client_for(settings)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_what_prometheus_reads(client: Any) -> None:
    answer = client.get("/metrics", headers=bearer(TOKEN))
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    found = samples(answer.get_data(as_text=True))

    def value(name: str, **labels: str) -> float:
        (one,) = (
            value
            for (known, has), value in found.items()
            if known == name and labels.items() <= dict(has).items()
        )
        return one

    assert value("ecg_redis_up") == 1
    assert value("ecg_partition_epoch", partition="1") == 4
    assert value("ecg_detector_behind_seconds", partition="1") == 0.25
    assert value("ecg_partition_owners", partition="0") == 1
    assert value("ecg_partition_owner", partition="0") == 1
    assert value("ecg_packets_total", partition="1", result="accepted") == 15
    assert value("ecg_packets_total", result="refused", reason="type") == 2
    assert value("ecg_samples_total", kind="missing") == 90
    assert value("ecg_process_cpu_ratio", role="ingest", host='odd "host"\\') == 0.25
    assert value("ecg_process_memory_bytes", role="dashboard") > 1e7
    assert value("ecg_hub_clients") == 3
    assert value("ecg_model_info", model="beats", version="0123456789ab") == 1
    assert value("ecg_redis_memory_bytes") > 1e5
    assert value("ecg_redis_aof_enabled") == value("ecg_redis_aof_ok") == 1
    assert value("ecg_redis_disk_free_bytes") > 0
    stage = {"stage": "ingest_to_hub"}
    assert value("ecg_delay_seconds_count", **stage) == 3
    assert value("ecg_delay_seconds_sum", **stage) == pytest.approx(0.307)
    buckets = [(0.002, 0), (0.005, 2), (0.2, 2), (0.5, 3), ("+Inf", 3)]
    for bound, count in buckets:
        assert value("ecg_delay_seconds_bucket", le=str(bound), **stage) == count


def test_the_text_is_well_formed(client: Any) -> None:
    text = client.get("/metrics", headers=bearer(TOKEN)).get_data(as_text=True)
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    for family in families:
        assert family.name.startswith("ecg_")
        assert family.documentation
        assert family.type in {"counter", "gauge", "histogram"}


def test_the_system_page_gets_the_same(
    client: Any, settings: Settings, cookie_of: Callable[..., str]
) -> None:
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "A. Visitor", "viewer"))
    figures = client.get("/system/figures").json
    assert [one["role"] for one in figures["processes"]] == ["detect", "hub", "ingest", "dashboard"]
    assert figures["partitions"][1]["counters"]["accepted"] == 15
    assert figures["partitions"][1]["owners"] == ['odd "host"\\:5']
    assert figures["redis"]["aof"] is True


@pytest.mark.parametrize(
    "headers",
    [{}, bearer(""), bearer("wrong"), bearer(TOKEN[:-1]), bearer("ü"), {"Authorization": TOKEN}],
)
def test_strangers_read_nothing(client: Any, headers: dict[str, str]) -> None:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert b"ecg_" not in answer.data


@pytest.mark.parametrize(("role", "status"), [("viewer", 401), ("clinician", 401), ("admin", 200)])
def test_an_administrator_may_read(
    client: Any, settings: Settings, cookie_of: Callable[..., str], role: str, status: int
) -> None:
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "x", role))
    assert client.get("/metrics").status_code == status


def test_without_a_token_none_is_good(
    settings: Settings, client_for: Callable[[Settings], Any]
) -> None:
    none = Settings(secret=SECRET, redis_url=settings.redis_url)
    client = client_for(none)
    assert client.get("/metrics", headers=bearer("")).status_code == 401


def test_redis_away_is_a_figure_too(tmp_path: Any, client_for: Callable[[Settings], Any]) -> None:
    service = start_redis(Settings(state=str(tmp_path)))
    settings = Settings(secret=SECRET, redis_url=service.url, metrics_token=TOKEN)
    client = client_for(settings)
    service.stop()
    answer = client.get("/metrics", headers=bearer(TOKEN))
    assert samples(answer.get_data(as_text=True)) == {
        ("ecg_redis_up", frozenset()): 0.0,
        ("ecg_condition", frozenset({("kind", "store_away")})): 1.0,
    }


def test_each_condition_of_the_system_is_a_figure(client: Any, settings: Settings) -> None:
    """What is not wrong is 0, so that a rule can tell it from what is not known."""
    found = samples(client.get("/metrics", headers=bearer(TOKEN)).get_data(as_text=True))
    told = {dict(has)["kind"]: value for (name, has), value in found.items() if "kind" in dict(has)
            and name == "ecg_condition"}  # fmt: skip
    assert told.keys() == set(get_args(Kind))
    assert {kind for kind, value in told.items() if value} == {"unwatched"}


def test_an_empty_system_is_well_formed() -> None:
    assert list(text_string_to_metric_families(exposition({}))) == []


async def test_a_process_reports(redis_url: str, redis_client: store.Store) -> None:
    task = asyncio.create_task(report(redis_client, "hub", lambda: {"clients": 2}))
    await eventually(lambda: redis_client.hlen(keys.THROUGHPUT))
    await cancel_all([task])
    texts = await store.read_hash(redis_client, keys.THROUGHPUT)
    (one,) = read_reports(texts, time.time(), SILENT_S)
    assert (one["role"], one["clients"]) == ("hub", 2)
    assert one["rss"] > 1e6
    assert read_reports(texts, time.time() + SILENT_S + 5, SILENT_S) == []


async def test_what_a_server_that_is_away_holds_is_left_out(two_servers: TwoServers) -> None:
    """Of the other partitions and of the processes everything is told."""
    settings = Settings(redis_url=two_servers.url, partitions=2)
    async with store.answering(two_servers.url) as client:
        for partition in range(2):
            await client.set(keys.epoch(partition), 7)
        two_servers.kill(1)
        figures = await collect(client, settings, ProcessFigures("dashboard"))
    epochs = [
        (sample.labels["partition"], sample.value)
        for family in text_string_to_metric_families(exposition(figures))
        for sample in family.samples
        if sample.name == "ecg_partition_epoch"
    ]
    assert epochs == [("0", 7.0)]
    assert [one["epoch"] for one in figures["partitions"]] == [7, None]
