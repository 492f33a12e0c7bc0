import math

import pytest

from ecg_monitor.core.errors import ScenarioError
from simulator.synthetic import (
    RHYTHMS,
    Scenario,
    Segment,
    load_scenario,
    parse_scenario,
    scenario_names,
)
from simulator.synthetic.segments import FIELDS

WANTED = {
    "sinus", "af", "pvc-bigeminy", "vt-run", "vf-arrest", "asystole", "av-block-3", "paced",
    "lead-off", "ward-mix",
}  # fmt: skip


def toml(segment: str, head: str = "") -> str:
    return f"{head}\n[[segments]]\n{segment}\n"


def test_built_in_scenarios_are_there_and_have_titles():
    assert set(scenario_names()) >= WANTED
    for name in scenario_names():
        assert load_scenario(name).title, name


def test_scenario_from_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        toml(
            'rhythm = "sinus"\nduration_s = 10\nrate = 61\nleadoff = ["II"]',
            'title = "Mine"\nloop = false\n[patient]\nrespiration_rate = 12\n'
            "[defaults]\nwander_mv = 0.2\nvf_hz = 4",
        )
    )
    scenario = load_scenario(path)
    assert scenario.title == "Mine"
    assert not scenario.loop
    assert scenario.respiration_rate == 12
    assert scenario.duration_s == 10
    (segment,) = scenario.segments
    assert (segment.rate, segment.leadoff, segment.wander_mv) == (61, ("II",), 0.2)
    assert load_scenario(str(path)) == scenario


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "segments"),
        ("segments = 3", "segments"),
        ("x = [", "scenario"),
        (toml('rhythm = "sinus"', "tittle = 1"), "tittle"),
        (toml('rhythm = "sinus"', "title = 1"), "title"),
        (toml('rhythm = "sinus"', "loop = 1"), "loop"),
        (toml('rhythm = "sinus"', "patient = 1"), "patient"),
        (toml('rhythm = "sinus"', 'patient = {leads = ["V9"]}'), "patient.leads"),
        (toml('rhythm = "sinus"', "patient = {leads = 12}"), "patient.leads"),
        (toml('rhythm = "sinus"', "[patient]\nweight = 70"), "patient.weight"),
        (toml('rhythm = "sinus"', "[patient]\nmains_hz = 1000"), "patient.mains_hz"),
        (toml('rhythm = "sinus"', "[patient]\nvariety = true"), "patient.variety"),
        (toml('rhythm = "sinus"', "[defaults]\nratee = 70"), "defaults.ratee"),
        (toml("rate = 70"), "segments[0].rhythm"),
        (toml('rhythm = "sinsu"'), "segments[0].rhythm"),
        (toml("rhythm = 3"), "segments[0].rhythm"),
        (toml('rhythm = "sinus"\nrat = 70'), "segments[0].rat"),
        (toml('rhythm = "sinus"\nrate = 0'), "segments[0].rate"),
        (toml('rhythm = "sinus"\nrate = 301'), "segments[0].rate"),
        (toml('rhythm = "sinus"\nrate = nan'), "segments[0].rate"),
        (toml('rhythm = "sinus"\nrate = true'), "segments[0].rate"),
        (toml('rhythm = "sinus"\nrate = "70"'), "segments[0].rate"),
        (toml('rhythm = "sinus"\nduration_s = 0'), "segments[0].duration_s"),
        (toml('rhythm = "sinus"\nduration_s = -inf'), "segments[0].duration_s"),
        (toml('rhythm = "sinus"\nqrs_mv = 20'), "segments[0].qrs_mv"),
        (toml('rhythm = "sinus"\nhrv = 1'), "segments[0].hrv"),
        (toml('rhythm = "sinus"\nvf_hz = 5'), "segments[0].vf_hz"),
        (toml('rhythm = "vf"\nrate = 100'), "segments[0].rate"),
        (toml('rhythm = "sinus"\npvc = "often"'), "segments[0].pvc"),
        (toml('rhythm = "sinus"\npvc = "single"\nrate = 200'), "segments[0].pvc"),
        (toml('rhythm = "sinus"\npvc_forms = 1.5'), "segments[0].pvc_forms"),
        (toml('rhythm = "sinus"\nst_lead = "V9"'), "segments[0].st_lead"),
        (toml('rhythm = "sinus"\nleadoff = "II"'), "segments[0].leadoff"),
        (toml('rhythm = "sinus"\nleadoff = ["V9"]'), "segments[0].leadoff"),
        (toml('rhythm = "sinus"\nleadoff = [["II"]]'), "segments[0].leadoff"),
        (toml('rhythm = "sinus"\nleadoff_flag = 1'), "segments[0].leadoff_flag"),
        (toml('rhythm = "flutter"\natrial_rate = 5'), "segments[0].atrial_rate"),
        (toml('rhythm = "pauses"\npause_s = 20'), "segments[0].pause_every_s"),
        (toml('rhythm = "sinus"') + toml('rhythm = "vf"'), "segments[0].duration_s"),
        (toml('rhythm = "vf"\nduration_s = 9') + toml('rhythm = "x"'), "segments[1].rhythm"),
    ],
)
def test_wrong_scenarios_are_refused_naming_the_field(text, field):
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    assert str(caught.value).startswith(f"{field}: ")


def test_near_misses_get_a_hint():
    with pytest.raises(ScenarioError, match="did you mean pvc-bigeminy"):
        load_scenario("pvc-bigeminny")
    with pytest.raises(ScenarioError, match="did you mean muscle_mv"):
        parse_scenario(toml('rhythm = "sinus"\nmusle_mv = 1'))


def test_unreadable_files_are_told(tmp_path):
    with pytest.raises(ScenarioError, match="cannot read"):
        load_scenario(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ScenarioError, match="cannot read"):
        load_scenario(tmp_path / "bad.toml")
    (tmp_path / "wrong.toml").write_text(toml('rhythm = "sinus"\nrate = 1'))
    with pytest.raises(ScenarioError, match=r"wrong.toml: segments\[0\].rate: "):
        load_scenario(tmp_path / "wrong.toml")


def test_segments_in_code_are_checked_too():
    with pytest.raises(ScenarioError, match=r"^rate: "):
        Segment("sinus", rate=500)
    with pytest.raises(ScenarioError, match=r"^segments: "):
        Scenario(())


def test_every_rhythm_accepts_its_defaults_and_parameters_exist():
    for name, rhythm in RHYTHMS.items():
        assert Segment(name).duration_s == math.inf
        assert set(rhythm.parameters) <= set(FIELDS)
