"""Broker addresses are taken apart, and wrong ones refused without showing the password."""

from __future__ import annotations

import pytest

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.url import BrokerUrl, broker_urls, named_brokers, parse_url


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


def test_several_brokers_are_named_in_their_order() -> None:
    assert broker_urls("mqtt://a:1, mqtt://me:p%2Cw@b") == ("mqtt://a:1", "mqtt://me:p%2Cw@b")
    assert named_brokers("mqtt://a:1, mqtt://me:hush@b") == {
        "broker 1 of 2, a:1": "mqtt://a:1",
        "broker 2 of 2, b:1883": "mqtt://me:hush@b",
    }
    assert broker_urls("mqtt://a") == ("mqtt://a",)
    assert named_brokers("mqtt://a") == {"": "mqtt://a"}, "one alone needs no name"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mqtt://a,", "ECG_MQTT_URL: address 2 of 2 is empty; take the comma away"),
        (",mqtt://a", "ECG_MQTT_URL: address 1 of 2 is empty"),
        ("mqtt://a,mqtt://me:hush@a:1883", "ECG_MQTT_URL names the broker a:1883 twice; name each"),
        ("mqtt://localhost:1,mqtt://127.0.0.1:1", "names the broker 127.0.0.1:1 twice"),
        ("mqtt://a,mqtts://b", "ECG_MQTT_URL names brokers with TLS and without.*mqtts:// for all"),
        ("mqtt://a,b:1883", "address 2 of 2: ECG_MQTT_URL must begin with mqtt://"),
        ("mqtt://me:hu,sh@a", "a comma in a password is written %2C"),
    ],
)
def test_a_wrong_list_is_refused_with_what_to_do(text: str, told: str) -> None:
    with pytest.raises(ServiceError, match=told) as caught:
        broker_urls(text)
    assert "hush" not in str(caught.value)
    assert "'hu'" not in str(caught.value)
