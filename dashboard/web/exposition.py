"""The figures in Prometheus's text format, version 0.0.4. Pure.

Written by hand: a client library keeps the counters of its own process, while these come from many
processes by way of Redis; what would be left for it to do is what stands here. The tests read the
result with Prometheus's own parser.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

Kind = Literal["counter", "gauge", "histogram"]
Labels = Mapping[str, Any]
Sample = tuple[str, Labels, Any]
"""Suffix of the name, labels, value; a value of None is left out."""


def exposition(figures: Mapping[str, Any]) -> str:
    """Return the text for the figures of `dashboard.web.metrics.collect`."""
    lines: list[str] = []
    for name, kind, text, samples in _families(figures):
        rows = [row for row in samples if row[2] is not None]
        if rows:
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
            lines += [
                f"{name}{end}{_labels(labels)} {_number(value)}" for end, labels, value in rows
            ]
    return "\n".join(lines) + "\n"


def _families(figures: Mapping[str, Any]) -> Iterator[tuple[str, Kind, str, Iterable[Sample]]]:
    redis = figures.get("redis", {})
    yield "ecg_redis_up", "gauge", "Whether Redis answers.", [("", {}, redis.get("up"))]
    if "version" in figures:
        version = {"version": figures["version"]}
        yield "ecg_build_info", "gauge", "Version of the dashboard.", [("", version, 1)]
    yield from _of_partitions(figures.get("partitions", []))
    yield from _of_processes(figures.get("processes", []))
    for name, field, text in _REDIS_GAUGES:
        yield f"ecg_redis_{name}", "gauge", text, [("", {}, redis.get(field))]


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


def _of_partitions(
    partitions: list[Mapping[str, Any]],
) -> Iterator[tuple[str, Kind, str, Iterable[Sample]]]:
    rows = [
        ({"partition": number}, {**one, "owner_count": len(one["owners"])})
        for number, one in enumerate(partitions)
    ]
    for name, field, text in _PARTITION_GAUGES:
        yield f"ecg_{name}", "gauge", text, [("", labels, one[field]) for labels, one in rows]
    packets: list[Sample] = []
    samples: list[Sample] = []
    for labels, one in rows:
        for kind, count in sorted(one["counters"].items()):
            result, _, reason = kind.partition(":")
            if kind.startswith("samples_"):
                samples.append(("", {**labels, "kind": kind.removeprefix("samples_")}, count))
            else:
                packets.append(("", {**labels, "result": result, "reason": reason}, count))
    yield "ecg_packets_total", "counter", "Packets by what became of them.", packets
    yield "ecg_samples_total", "counter", "Samples missing, late, repeated and so on.", samples


def _of_processes(
    processes: list[Mapping[str, Any]],
) -> Iterator[tuple[str, Kind, str, Iterable[Sample]]]:
    def of(field: str) -> list[Sample]:
        return [("", _who(one), one.get(field)) for one in processes]

    yield "ecg_process_cpu_ratio", "gauge", "Share of one core that a process uses.", of("cpu")
    yield "ecg_process_memory_bytes", "gauge", "Memory that a process occupies.", of("rss")
    yield "ecg_process_report_timestamp_seconds", "gauge", "When it last reported.", of("t")
    yield "ecg_ingest_accepted_per_second", "gauge", "Packets accepted.", of("accepted_per_s")
    yield "ecg_ingest_refused_per_second", "gauge", "Packets refused.", of("refused_per_s")
    yield "ecg_hub_clients", "gauge", "Pages that are open.", of("clients")
    yield "ecg_hub_packets_total", "counter", "Packets that the hub has read.", of("packets")
    yield "ecg_hub_unreadable_total", "counter", "Entries that it could not read.", of("unreadable")
    yield "ecg_hub_dropped", "gauge", "Frames that present pages were too slow for.", of("dropped")
    models: list[Sample] = [
        ("", {**_who(one), "model": model, "version": version}, 1)
        for one in processes
        for model, version in one.get("models", {}).items()
    ]
    yield "ecg_model_info", "gauge", "Networks that a detector runs.", models
    yield (
        "ecg_delay_seconds",
        "histogram",
        "Delays by stage; see the system page.",
        [
            sample
            for one in processes
            for stage, histogram in one.get("delays", {}).items()
            for sample in _histogram({**_who(one), "stage": stage}, histogram)
        ],
    )


def _histogram(labels: Labels, histogram: Mapping[str, Any]) -> Iterator[Sample]:
    seen = 0
    for bound, count in zip([*histogram["bounds_s"], "+Inf"], histogram["counts"], strict=True):
        seen += count
        yield "_bucket", {**labels, "le": bound}, seen
    yield "_sum", labels, histogram["sum_s"]
    yield "_count", labels, seen


def _who(process: Mapping[str, Any]) -> Labels:
    return {"role": process["role"], "host": process["host"], "pid": process["pid"]}


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: Any) -> str:
    return str(value).replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    return repr(float(value)) if isinstance(value, float) else str(int(value))
