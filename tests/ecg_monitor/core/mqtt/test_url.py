"""Broker addresses are taken apart, and wrong ones refused without showing the password."""

from __future__ import annotations

import pytest

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.url import BrokerUrl, parse_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://broker", BrokerUrl("broker", 1883)),
        ("mqtt://broker:1884/", BrokerUrl("broker", 1884)),
        ("mqtts://broker", BrokerUrl("broker", 8883, tls=True)),
        ("mqtt://me:p%40ss%3A@10.0.0.1:1", BrokerUrl("10.0.0.1", 1, "me", "p@ss:")),
        ("mqtt://me@broker", BrokerUrl("broker", 1883, "me")),
        ("mqtt://[::1]:1883", BrokerUrl("::1", 1883)),
    ],
)
def test_parse(url: str, expected: BrokerUrl) -> None:
    assert parse_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "broker:1883",
        "http://me:hush@broker",
        "mqtt://",
        "mqtt://me:hush@",
        "mqtt://me:hush@broker/path",
        "mqtt://me:hush@broker:99999",
        "mqtt://me:hush@broker:port",
        "mqtt://[::1",
    ],
)
def test_wrong_address_is_refused(url: str) -> None:
    with pytest.raises(ServiceError, match="ECG_MQTT_URL") as caught:
        parse_url(url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("127.0.0.1:1883", r"as in mqtt://127\.0\.0\.1:1883; it has no scheme"),
        ("broker:1883", "it has no scheme"),
        ("http://broker", "it begins with http:"),
    ],
)
def test_a_wrong_scheme_shows_the_right_one(url: str, said: str) -> None:
    with pytest.raises(ServiceError, match=said):
        parse_url(url)


def test_password_is_never_shown() -> None:
    broker = parse_url("mqtts://me:hush@broker:1")
    assert "hush" not in f"{broker} {broker!r}"
    assert str(broker) == "mqtts://broker:1"
    assert str(parse_url("mqtt://[::1]:5")) == "mqtt://[::1]:5"
