"""Arrivals of many devices: the simulation agrees with packets one by one, and with the model."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.sizing.arrivals import (
    Fleet,
    Outage,
    after_outage,
    burst_wait_s,
    finished_one_by_one,
    reconnecting,
    steady,
    storm_over_s,
    wait,
)

BIN_S = 0.001


def one_by_one(at: np.ndarray, per_s: float) -> list[float]:
    """Waits of packets that are taken one after the other, counted without any array."""
    free, waits = 0.0, []
    for arrival in sorted(at):
        free = max(free, arrival) + 1 / per_s
        waits.append(free - arrival)
    return waits


@pytest.mark.parametrize("aligned", [False, True])
def test_the_queue_is_that_of_packets_one_by_one(aligned: bool) -> None:
    fleet = Fleet(400, packet_s=0.5, aligned=aligned)
    random = np.random.default_rng(3)
    phases = np.zeros(400) if aligned else random.random(400)
    sent = np.concatenate([(number + phases) * 0.5 for number in range(8)])
    at = sent + random.exponential(fleet.jitter_s, sent.size)
    per_s = 1.6 * fleet.packets_per_s
    exact = one_by_one(at, per_s)
    counts = np.bincount((at / BIN_S).astype(int), minlength=5000).astype(float)
    found = wait(counts, BIN_S, per_s)
    assert found.worst_s == pytest.approx(max(exact), abs=3 * BIN_S)
    assert found.p99_s == pytest.approx(np.percentile(exact, 99), abs=3 * BIN_S)
    assert found.most_waiting == pytest.approx(per_s * max(exact), abs=4)
    done = np.sort(finished_one_by_one(np.sort(at), per_s))
    assert np.allclose(done - np.sort(at), exact)


@pytest.mark.parametrize("devices", [1000, 100_000, 1_000_000])
def test_devices_in_step_wait_as_the_model_says(devices: int) -> None:
    fleet = Fleet(devices, aligned=True)
    per_s = 2 * fleet.packets_per_s
    found = wait(steady(fleet, 5.0, BIN_S), BIN_S, per_s)
    assert found.worst_s == pytest.approx(burst_wait_s(fleet, per_s), rel=0.03)
    assert found.utilisation == pytest.approx(0.5, rel=0.01)
    apart = wait(steady(Fleet(devices), 5.0, BIN_S), BIN_S, per_s)
    assert apart.worst_s < found.worst_s / 20


@pytest.mark.parametrize(("devices", "in_step"), [(1000, False), (1000, True), (200_000, True)])
def test_after_an_outage_all_are_back_when_the_model_says(devices: int, in_step: bool) -> None:
    fleet = Fleet(devices)
    outage = Outage(60.0, connects_per_s=devices / 20, jitter=not in_step)
    per_s = 2 * fleet.packets_per_s
    counts = after_outage(fleet, outage, 400.0, 0.01)
    found = wait(counts, 0.01, per_s)
    over_s = max(found.empty_after_s, float(reconnecting(fleet, outage).max()))
    assert 0.5 * storm_over_s(fleet, outage, per_s) < over_s
    assert over_s <= storm_over_s(fleet, outage, per_s) * 1.05 + 1.0
    # Nothing that was sent meanwhile is forgotten.
    assert counts.sum() == pytest.approx(400.0 * fleet.packets_per_s, rel=0.01)


def test_pauses_that_are_drawn_spread_the_storm() -> None:
    fleet = Fleet(10_000)
    drawn, in_step = (
        wait(after_outage(fleet, Outage(jitter=jitter), 300.0, 0.01), 0.01, 40_000.0)
        for jitter in (True, False)
    )
    assert drawn.most_waiting < in_step.most_waiting / 2


def test_too_few_never_catch_up() -> None:
    fleet, outage = Fleet(1000), Outage()
    assert storm_over_s(fleet, outage, 1999.0) == float("inf")
    found = wait(after_outage(fleet, outage, 300.0, 0.01), 0.01, 1900.0)
    assert found.as_map()["empty_after_s"] is None
    assert burst_wait_s(Fleet(10), 1e6) == 0.0


def test_a_queue_of_nothing_is_refused() -> None:
    for counts, per_s in ((np.zeros(3), 1.0), (np.ones(3), 0.0)):
        with pytest.raises(ValueError, match="needs packets"):
            wait(counts, BIN_S, per_s)
