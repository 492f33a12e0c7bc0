"""Plans follow from what a bed costs; the costs are counted with real servers."""

from __future__ import annotations

import sys

import pytest

from ecg_monitor.core.settings import Settings
from tests.support.places import ROOT
from workbench.sizing import command
from workbench.sizing.plan import (
    ARCHIVE_DAYS,
    EVENTS_S,
    QUEUED_MESSAGES,
    ROUND,
    USED,
    WAVE_S,
    bounds,
    cell,
    fullest,
    limits,
    partitions,
    plan,
)
from workbench.sizing.units import Units, measure, measured_by_part

UNITS = Units(
    ingest_us=100.0,
    detector_us=1000.0,
    hub_fixed_us=10_000.0,
    hub_watched_us=500.0,
    hub_unwatched_us=50.0,
    redis_us=400.0,
    broker_us=50.0,
    packet_bytes=850.0,
    packet_s=0.5,
    redis_bytes_per_s=2000.0,
)


def test_what_cannot_be_divided_bounds_a_cell() -> None:
    assert cell(UNITS) == int(USED * 1e6 / 400) // ROUND * ROUND == 1500
    few = plan(UNITS, 1000, 300.0)
    assert (few.cells, few.hubs, few.ingest, few.detectors) == (1, 4, 1, 2)
    many = plan(UNITS, 15_000, 300.0)
    assert (many.cells, many.hubs) == (10, 60)
    assert many.redis_gb == pytest.approx(15 * few.redis_gb)
    assert many.network_mbit == pytest.approx(15_000 * 850 * 2 * 8 / 1e6)
    hub_us = 10_000 + 256 * 500 + (1500 - 256) * 50
    assert many.cores == pytest.approx((15_000 * 1550 + 60 * hub_us) / (USED * 1e6), abs=1)
    most = bounds(UNITS)["hub"]
    assert 10_000 + 256 * 500 + (most - 256) * 50 == pytest.approx(USED * 1e6, abs=50)


def test_the_brokers_queue_is_that_of_the_deployment() -> None:
    lines = (ROOT / "deploy" / "mosquitto.conf").read_text().splitlines()
    assert f"max_queued_messages {QUEUED_MESSAGES}" in lines
    found = limits(UNITS, 300.0)
    assert found["cell_without_ingest_s"] == pytest.approx(QUEUED_MESSAGES / 3000)
    assert found["beds_per_detector"] == 600
    assert found["redis_mb_per_bed"] == pytest.approx(1.2 + 25.92)


def test_the_retention_is_that_of_the_settings() -> None:
    settings = Settings()
    kept = (settings.wave_retention_s, settings.event_retention_s, settings.archive_days)
    assert kept == (WAVE_S, EVENTS_S, ARCHIVE_DAYS)


def test_partitions_are_enough_for_the_detectors_and_of_like_size() -> None:
    assert partitions(1000, 1) == 4
    assert partitions(1000, 5) == 32
    assert 1.0 <= fullest(10_000, 64) < 1.3


@pytest.mark.parametrize("beds", [0, -1])
def test_no_beds_are_no_plan(beds: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        plan(UNITS, beds, 300.0)


async def test_units_are_of_the_whole_system_and_of_a_real_server() -> None:
    found = await measure(1000)
    parts = measured_by_part()
    assert found.detector_us == parts["detector"] > found.ingest_us > found.broker_us > 0
    assert found.redis_us == parts["redis"] > 0
    samples = 2 * 2 * 180 / 0.5  # two leads of 16 bits
    assert samples < found.packet_bytes / 0.5 < 2 * samples
    assert samples < found.redis_bytes_per_s < 4 * samples


@pytest.mark.parametrize(
    ("words", "said"), [(("--beds", "0"), "--beds must be"), (("--packets", "9"), "--packets must")]
)
def test_wrong_options_are_told(
    words: tuple[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["sizing", *words])
    assert command.main() == 1
    assert said in capsys.readouterr().err


def test_the_tables_have_a_column_for_each_heading() -> None:
    found = command.table([command.arrivals_of(UNITS, 2000, 1)])
    assert all(len(row) == len(found["columns"]) for row in found["rows"])
