from hypothesis import given
from hypothesis import strategies as st

from simulator.link.outbox import MOST_MISSED, Message, Outbox


def _message(n, due=0.0):
    return Message("t", str(n).encode(), due)


@given(st.lists(st.sampled_from(["push", "take", "ack", "lost"]), max_size=200))
def test_all_messages_leave_in_order_and_none_is_lost(steps):
    box = Outbox(window=4, capacity_s=60.0)
    pushed = 0
    flight: list[tuple[int, Message]] = []
    acked: list[bytes] = []

    def take():
        if (item := box.take()) is not None:
            flight.append(item)

    for step in steps:
        if step == "push":
            box.push(_message(pushed))
            pushed += 1
        elif step == "take":
            take()
        elif step == "ack" and flight:
            mid, message = flight.pop(0)
            box.ack(mid)
            acked.append(message.payload)
        elif step == "lost":
            box.requeue()
            flight.clear()
        assert len(flight) <= 4
        assert len({mid for mid, _ in flight}) == len(flight)
    while len(box):
        take()
        mid, message = flight.pop(0)
        box.ack(mid)
        acked.append(message.payload)
    assert acked == [str(n).encode() for n in range(pushed)]
    assert box.dropped == 0


def test_too_old_messages_are_dropped_and_counted():
    box = Outbox(window=2, capacity_s=10.0)
    for second in range(30):
        box.push(_message(second, float(second)))
    assert box.dropped == 19
    assert box.take()[1].payload == b"19"


def test_unknown_acknowledgement_is_ignored():
    box = Outbox(window=2, capacity_s=10.0)
    box.ack(7)
    assert box.acked == 0


class Clock:
    """A clock that the test sets."""

    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


def _packet(n):
    """Samples 10 n to 10 n + 10 of boot b."""
    return Message("t", str(n).encode(), float(n), ("b", 10 * n, 10 * n + 10))


def _sent(box, count=99):
    """Send what waits, up to a number, and have it acknowledged; return which packets."""
    sent = []
    while count and (item := box.take()) is not None:
        mid, message = item
        box.ack(mid)
        sent.append(int(message.payload))
        count -= 1
    return sent


def _box(packets):
    clock = Clock()
    box = Outbox(window=64, capacity_s=60.0, clock=clock)
    for n in range(packets):
        box.push(_packet(n))
    return box, clock


def test_without_receipts_nothing_is_sent_again():
    box, clock = _box(5)
    _sent(box)
    clock.time = 100.0
    box.nudge()
    box.requeue()
    box.send_kept_again()
    assert len(box) == box.unconfirmed == box.resent == 0


def test_what_is_not_stored_though_a_later_one_is_goes_out_again_in_order():
    box, clock = _box(6)
    _sent(box)
    box.stored("b", [(0, 20), (40, 50)])
    assert len(box) == 0, "it may be on its way"
    clock.time = 4.0
    box.push(_packet(6))
    box.stored("b", [(50, 60)])
    assert box.resent == 2
    assert _sent(box) == [2, 3, 6]
    box.stored("other", [(0, 100)])
    assert box.unconfirmed == 3
    box.stored("b", [(20, 40), (60, 70)])
    assert box.unconfirmed == box.given_up == 0


def test_after_a_lost_connection_the_broker_may_have_lost_what_it_had():
    box, _ = _box(4)
    box.stored("b", [])
    assert _sent(box, 2) == [0, 1]
    box.take()
    box.requeue()
    box.send_kept_again()
    assert _sent(box) == [0, 1, 2, 3]


def test_what_the_broker_has_is_delivered_though_nobody_confirms_it():
    box, _ = _box(3)
    box.stored("b", [])
    _sent(box)
    box.requeue()  # the device is switched off
    assert (len(box), box.unconfirmed, box.resent) == (0, 3, 0)


def test_what_a_late_receipt_names_does_not_go_out_again():
    box, _ = _box(4)
    box.stored("b", [])
    _sent(box)
    box.requeue()
    box.send_kept_again()
    box.stored("b", [(10, 30)])
    assert _sent(box) == [0, 3]


def test_what_is_never_stored_is_given_up():
    box, clock = _box(1)
    tries = 0
    while _sent(box):
        tries += 1
        clock.time += 5.0
        box.stored("b", [(100, 110)])
    assert tries == 4
    assert (box.given_up, box.unconfirmed) == (1, 0)


def test_a_silence_of_receipts_is_broken_by_one_packet():
    box, clock = _box(3)
    box.stored("b", [])
    _sent(box)
    for after_s, expected in ((5.0, []), (11.0, [0]), (12.0, []), (22.0, [1])):
        clock.time = after_s
        box.nudge()
        assert _sent(box) == expected


@given(st.lists(st.sampled_from(["push", "send", "store", "lose", "cut"]), max_size=80))
def test_whatever_the_broker_loses_is_stored_in_the_end(steps):
    """Also everything that it has acknowledged; where receipts are given."""
    clock = Clock()
    box = Outbox(window=4, capacity_s=1e9, clock=clock)
    box.stored("b", [])
    at_broker, stored, pushed = [], set(), 0

    def store():
        news = {10 * n for n in at_broker}
        stored.update(news)
        at_broker.clear()
        clock.time += 4.0
        box.stored("b", [(n0, n0 + 10) for n0 in sorted(news)])

    for step in steps:
        if step == "push":
            box.push(_packet(pushed))
            pushed += 1
        elif step == "send":
            at_broker += _sent(box, 1)
        elif step == "store":
            store()
        elif step == "lose":
            at_broker.clear()
        elif step == "cut":
            box.take()
            box.requeue()
            box.send_kept_again()
    for _ in range(3):  # from now on all is well
        box.push(_packet(pushed))
        pushed += 1
        for _ in range(2 * pushed):
            at_broker += _sent(box, 1)
        store()
    clock.time += 20.0
    while box.unconfirmed or len(box):
        box.nudge()
        at_broker += _sent(box)
        store()
        clock.time += 20.0
    lost = {10 * n for n in range(pushed)} - stored
    assert len(lost) <= box.given_up
    assert box.given_up == 0 or steps.count("lose") >= MOST_MISSED
