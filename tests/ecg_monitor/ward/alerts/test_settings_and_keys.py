"""Settings and keys that handling and delivery of alerts have added."""

from __future__ import annotations

import re

import pytest

from ecg_monitor import cli
from ecg_monitor.core import keys
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import load, to_environ


def test_the_webhook_is_set_from_the_environment(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    settings = load(
        {
            "ECG_WEBHOOK_URL": "https://pager/hook",
            "ECG_WEBHOOK_SECRET_FILE": str(secret),
            "ECG_WEBHOOK_FORMAT": "fhir",
            "ECG_EVIDENCE_RETENTION_S": "3600",
        }
    )
    assert settings.webhook_secret == "s3cret"
    assert settings.evidence_retention_s == 3600
    assert load(to_environ(settings)) == settings


@pytest.mark.parametrize(
    ("variable", "text", "named"),
    [
        ("ECG_WEBHOOK_URL", "pager/hook", "ECG_WEBHOOK_URL"),
        ("ECG_WEBHOOK_FORMAT", "xml", "json or fhir"),
        ("ECG_ALERT_RETENTION_S", "1", "ECG_ALERT_RETENTION_S"),
        ("ECG_EVIDENCE_RETENTION_S", "nan", "ECG_EVIDENCE_RETENTION_S"),
        ("ECG_WEBHOOK_SECRET_FILE", "/nowhere/at/all", "ECG_WEBHOOK_SECRET_FILE"),
    ],
)
def test_mistakes_are_named(variable, text, named):
    with pytest.raises(SettingsError, match=named):
        load({variable: text})


def test_all_keys_of_a_partition_share_a_slot():
    made = [
        *(make(3) for make in (keys.alerts, keys.acts, keys.alertlog, keys.cursors)),
        *(keys.undelivered(3), keys.strip(3, "bed/boot/asystole/1")),
    ]
    assert len(set(made)) == len(made)
    assert {re.search(r"\{(.*?)\}", key)[1] for key in made} == {"3"}
    assert keys.device_of_topic(keys.alert_topic("bed-01")) == ("bed-01", "alert")


def test_the_commands_are_there(redis_url, monkeypatch, capsys):
    assert cli.main(["alerts", "ack"]) == 2
    assert "ECG_REDIS_URL is missing" in capsys.readouterr().err
    assert cli.main(["deliver"]) == 2
    assert "ECG_MQTT_URL is missing" in capsys.readouterr().err
    monkeypatch.setenv("ECG_REDIS_URL", redis_url)
    monkeypatch.setenv("ECG_WEBHOOK_URL", "")
    assert cli.main(["alerts", "list", "--device", "nobody"]) == 0
    assert capsys.readouterr().out == "no alerts\n"


def test_a_setting_that_is_gone_says_where_its_content_goes():
    with pytest.raises(SettingsError, match=r"ECG_ALERT_POLICY is no longer .* ECG_CONFIG names"):
        load({"ECG_ALERT_POLICY": "policy.toml"})
