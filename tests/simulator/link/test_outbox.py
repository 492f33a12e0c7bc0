from hypothesis import given
from hypothesis import strategies as st

from simulator.link.outbox import Message, Outbox


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
