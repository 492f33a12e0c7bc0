"""The text for Prometheus: names, types, labels and values that other systems rely on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from dashboard.web.exposition import exposition

EXPECTED = Path(__file__).with_name("figures.prom").read_text(encoding="utf-8")
"""What has always been told of `FIGURES`."""
WHO = {"host": 'odd "host"\\\nof two lines é', "pid": 5, "t": 1_790_000_000.123456}
FIGURES: dict[str, Any] = {
    "version": "0.1.0",
    "now": 1_790_000_001.0,
    "processes": [
        {
            **WHO, "role": "hub", "cpu": 0.25, "rss": 123_456_789, "clients": 3, "packets": 7,
            "unreadable": 1, "dropped": 0,
            "delays": {
                "ingest_to_hub": {
                    "bounds_s": [0.002, 0.005, 1, 10.0], "counts": [0, 2, 1, 0, 4], "sum_s": 1.5e-5,
                },
                "empty": {"bounds_s": [0.5], "counts": [0, 0], "sum_s": 0.0},
            },
        },
        {
            **WHO, "role": "detect", "cpu": None, "rss": 1, "partitions": [0],
            "models": {"beats": "0123456789ab", "qrs": "ba"},
        },
        {
            **WHO, "role": "ingest", "cpu": 1.0, "rss": 2, "accepted_per_s": 12.5,
            "refused_per_s": 0.0, "brokers_away": 1,
        },
    ],
    "partitions": [
        {
            "epoch": 4, "behind_s": 0.25, "packet_at": 1_790_000_000.25, "packets_kept": 1_234_567,
            "events_kept": 12, "beds": 2, "undelivered": 0, "owners": ["a:1", "b:2"],
            "counters": {
                "refused:type": 2, "accepted": 15, "samples_missing": 90, "samples_late": 3,
                'refused:odd "one"': 1,
            },
        },
        {
            "epoch": 0, "behind_s": None, "packet_at": None, "packets_kept": 0, "events_kept": 0,
            "beds": 0, "undelivered": 0, "owners": [], "counters": {},
        },
    ],
    "redis": {
        "up": 1, "memory": 5_000_000_000, "memory_rss": 6_000_000_000, "memory_limit": None,
        "clients": 9, "commands_per_s": 1234, "aof": True, "aof_ok": False, "aof_bytes": 99,
        "disk_free": 10**12, "disk_size": 2 * 10**12, "version": "7.0.1", "loading": False,
    },
}  # fmt: skip


def families(text: str) -> list[tuple[Any, ...]]:
    return [
        (
            family.name,
            family.type,
            family.documentation,
            sorted((one.name, sorted(one.labels.items()), one.value) for one in family.samples),
        )
        for family in text_string_to_metric_families(text)
    ]


def test_the_same_is_told_as_ever() -> None:
    expected = families(EXPECTED)
    assert families(exposition(FIGURES)) == expected
    assert len(expected) == 34


def test_it_is_the_plain_text_format() -> None:
    text = exposition(FIGURES)
    assert "# EOF" not in text, "that would be OpenMetrics"
    assert text.endswith("\n")
    assert "# TYPE ecg_packets_total counter\n" in text
    assert r'host="odd \"host\"\\\nof two lines é"' in text


def test_what_is_not_known_is_left_out() -> None:
    assert exposition({}).strip() == ""
    assert families(exposition({"redis": {"up": 0}})) == [
        ("ecg_redis_up", "gauge", "Whether Redis answers.", [("ecg_redis_up", [], 0.0)])
    ]
