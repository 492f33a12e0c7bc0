from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.errors import ServiceError
from simulator.link import mqtt_codec as mqtt

LONG = b"x" * 300
PIECES = (
    *(b"\x20\x02\x00\x00", b"\x90\x03\x00\x01\x00", b"\x40\x02\x01\x02", b"\xd0\x00"),
    *(b"\x30\x05\x00\x01thi", b"\x30\xaf\x02\x00\x01t" + LONG, b"\x40\x02\xff\xff"),
)
ANSWERS = b"".join(PIECES)
PARSED = [
    *(mqtt.ConnAck(0), mqtt.SubAck(), mqtt.PubAck(0x0102), mqtt.PingResp()),
    *(mqtt.Delivery("t", b"hi"), mqtt.Delivery("t", LONG), mqtt.PubAck(0xFFFF)),
]


@given(cuts=st.lists(st.integers(0, len(ANSWERS)), max_size=6))
def test_answers_may_be_cut_anywhere(cuts):
    parser = mqtt.Parser()
    edges = sorted({0, *cuts, len(ANSWERS)})
    found = []
    for start, end in pairwise(edges):
        found += parser.feed(ANSWERS[start:end])
    assert found == PARSED


@given(mids=st.lists(st.integers(1, mqtt.MAX_MID), min_size=1), cut=st.integers(0, 3))
def test_acknowledgements_alone_are_read_at_once_as_one_by_one(mids, cut):
    data = b"".join(b"\x40\x02" + mid.to_bytes(2) for mid in mids)
    parser = mqtt.Parser()
    assert parser.acks(data) == [one.mid for one in parser.feed(data)] == mids
    assert parser.acks(data + b"\xd0\x00\xd0\x00") is None
    assert parser.acks(data + b"\x40\x02\x00") is None
    assert list(parser.feed(data[:cut])) == []
    assert (parser.acks(data) is None) == (cut > 0)


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 400 Bad Request", b"\x82\x03\x00\x01\x00", b"\x40\x00", b"\x34\xff\xff\x03"]
)
def test_what_is_no_broker_is_refused(data):
    with pytest.raises(ServiceError, match="unexpected answer"):
        list(mqtt.Parser().feed(data))


def test_publish_bytes():
    # OASIS MQTT 3.1.1, 3.3: fixed header, topic, packet id, payload.
    assert mqtt.publish("a/b", b"hi", 10) == b"\x32\x09\x00\x03a/b\x00\x0ahi"
    assert mqtt.publish("a/b", b"hi", 10, retain=True)[0] == 0x33


@pytest.mark.parametrize(
    ("size", "length"),
    [(122, b"\x7f"), (123, b"\x80\x01"), (16_378, b"\xff\x7f"), (16_379, b"\x80\x80\x01")],
)
def test_remaining_length_at_its_edges(size, length):
    packet = mqtt.publish("t", b"x" * size, 1)
    assert packet[1 : 1 + len(length)] == length
    assert len(packet) == 1 + len(length) + 5 + size


def test_connect_carries_will_and_credentials():
    packet = mqtt.connect(
        "c", will_topic="w", will_payload=b"x", keepalive_s=15, username="u", password="p"
    )
    assert packet == (
        b"\x10\x19\x00\x04MQTT\x04\xee\x00\x0f\x00\x01c\x00\x01w\x00\x01x\x00\x01u\x00\x01p"
    )
