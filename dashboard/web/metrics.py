"""The figures of the whole system: for the system page, and the same ones for Prometheus.

``GET /system/figures``  JSON (`collect`), for whoever is signed in
``GET /metrics``         Prometheus text (`dashboard.web.exposition`), for an administrator who
                         is signed in, or with ``Authorization: Bearer`` and ECG_METRICS_TOKEN

All processes put what they know into Redis, so that one scrape of any dashboard tells of all.
"""

from __future__ import annotations

import asyncio
import hmac
import shutil
import time
from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import urlsplit

from flask import Flask, Response, request
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

import ecg_monitor
from dashboard.answers import refusals
from dashboard.answers.posting import answer
from dashboard.doors.visitors import Visitors
from dashboard.hub import entries
from dashboard.web.exposition import exposition
from ecg_monitor.core import keys
from ecg_monitor.core.servers.places import urls_of
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError, read_hash, within_reach
from ecg_monitor.ward import access
from ecg_monitor.ward.system.conditions import Kind
from ecg_monitor.ward.system.process_figures import SILENT_S, ProcessFigures, read_reports
from ecg_monitor.ward.system.watch import read_conditions

Figures = dict[str, Any]


def install(server: Flask, settings: Settings, visitors: Visitors) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards."""
    own = ProcessFigures("dashboard")

    def figures() -> Figures:
        return visitors.ask(lambda client: collect(client, settings, own))

    @server.get("/system/figures")
    def system_figures() -> Response:
        try:
            return answer(200, **figures())
        except (StoreError, TimeoutError):
            return answer(503, error=refusals.store_away())

    @server.get("/metrics")
    def metrics() -> Response:
        if not _may_read(settings, visitors):
            headers = {"WWW-Authenticate": 'Bearer realm="ecg-monitor"'}
            return Response("not allowed\n", 401, headers, content_type="text/plain")
        try:
            text = exposition(figures())
        except (StoreError, TimeoutError):
            text = exposition({"redis": {"up": 0}, "conditions": {"store_away": 1}})
        return Response(
            text, 200, {"Cache-Control": "no-store"}, content_type=CONTENT_TYPE_PLAIN_0_0_4
        )


async def collect(client: Store, settings: Settings, own: ProcessFigures) -> Figures:
    """Return the figures of the system.

    Args:
        client: Redis.
        settings: number of partitions, address of Redis.
        own: figures of this very process.

    Raises:
        StoreError: Redis does not answer.
    """
    now = time.time()
    present = await read_conditions(client, "metrics")
    reports = read_reports(await read_hash(client, keys.THROUGHPUT), now, SILENT_S)
    there = await within_reach(client, settings.partitions)
    partitions = [
        await _partition(client, number) if number in there else dict(_UNSEEN)
        for number in range(settings.partitions)
    ]
    for number, one in enumerate(partitions):
        one["owners"] = [
            f"{report['host']}:{report['pid']}"
            for report in reports
            if report["role"] == "detect" and number in report["partitions"]
        ]
    return {
        "version": ecg_monitor.__version__,
        "now": now,
        "conditions": {kind: int(kind in present) for kind in get_args(Kind)},
        "processes": [*reports, own.read()],
        "partitions": partitions,
        "redis": await _redis(client, settings),
    }


_UNSEEN: Mapping[str, Any] = {
    **dict.fromkeys(("epoch", "behind_s", "packet_at", "packets_kept", "events_kept", "beds")),
    "undelivered": None,
    "counters": {},
}
"""A partition whose server is away."""


async def _partition(client: Store, partition: int) -> Figures:
    async with client.pipeline(transaction=False) as pipe:
        pipe.get(keys.epoch(partition))
        pipe.hgetall(keys.lag(partition))
        pipe.xlen(keys.wave(partition))
        pipe.xlen(keys.events(partition))
        pipe.xrevrange(keys.wave(partition), count=1)
        pipe.hlen(keys.progress(partition))
        pipe.hgetall(keys.counters(partition))
        pipe.xlen(keys.undelivered(partition))
        epoch, lag, waves, events, newest, beds, counted, undelivered = await pipe.execute()
    newest_id = newest[0][0] if newest else None
    return {
        "epoch": int(epoch or 0),
        "behind_s": entries.behind_s(lag, newest_id),
        "packet_at": None if newest_id is None else entries.committed_at(newest_id),
        "packets_kept": waves,
        "events_kept": events,
        "beds": beds,
        "counters": _by_kind(entries.counters(counted)),
        "undelivered": undelivered,
    }


def _by_kind(counters: dict[str, int]) -> dict[str, int]:
    """Return counters summed over the devices: a bounded number of them, whatever devices come."""
    sums: dict[str, int] = {}
    for name, count in counters.items():
        kind = name.partition("|")[2]
        sums[kind] = sums.get(kind, 0) + count
    return sums


async def _redis(client: Store, settings: Settings) -> Figures:
    info: Any = await client.info("everything")
    figures = {
        "up": 1,
        "version": info.get("valkey_version") or info.get("redis_version"),
        "uptime_s": info.get("uptime_in_seconds"),
        "memory": info.get("used_memory"),
        "memory_rss": info.get("used_memory_rss"),
        "memory_limit": info.get("maxmemory") or None,
        "clients": info.get("connected_clients"),
        "commands_per_s": info.get("instantaneous_ops_per_sec"),
        "cpu_s": info.get("used_cpu_user", 0.0) + info.get("used_cpu_sys", 0.0),
        "aof": bool(info.get("aof_enabled")),
        "aof_bytes": info.get("aof_current_size"),
        "aof_ok": info.get("aof_last_write_status") == "ok"
        and info.get("aof_last_bgrewrite_status") == "ok",
        "aof_delayed": info.get("aof_delayed_fsync"),
        "loading": bool(info.get("loading")),
    }
    if urlsplit(urls_of(settings.redis_url)[0]).hostname in {"127.0.0.1", "::1", "localhost"}:
        figures |= await _disk(client)
    return figures


async def _disk(client: Store) -> Figures:
    """Return the room on the disk of a Redis on this machine; empty if it does not tell where."""
    try:
        config: Any = await client.config_get("dir")
        usage = await asyncio.to_thread(shutil.disk_usage, config["dir"])
    except (StoreError, OSError, KeyError):
        return {}
    return {"disk_free": usage.free, "disk_size": usage.total}


def _may_read(settings: Settings, visitors: Visitors) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.metrics_token and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), settings.metrics_token.encode())
    visit = visitors.find(request.cookies.get(access.SESSION_COOKIE, ""))
    return visit is not None and access.at_least(visit.session.role, "admin")
