"""The figures as metric families of Prometheus's client library, which writes the text. Pure.

The library's own counters are those of one process, while these figures come from many processes
by way of Redis: hence a collector of our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

Row = tuple[tuple[Any, ...], Any]
"""Values of the labels, and the value of the figure; a value of None is left out."""

_REDIS_GAUGES = (
    ("memory_bytes", "memory", "Memory that Redis uses for data."),
    ("memory_rss_bytes", "memory_rss", "Memory that Redis occupies."),
    ("memory_limit_bytes", "memory_limit", "Limit of Redis's memory, if there is one."),
    ("clients", "clients", "Connections to Redis."),
    ("commands_per_second", "commands_per_s", "Commands that Redis carries out."),
    ("aof_enabled", "aof", "Whether Redis keeps an append-only file."),
    ("aof_ok", "aof_ok", "Whether the last writes of the append-only file succeeded."),
    ("aof_bytes", "aof_bytes", "Size of the append-only file."),
    ("disk_free_bytes", "disk_free", "Room left on the disk of Redis."),
    ("disk_size_bytes", "disk_size", "Size of the disk of Redis."),
)
_PARTITION_GAUGES = (
    ("detector_behind_seconds", "behind_s", "How far analysis is behind the packets."),
    ("partition_epoch", "epoch", "How often the partition has changed its owner."),
    ("partition_beds", "beds", "Devices that the partition has ever analysed."),
    ("partition_owners", "owner_count", "Detectors that say they own the partition; 1 is right."),
    ("last_packet_timestamp_seconds", "packet_at", "When the newest packet was accepted."),
    ("packets_kept", "packets_kept", "Packets in Redis."),
    ("events_kept", "events_kept", "Entries of events in Redis."),
    ("undelivered_alerts", "undelivered", "Alert changes that a webhook refused."),
)
_PROCESS_FAMILIES = (
    (GaugeMetricFamily, "process_cpu_ratio", "cpu", "Share of one core that a process uses."),
    (GaugeMetricFamily, "process_memory_bytes", "rss", "Memory that a process occupies."),
    (GaugeMetricFamily, "process_report_timestamp_seconds", "t", "When it last reported."),
    (GaugeMetricFamily, "ingest_accepted_per_second", "accepted_per_s", "Packets accepted."),
    (GaugeMetricFamily, "ingest_refused_per_second", "refused_per_s", "Packets refused."),
    (GaugeMetricFamily, "ingest_brokers_away", "brokers_away", "Brokers that ingest has not."),
    (GaugeMetricFamily, "hub_clients", "clients", "Pages that are open."),
    (CounterMetricFamily, "hub_packets_total", "packets", "Packets that the hub has read."),
    (CounterMetricFamily, "hub_unreadable_total", "unreadable", "Entries that it could not read."),
    (GaugeMetricFamily, "hub_dropped", "dropped", "Frames that present pages were too slow for."),
    (CounterMetricFamily, "recorder_bytes_total", "bytes_written", "Bytes of segments written."),
    (CounterMetricFamily, "recorder_lost_total", "packets_lost", "Packets gone before recording."),
    (CounterMetricFamily, "recorder_bad_total", "unrecorded", "Entries that could not be kept."),
    (GaugeMetricFamily, "recorder_waiting", "waiting", "Packets that are in no segment yet."),
    (GaugeMetricFamily, "recorder_uncopied", "copies_waiting", "Segments that are to be copied."),
    (CounterMetricFamily, "recorder_copy_errors_total", "copies_failed", "Failed copies."),
)
_WHO = ("role", "host", "pid")
"""What tells processes apart."""


def exposition(figures: Mapping[str, Any]) -> str:
    """Return the text, format version 0.0.4, for the figures of `dashboard.web.metrics.collect`."""
    return generate_latest(FiguresCollector(figures)).decode()


class FiguresCollector(Collector):
    """Gives figures as metric families; one that has no sample is left out.

    Args:
        figures: those of `dashboard.web.metrics.collect`; what is missing is left out.
    """

    def __init__(self, figures: Mapping[str, Any]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Return the metric families."""
        return (family for family in _families(self._figures) if family.samples)


