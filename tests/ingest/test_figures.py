"""Figures cover the last minute and nothing else."""

from __future__ import annotations

from ingest.figures import Figures


def test_nothing_happened() -> None:
    assert set(Figures(0.0).summary(10.0).values()) == {0.0}


def test_rates_are_per_second_since_the_start_at_first() -> None:
    figures = Figures(100.0)
    for second in range(10):
        figures.add(100.0 + second, accepted=30, refused=10, write_s=0.001, delay_s=0.002)
    summary = figures.summary(110.0)
    assert summary["accepted_per_s"] == 30.0
    assert summary["refused_per_s"] == 10.0
    assert summary["batch_mean"] == 40.0
    assert summary["write_ms_p99"] == 1.0
    assert summary["delay_ms_p99"] == 2.0


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    figures = Figures(0.0)
    figures.add(1.0, accepted=6000, refused=0, write_s=9.0, delay_s=9.0)
    figures.add(61.5, accepted=60, refused=0, write_s=0.001, delay_s=0.001)
    summary = figures.summary(62.0)
    assert summary["accepted_per_s"] == 1.0
    assert summary["write_ms_p99"] == 1.0


def test_p99_is_the_nearest_rank() -> None:
    figures = Figures(0.0)
    for number in range(1, 201):
        figures.add(1.0, accepted=1, refused=0, write_s=number / 1000, delay_s=0.0)
    assert figures.summary(2.0)["write_ms_p99"] == 198.0
