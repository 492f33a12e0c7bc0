"""The rules of handling are validated, and cannot be set to something unsafe."""

import pytest

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.ward.alerts.policy import Policy, load_policy, policy_from_map
from ecg_monitor.ward.limits.file import load_limits


def test_a_file_overrides_the_defaults(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text("[alerts]\nlatching = ['high', 'medium']\n[alerts.escalate_s]\nhigh = 30\n")
    policy = load_policy(str(path))
    assert policy.latching == {"high", "medium"}
    assert policy.escalate_s == {**Policy().escalate_s, "high": 30.0}
    assert policy.remind_s == Policy().remind_s
    assert load_policy("") == Policy()


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"latch": []}, "alerts.latch is unknown"),
        ({"latching": ["medium"]}, "must contain high"),
        ({"latching": "high"}, "must be a list"),
        ({"escalate_s": 5}, "alerts.escalate_s must be a table"),
        ({"escalate_s": {"high": 0}}, "alerts.escalate_s.high must not be 0"),
        ({"escalate_s": {"high": 301}}, "out of range, 0 to 300"),
        ({"escalate_s": {"medium": 3601}}, "out of range, 0 to 3600"),
        ({"off_delay_s": {"medium": 61}}, "out of range, 0 to 60"),
        ({"repeat_s": {"high": 901}}, "out of range, 0 to 900"),
        ({"escalate_s": {"huge": 1}}, "no such priority"),
        ({"remind_s": {"low": "1"}}, "alerts.remind_s.low must be a number"),
        ({"remind_s": {"low": True}}, "alerts.remind_s.low must be a number"),
        ({"remind_s": {"low": float("nan")}}, "alerts.remind_s.low must be a number"),
        ({"off_delay_s": {"low": -1}}, "out of range"),
        ({"on_delay_s": {"low": 11}}, "out of range"),
        ({"on_delay_s": {"high": 1}}, "alerts.on_delay_s.high must be 0"),
        ([], "alerts must be a table"),
    ],
)
def test_a_mistake_is_named(table, named):
    with pytest.raises(SettingsError, match=named):
        policy_from_map(table)


def test_an_unreadable_file_is_told(tmp_path):
    with pytest.raises(SettingsError, match="ECG_CONFIG"):
        load_policy(str(tmp_path / "missing.toml"))
    path = tmp_path / "policy.toml"
    path.write_text("[alerts")
    with pytest.raises(SettingsError, match="ECG_CONFIG"):
        load_policy(str(path))


def test_a_mistake_in_the_file_names_the_file(tmp_path):
    path = tmp_path / "ward.toml"
    path.write_text("[alerts]\nlatch = []")
    with pytest.raises(SettingsError, match=r"ward\.toml: alerts\.latch is unknown"):
        load_policy(str(path))


def test_limits_and_rules_of_handling_share_one_file(tmp_path):
    path = tmp_path / "ward.toml"
    path.write_text("[adult.rate]\nhigh_bpm = 130\n[alerts.remind_s]\nmedium = 60\n")
    assert load_policy(str(path)).remind_s["medium"] == 60.0
    assert load_limits(path).of("bed-1").rate.high_bpm == 130.0
