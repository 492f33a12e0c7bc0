"""What comes out live is what offline analysis finds, whatever happens on the way."""

import time

import pytest
import redis

from tests.support.two_patients import (
    COMPILED_WITHIN_S,
    Found,
    check,
    simulate,
    simulate_once_it_works,
    wait_for_events,
)
from tests.support.waiting import allowed_s

pytestmark = pytest.mark.timeout(COMPILED_WITHIN_S + 180)


@pytest.fixture
def found(system):
    found = Found(system.settings.redis_url, system.settings.partitions)
    yield found
    found.close()


def test_live_beats_are_those_of_offline_analysis(system, mitdb, found):
    system.start("ingest")
    system.start("detect")
    assert simulate(system, mitdb, "--speed", "60").wait(allowed_s(90)) == 0
    check(found, mitdb, system)


def test_repeated_and_reordered_packets_change_nothing(system, mitdb, found):
    system.start("ingest")
    system.start("detect")
    faults = ("--fault", "duplicate=0.1,reorder=0.1:3", "--encoding", "json")
    assert simulate(system, mitdb, "--speed", "60", *faults).wait(allowed_s(90)) == 0
    check(found, mitdb, system)


def kill_and_restart(system, victim, name: str):
    victim.kill()
    victim.wait()
    time.sleep(0.3)
    return system.start(name)


def test_killing_the_detector_again_and_again_changes_nothing(system, mitdb, found):
    system.start("ingest")
    detector = system.start("detect")
    # Slowly: each of the two that follow takes some seconds to start, and packets shall come then.
    simulator = simulate_once_it_works(system, mitdb, found, speed=4)
    for already in (20, 100, 200):
        wait_for_events(system, found, simulator, already)
        detector = kill_and_restart(system, detector, "detect")
    assert simulator.wait(allowed_s(90)) == 0
    check(found, mitdb, system)


def test_a_full_data_store_changes_nothing(system, mitdb, found):
    """Redis refuses all writes for a while, as with no memory left."""
    processes = [system.start("ingest"), system.start("detect")]
    simulator = simulate_once_it_works(system, mitdb, found, speed=8)
    store = redis.Redis.from_url(system.settings.redis_url)
    for already in (50, 200):
        wait_for_events(system, found, simulator, already)
        store.config_set("maxmemory", "1mb")  # less than the server needs for itself
        time.sleep(2.0)
        store.config_set("maxmemory", "0")
    store.close()
    assert simulator.wait(allowed_s(90)) == 0
    check(found, mitdb, system)
    assert [process.poll() for process in processes] == [None, None]


def test_killing_ingest_loses_nothing(system, mitdb, found):
    ingest = system.start("ingest")
    system.start("detect")
    simulator = simulate_once_it_works(system, mitdb, found, speed=8)
    for already in (50, 200):
        wait_for_events(system, found, simulator, already)
        ingest = kill_and_restart(system, ingest, "ingest")
    assert simulator.wait(allowed_s(90)) == 0
    check(found, mitdb, system)


def test_a_second_detector_takes_over_and_the_first_one_stops(system, mitdb, found):
    system.start("ingest")
    first = system.start("detect")
    simulator = simulate_once_it_works(system, mitdb, found, speed=12)
    wait_for_events(system, found, simulator, 50)
    system.start("detect")
    assert first.wait(allowed_s(60)) == 3
    assert "taken over" in system.log("detect")
    assert simulator.wait(allowed_s(90)) == 0
    check(found, mitdb, system)
