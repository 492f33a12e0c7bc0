"""Settings come from the environment, and mistakes in it are told."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings, load, to_environ


def test_defaults_hold_without_any_variable() -> None:
    assert load({"PATH": "/bin", "HOME": "/root"}) == Settings()


def test_every_field_has_a_variable() -> None:
    environ = {
        "ECG_MQTT_URL": "mqtt://broker:1884",
        "ECG_PARTITIONS": "16",
        "ECG_WAVE_RETENTION_S": "120.5",
    }
    settings = load(environ)
    assert settings.mqtt_url == "mqtt://broker:1884"
    assert settings.partitions == 16
    assert settings.wave_retention_s == 120.5
    assert {f"ECG_{field.name.upper()}" for field in fields(Settings)} >= set(environ)


def test_unknown_variable_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(SettingsError, match=r"ECG_MQTT_ULR.*did you mean ECG_MQTT_URL\?"):
        load({"ECG_MQTT_ULR": "mqtt://x"})
    with pytest.raises(SettingsError, match=r"ECG_ZZZZ is not a setting; docs/SETTINGS.md lists"):
        load({"ECG_ZZZZ": "1"})


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("ECG_PORT", "http", "whole number"),
        ("ECG_PORT", "8050.5", "whole number"),
        ("ECG_PORT", "70000", "0 .. 65535"),
        ("ECG_PORT", "-1", "0 .. 65535"),
        ("ECG_PARTITIONS", "0", "1 .. 1024"),
        ("ECG_WAVE_RETENTION_S", "long", "a number"),
        ("ECG_WAVE_RETENTION_S", "nan", "10 .. 86400"),
        ("ECG_EVENT_RETENTION_S", "inf", "60 .. "),
        ("ECG_WAVE_MAX_PACKETS", "1", "100 .. "),
        ("ECG_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING or ERROR"),
    ],
)
def test_wrong_value_names_the_variable(variable: str, text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({variable: text})
    assert variable in str(caught.value)
    assert problem in str(caught.value)


def test_secret_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("hush\n")
    assert load({"ECG_SECRET_FILE": str(path)}).secret == "hush"


def test_unreadable_secret_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ECG_SECRET_FILE.*missing"):
        load({"ECG_SECRET_FILE": str(tmp_path / "missing")})
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="ECG_SECRET_FILE"):
        load({"ECG_SECRET_FILE": str(binary)})


def test_require_tells_what_to_set() -> None:
    with pytest.raises(SettingsError, match="ECG_REDIS_URL is missing"):
        Settings().require("redis_url")
    assert Settings(redis_url="redis://x").require("redis_url") == "redis://x"


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(
    st.builds(
        Settings,
        mqtt_url=_TEXT,
        secret=_TEXT,
        partitions=st.integers(1, 1024),
        wave_retention_s=st.floats(10, 86_400),
        port=st.integers(0, 65_535),
    )
)
def test_environment_round_trip(settings: Settings) -> None:
    assert load(to_environ(settings)) == settings
