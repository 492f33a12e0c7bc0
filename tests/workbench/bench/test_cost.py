"""What a bed costs is counted stage by stage, on the way that its packets really go."""

from __future__ import annotations

import asyncio

import pytest

from detector.runner.owning.round import Round
from detector.runner.twelve_lead_desk import load_network
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from workbench.bench.cost import OF_DETECTOR, REDIS, Load, measure, twelve_lead_patients
from workbench.bench.guard import patient
from workbench.bench.stages import Stages, watching


async def test_every_stage_is_met_and_all_of_them_make_the_sum(redis_client: Store) -> None:
    turn = Round.turn
    load_network()  # ahead, so that the window of twelve leads waits for nothing
    played = [patient(), twelve_lead_patients()[0]]
    found = await measure(redis_client, Settings(), played, Load(2, 5.0, 250.0, 250.0))
    cost, calls = found["us_per_bed_second"], found["calls_per_bed_second"]
    assert {stage for _, _, stage in OF_DETECTOR} <= calls.keys()
    assert all(number > 0 for number in calls.values())
    assert cost.keys() == {*calls, REDIS}
    assert sum(cost.values()) == pytest.approx(found["total_us"], abs=1.0)
    assert sum(found["us_by_part"].values()) == pytest.approx(found["total_us"], abs=1.0)
    assert calls["detector: reading the stream"] == 2.0
    assert found["diagnosed"] == 1, "one of the beds has twelve leads, and ten seconds have passed"
    assert 0 < found["twelve_core_share"] < found["core_share"]
    assert Round.turn is turn, "nothing stays behind"


def test_what_a_stage_calls_is_not_its_own() -> None:
    class Work:
        def outer(self) -> list[int]:
            return [*self.inner(), 0]

        def inner(self):
            yield from range(200_000)

        async def waits(self) -> int:
            return len(self.outer())

    stages = Stages()
    places = [(Work, "outer", "outer"), (Work, "inner", "inner"), (Work, "waits", "waits")]
    with watching(stages, places):
        assert asyncio.run(Work().waits()) == 200_001
    assert dict(stages.calls) == {"waits": 1, "outer": 1, "inner": 1}
    assert 0.0 < stages.own_s["outer"] < stages.own_s["inner"]
    assert Work().outer()[-1] == 0
    assert stages.calls["outer"] == 1
