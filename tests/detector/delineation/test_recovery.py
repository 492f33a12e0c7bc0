"""What is measured on patients whose ST level and intervals are known.

ST: within 0.025 mV or 15 %, whichever is more. The criterion is our own.
"""

import pytest

from simulator.synthetic.segments import Segment


def st_of(analysis, lead="II"):
    return [m["st_mv"][lead] for m in analysis["measurements"]]


@pytest.mark.parametrize("wander_mv", [0.0, 0.3])
@pytest.mark.parametrize("st_mv", [-0.3, -0.1, 0.1, 0.3])
def test_st_offsets_are_recovered_also_under_baseline_wander(measure, st_mv, wander_mv):
    own = st_of(measure(Segment("sinus", rate=75, wander_mv=0.0), 25.0))
    shifted = st_of(measure(Segment("sinus", rate=75, st_mv=st_mv, wander_mv=wander_mv), 35.0))
    assert len(shifted) >= 3
    for level in shifted:
        assert level - own[0] == pytest.approx(st_mv, abs=max(0.025, 0.15 * abs(st_mv)))


@pytest.mark.parametrize("rate", [45, 75, 110])
def test_intervals_follow_the_patient(measure, rate):
    told = measure(Segment("sinus", rate=rate, pr_s=0.18), 40.0)["measurements"][-1]
    assert told["heart_rate"] == pytest.approx(rate, rel=0.1)
    assert told["pr_ms"] == pytest.approx(180, abs=24)
    assert 80 <= told["qrs_ms"] <= 116
    assert 350 <= told["qtc_ms"] <= 450


def test_fibrillation_has_no_pr_interval(measure):
    assert {m["pr_ms"] for m in measure("af", 45.0)["measurements"]} == {None}


def test_a_wide_complex_is_measured_wide(measure):
    assert measure("lbbb", 30.0)["measurements"][-1]["qrs_ms"] > 130


def test_block_of_first_degree_is_an_episode_and_of_second_an_alarm(measure):
    first = measure("av-block-1", 120.0)
    assert "av_block_1" in {episode["kind"] for episode in first["episodes"]}
    assert first["alarms"] == []
    second = measure("av-block-2-mobitz-1", 60.0)
    assert "av_block_2" in {alarm["kind"] for alarm in second["alarms"]}


@pytest.mark.parametrize("conducted", [4, 3, 2])
def test_constant_pr_intervals_before_a_dropped_beat_are_a_block_too(measure, conducted):
    """Mobitz II with 4:3 and 3:2 conduction, and 2:1 block."""
    analysis = measure(Segment("av-block-2-ii", rate=80, block_cycle=conducted), 60.0)
    assert "av_block_2" in {alarm["kind"] for alarm in analysis["alarms"]}


@pytest.mark.parametrize("rate", [38, 45, 50])
def test_a_slow_sinus_node_is_no_block(measure, rate):
    alarms = measure(Segment("sinus", rate=rate, t_mv=0.5), 60.0)["alarms"]
    assert "av_block_2" not in {alarm["kind"] for alarm in alarms}


@pytest.mark.parametrize("scenario", ["sinus", "pac", "pauses", "af", "flutter", "pvc-bigeminy"])
def test_there_is_no_block_where_none_is(measure, scenario):
    analysis = measure(scenario, 90.0)
    assert "av_block_2" not in {alarm["kind"] for alarm in analysis["alarms"]}
    assert "av_block_1" not in {episode["kind"] for episode in analysis["episodes"]}
