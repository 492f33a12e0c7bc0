"""What is sent is, byte for byte, what the standards ask for."""

from __future__ import annotations

from ingest.broker import packets


def test_connect_names_a_session_that_stays() -> None:
    five = packets.connect("5", "c", in_flight=512, keepalive_s=15, username="u", password="p")
    # MQTT 5.0, 3.1: no clean start; expiry 0x11 of a day, receive maximum 0x21.
    said = b"\x08\x11\x00\x01\x51\x80\x21\x02\x00"
    tail = b"\x00\x01c\x00\x01u\x00\x01p"
    assert five == b"\x10\x1c\x00\x04MQTT\x05\xc0\x00\x0f" + said + tail
    three = packets.connect("3.1.1", "c", in_flight=512, keepalive_s=15)
    assert three == b"\x10\x0d\x00\x04MQTT\x04\x00\x00\x0f\x00\x01c"


def test_subscribe_asks_for_qos_1() -> None:
    assert packets.subscribe("5", 7, ["a", "b/#"]) == (
        b"\x82\x0d\x00\x07\x00\x00\x01a\x01\x00\x03b/#\x01"
    )
    assert packets.subscribe("3.1.1", 7, ["a"]) == b"\x82\x06\x00\x07\x00\x01a\x01"


def test_acknowledgements_follow_one_another() -> None:
    assert packets.acknowledge([1, 0x1234]) == b"\x40\x02\x00\x01\x40\x02\x12\x34"
    assert packets.acknowledge([]) == b""


def test_publish_has_qos_0() -> None:
    assert packets.publish("5", "t", b"hi") == b"\x30\x06\x00\x01t\x00hi"
    assert packets.publish("3.1.1", "t", b"hi") == b"\x30\x05\x00\x01thi"


def test_reasons_are_said_in_words() -> None:
    assert packets.reason(0x8E) == "session taken over (142)"
    assert packets.reason(77) == "reason (77)"
