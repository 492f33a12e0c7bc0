"""What a device has told of itself counts from the broker where it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.judge import AcceptedPacket, DeviceNews, Judgement, Refusal
from ingest.whereabouts import Whereabouts

A, B = 0, 1


def packet(n: int, boot: str = "one", device: str = "bed") -> AcceptedPacket:
    return AcceptedPacket(device, b"", boot, n, n + 1)


def status(state: str, device: str = "bed") -> DeviceNews:
    return DeviceNews(device, "status", {"state": state})


def test_a_late_word_of_the_former_broker_does_not_count() -> None:
    where = Whereabouts(10)
    online, offline = status("online"), status("offline")
    assert list(where.sift(online, A)) == [online]
    assert list(where.sift(packet(0), A)) == [packet(0)]
    assert list(where.sift(online, B)) == [], "it may only be what B has kept"
    assert list(where.sift(packet(1), B)) == [online, packet(1)]
    assert list(where.sift(offline, A)) == [], "A has lost the connection that the device has left"
    assert list(where.sift(packet(0), A)) == [packet(0)], "what A delivers late moves nobody"
    assert list(where.sift(offline, B)) == [offline]


def test_packets_of_a_former_broker_that_come_after_a_restart_are_news() -> None:
    where = Whereabouts(10)
    offline, online = status("offline"), status("online")
    where.sift(offline, A)
    where.sift(online, B)
    where.sift(offline, A)
    assert list(where.sift(packet(7), B)) == [online, packet(7)], "A was heard last"
    assert list(where.sift(packet(0, "two"), A)) == [offline, packet(0, "two")]


def test_what_is_refused_is_left_as_it_is() -> None:
    refusal = Refusal("bed", "size", "too large")
    assert list(Whereabouts(10).sift(refusal, B)) == [refusal]


def test_only_so_many_devices_are_remembered() -> None:
    where = Whereabouts(2)
    for name in ("a", "b", "c"):
        where.sift(packet(0, device=name), A)
    offline = status("offline", "a")
    assert list(where.sift(offline, B)) == [offline], "nothing is known of it any more"


_steps = st.lists(
    st.tuples(st.sampled_from(["packet", "late", "online", "offline"]), st.sampled_from([A, B, 2])),
    max_size=60,
)


@given(_steps)
def test_each_packet_passes_once_and_the_last_word_is_of_the_broker_of_the_newest(
    steps: list[tuple[str, int]],
) -> None:
    where = Whereabouts(4)
    passed: list[Judgement] = []
    last: dict[int, str] = {}
    at, count = -1, 0
    for what, origin in steps:
        if what == "packet":
            one: Judgement = packet(count)
            count, at = count + 1, origin
        elif what == "late":
            one = packet(0)
            at = origin if not count else at
            count = max(count, 1)
        else:
            one = status(what)
            last[origin] = what
        found = list(where.sift(one, origin))
        passed += found
        if isinstance(one, AcceptedPacket):
            assert found[-1] is one
            assert sum(isinstance(each, AcceptedPacket) for each in found) == 1
        told = [each for each in passed if isinstance(each, DeviceNews)]
        if at in last:
            assert told[-1].content == {"state": last[at]}
