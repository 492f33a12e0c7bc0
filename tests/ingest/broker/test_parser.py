"""However a broker's bytes are cut, the same comes out; what breaks the standard is an error."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.mqtt import fields
from ecg_monitor.core.wire import MAX_PAYLOAD
from ingest.broker.packets import Version
from ingest.broker.parser import (
    MOST_MESSAGE,
    Answer,
    ConnAck,
    Disconnect,
    Parser,
    PingResp,
    ProtocolError,
    ReceivedMessage,
    SubAck,
)

AT = (1_700_000_000.0, 5.0)
VERSIONS: tuple[Version, ...] = ("3.1.1", "5")


def publish(
    version: Version, topic: str, payload: bytes, mid: int, properties: bytes, *, retained: bool
) -> bytes:
    said = fields.length(len(properties)) + properties if version == "5" else b""
    number = mid.to_bytes(2, "big") if mid else b""
    first = 0x30 | (2 if mid else 0) | retained
    return fields.packet(first, fields.text(topic) + number + said + payload)


def message(topic: str, payload: bytes, mid: int, *, retained: bool = False) -> ReceivedMessage:
    return ReceivedMessage(topic, payload, int(mid > 0), mid, *AT, retained)


def parsed(version: Version, pieces: list[bytes]) -> list[Answer]:
    """What the pieces mean, up to the first error."""
    one = Parser(version)
    found: list[Answer] = []
    for piece in pieces:
        found += one.feed(piece, *AT)
        if found and isinstance(found[-1], ProtocolError):
            break
    return found


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(at % (len(data) + 1) for at in cuts)})
    return [data[begin:end] for begin, end in pairwise(edges)]


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Version, bytes, list[Answer]]:
    """What a broker sends, and what it means."""
    version = draw(st.sampled_from(VERSIONS))
    data, meant = b"", list[Answer]()
    five = version == "5"
    for kind in draw(st.lists(st.sampled_from("mmmmcspd"), max_size=12)):
        if kind == "m":
            topic = draw(st.text(max_size=150))
            try:
                topic.encode()
            except UnicodeEncodeError:
                topic = "t"
            payload, mid = draw(st.binary(max_size=300)), draw(st.integers(0, 3) | st.just(65_535))
            retained, said = draw(st.booleans()), draw(st.binary(max_size=150))
            data += publish(version, topic, payload, mid, said, retained=retained)
            meant.append(message(topic, payload, mid, retained=retained))
        elif kind == "c":
            data += b"\x20\x06\x01\x00\x03\x13\x00\x1e" if five else b"\x20\x02\x00\x04"
            meant.append(ConnAck(0, 30) if five else ConnAck(4))
        elif kind == "s":
            data += b"\x90\x05\x01\x02\x00\x01\x87" if five else b"\x90\x04\x01\x02\x01\x80"
            meant.append(SubAck(0x102, (1, 0x87) if five else (1, 0x80)))
        elif kind == "p":
            data += b"\xd0\x00"
            meant.append(PingResp())
        elif five:
            data += b"\xe0\x02\x8e\x00"
            meant.append(Disconnect(0x8E))
    return version, data, meant


@given(conversations(), st.lists(st.integers(0, 10_000), max_size=12))
def test_packets_may_be_cut_anywhere(
    conversation: tuple[Version, bytes, list[Answer]], cuts: list[int]
) -> None:
    version, data, meant = conversation
    assert parsed(version, [data]) == meant
    assert parsed(version, cut(data, cuts)) == meant
    assert parsed(version, [bytes((byte,)) for byte in data]) == meant


@given(conversations(), st.binary(max_size=60), st.integers(0, 2000), st.integers(0, 2000))
def test_whatever_comes_is_read_or_refused_in_words(
    conversation: tuple[Version, bytes, list[Answer]], noise: bytes, at: int, removed: int
) -> None:
    """Bytes put in and taken out anywhere: what came before them is read all the same."""
    version, data, meant = conversation
    at %= len(data) + 1
    before = parsed(version, [data[:at]])
    broken = data[:at] + noise + data[at + removed % 50 :]
    found = parsed(version, cut(broken, [at, at + 1, 7 * at]))
    assert found[: len(before)] == before == meant[: len(before)]
    assert not any(isinstance(one, ProtocolError) for one in found[:-1])


@given(version=st.sampled_from(VERSIONS), noise=st.binary(max_size=200))
def test_noise_is_read_or_refused_in_words(version: Version, noise: bytes) -> None:
    found = parsed(version, [noise])
    assert not any(isinstance(one, ProtocolError) for one in found[:-1])
    if found and isinstance(found[-1], ProtocolError):
        assert str(found[-1])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a web server", b"HTTP/1.1 400 Bad Request"),
        ("a type of clients", b"\x82\x03\x00\x01\x00"),
        ("type 0", b"\x00\x00"),
        ("a length of five bytes", b"\x30\xff\xff\xff\xff\x01"),
        ("256 MB that is no message", b"\xd0\xff\xff\xff\x7f"),
        ("QoS 2", b"\x34\x08\x00\x01t\x00\x01\x00hi"),
        ("QoS 3", b"\x36\x08\x00\x01t\x00\x01\x00hi"),
        ("QoS 1 and no id", b"\x32\x06\x00\x01t\x00\x00\x00"),
        ("an empty message", b"\x30\x00"),
        ("a topic beyond the end", b"\x30\x05\x00\xfft\x00h"),
        ("an id beyond the end", b"\x32\x04\x00\x01t\x00"),
        ("no properties", b"\x32\x05\x00\x01t\x00\x01"),
        ("properties beyond the end", b"\x30\x06\x00\x01t\x7fhi"),
        ("a length of properties beyond the end", b"\x30\x04\x00\x01t\x80" + b"\x01" * 9),
        ("flags", b"\xd1\x00"),
        ("a welcome without a code", b"\x20\x01\x00"),
        ("a grant of nothing", b"\x90\x03\x00\x01\x00"),
    ],
)
def test_what_breaks_the_standard_is_refused(name: str, data: bytes) -> None:
    first, error = parsed("5", [b"\xd0\x00" + data])
    assert first == PingResp()
    assert isinstance(error, ProtocolError)
    (error,) = parsed("5", cut(data, [1, 2, 3]))
    assert isinstance(error, ProtocolError)


def test_only_mqtt_5_says_goodbye() -> None:
    (error,) = parsed("3.1.1", [b"\xe0\x00"])
    assert "type 14" in str(error)
    assert parsed("5", [b"\xe0\x00"]) == [Disconnect(0)]


@pytest.mark.parametrize(
    ("properties", "keepalive_s"),
    [
        (b"\x13\x00\x0a", 10),
        (b"\x11\x00\x00\x00\x01\x21\x00\x05\x24\x01\x13\x00\x0a", 10),
        (b"\x12\x00\x02ab\x26\x00\x01k\x00\x01v\x0b\x81\x01\x13\x00\x0a", 10),
        (b"\x21\x00\x05", None),
        (b"\x13\x00", None),
    ],
)
def test_the_brokers_keep_alive_is_found(properties: bytes, keepalive_s: int | None) -> None:
    body = b"\x00\x00" + fields.length(len(properties)) + properties
    assert parsed("5", [fields.packet(0x20, body)]) == [ConnAck(0, keepalive_s)]


def test_the_answer_of_a_broker_of_mqtt_3_is_understood() -> None:
    assert parsed("5", [b"\x20\x02\x00\x01"]) == [ConnAck(1)]


@pytest.mark.parametrize("version", VERSIONS)
def test_of_a_message_that_is_too_long_the_end_is_thrown_away(version: Version) -> None:
    """It is refused for its size, and what comes after it is read."""
    long = publish(version, "t", bytes(3 * MOST_MESSAGE), 7, b"", retained=False)
    data = long + publish(version, "t", b"next", 8, b"", retained=False)
    for pieces in ([data], cut(data, [5, 70_000, MOST_MESSAGE, 2 * MOST_MESSAGE])):
        first, second = parsed(version, pieces)
        assert isinstance(first, ReceivedMessage)
        assert MAX_PAYLOAD < len(first.payload) <= MOST_MESSAGE
        assert (first.topic, first.mid) == ("t", 7)
        assert second == message("t", b"next", 8)


def test_properties_of_any_length_do_not_hide_a_payload() -> None:
    properties = b"\x26" + bytes(2 * MOST_MESSAGE)
    (one,) = parsed("5", [publish("5", "t", b"", 7, properties, retained=False)])
    assert isinstance(one, ReceivedMessage)
    assert len(one.payload) > MAX_PAYLOAD


def test_memory_is_bounded_whatever_is_announced() -> None:
    """A message of 256 MB, in the pieces that a socket gives."""
    one, piece = Parser("5"), bytes(65_536)
    announced = 268_435_455
    tracemalloc.start()
    try:
        head = b"\x32\xff\xff\xff\x7f\x00\x01t\x00\x07\x00"
        assert one.feed(head, *AT) == []
        left, answers = announced - len(head) + 5, list[Answer]()
        while left:
            answers += one.feed(piece[:left], *AT)
            left -= min(left, len(piece))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    (found,) = answers
    assert isinstance(found, ReceivedMessage)
    assert peak < 4 * MOST_MESSAGE
    assert one.feed(b"\xd0\x00", *AT) == [PingResp()]
