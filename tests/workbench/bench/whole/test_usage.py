"""Memory and CPU time of processes."""

import psutil
import pytest

from workbench.bench.whole.usage import Usage, per_bed_kib


def usage(idle_mb: float, *rss_mb: float) -> Usage:
    return Usage(psutil.Process(), idle_mb, list(rss_mb), 1.0, 3.0)


def test_growth_is_judged_when_the_start_is_over():
    found = usage(5.0, 10.0, 20.0, 20.0, 20.0, 21.0, 21.0, 26.0, 26.0).to_map(4.0)
    assert found == {
        **{"cpu_percent": 50.0, "rss_first_mb": 10.0, "rss_early_mb": 20.0},
        **{"rss_late_mb": 26.0, "grew_mb": 6.0},
    }


def test_each_bed_costs_what_the_system_grew_by_and_the_simulator_is_no_part_of_it():
    usages = {"hub": usage(5.0, 6.024), "redis": usage(10.0, 11.024), "simulator": usage(0.0, 90.0)}
    assert per_bed_kib(usages, ("hub", "redis", "broker"), 4) == pytest.approx(500.0)


def test_a_process_is_read_and_one_that_was_never_read_is_nothing():
    found = usage(0.0)
    assert found.to_map(1.0)["rss_late_mb"] == 0.0
    found.mark_idle()
    found.sample()
    assert found.idle_mb > 0
    assert found.late_mb > 0