def _families(figures: Mapping[str, Any]) -> Iterator[Metric]:
    redis = figures.get("redis", {})
    yield _gauge("redis_up", "Whether Redis answers.", (), [((), redis.get("up"))])
    version: Row = ((figures.get("version"),), 1 if "version" in figures else None)
    yield _gauge("build_info", "Version of the dashboard.", ("version",), [version])
    present: list[Row] = [((kind,), value) for kind, value in figures.get("conditions", {}).items()]
    yield _gauge("condition", "Whether this is wrong with the system now.", ("kind",), present)
    yield from _of_partitions(figures.get("partitions", []))
    yield from _of_processes(figures.get("processes", []))
    for name, field, text in _REDIS_GAUGES:
        yield _gauge(f"redis_{name}", text, (), [((), redis.get(field))])


def _of_partitions(partitions: list[Mapping[str, Any]]) -> Iterator[Metric]:
    rows = [{**one, "owner_count": len(one["owners"])} for one in partitions]
    for name, field, text in _PARTITION_GAUGES:
        yield _gauge(name, text, ("partition",), [((i,), one[field]) for i, one in enumerate(rows)])
    owners: list[Row] = [
        ((number, *owner.rsplit(":", 1)), 1)
        for number, one in enumerate(partitions)
        for owner in one["owners"]
    ]
    labels = ("partition", "host", "pid")
    yield _gauge("partition_owner", "Detectors that own the partition.", labels, owners)
    by_result, by_kind = ("partition", "result", "reason"), ("partition", "kind")
    packets = CounterMetricFamily(
        "ecg_packets", "Packets by what became of them.", labels=by_result
    )
    samples = CounterMetricFamily(
        "ecg_samples", "Samples missing, late, repeated and so on.", labels=by_kind
    )
    for number, one in enumerate(partitions):
        for kind, count in sorted(one["counters"].items()):
            result, _, reason = kind.partition(":")
            if kind.startswith("samples_"):
                samples.add_metric([str(number), kind.removeprefix("samples_")], count)
            else:
                packets.add_metric([str(number), result, reason], count)
    yield from (packets, samples)


def _of_processes(processes: list[Mapping[str, Any]]) -> Iterator[Metric]:
    known = [(tuple(one[name] for name in _WHO), one) for one in processes]
    for family, name, field, text in _PROCESS_FAMILIES:
        rows: list[Row] = [(who, one.get(field)) for who, one in known]
        yield _filled(family(f"ecg_{name}", text, labels=_WHO), rows)
    models: list[Row] = [
        ((*who, *model), 1) for who, one in known for model in one.get("models", {}).items()
    ]
    labels = (*_WHO, "model", "version")
    yield _gauge("model_info", "Networks that a detector runs.", labels, models)
    delays = HistogramMetricFamily(
        "ecg_delay_seconds", "Delays by stage; see the system page.", labels=(*_WHO, "stage")
    )
    for who, one in known:
        for stage, histogram in one.get("delays", {}).items():
            bounds = [*map(str, histogram["bounds_s"]), "+Inf"]
            buckets = list(zip(bounds, accumulate(histogram["counts"]), strict=True))
            delays.add_metric([*map(str, who), stage], buckets, histogram["sum_s"])
    yield delays


def _gauge(name: str, text: str, labels: tuple[str, ...], rows: Iterable[Row]) -> Metric:
    return _filled(GaugeMetricFamily(f"ecg_{name}", text, labels=labels), rows)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, rows: Iterable[Row]) -> Metric:
    for values, value in rows:
        if value is not None:
            family.add_metric([*map(str, values)], value)
    return family
