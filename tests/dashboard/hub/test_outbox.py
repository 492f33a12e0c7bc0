"""A client's queue is bounded and keeps what is newest."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from dashboard.hub import frames
from dashboard.hub.outbox import BEHIND_S, FEW_BEATS, MAX_BEATS, MESSAGE_BYTES, Outbox, dated


def outbox(most: int = 1000) -> Outbox:
    return Outbox(lambda: None, most)


def test_states_replace_each_other() -> None:
    box = outbox()
    box.put_state("vitals", 1, b'{"hr":60}')
    box.put_state("vitals", 2, b'{"hr":70}')
    box.put_state("vitals", 1, b'{"hr":61}')
    (text,) = box.take()
    assert json.loads(text) == [{"hr": 61}, {"hr": 70}]
    assert box.take() == []


def test_order_states_frames_beats() -> None:
    box = outbox()
    for _ in range(FEW_BEATS + 1):
        box.put_beats(b'"beat"')
    box.put_frame(b"frame")
    box.put_state("bed", 0, b'"bed"')
    state, frame, beats = box.take()
    assert (state, frame) == ('["bed"]', b"frame")
    assert json.loads(beats) == ["beat"] * (FEW_BEATS + 1)


def test_a_few_beats_share_the_message_of_states() -> None:
    box = outbox()
    box.put_beats(b'"beat"')
    box.put_frame(b"frame")
    box.put_state("bed", 0, b'"bed"')
    assert box.take() == ['["bed","beat"]', b"frame"]


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=40))
def test_frames_are_bounded_and_newest(packed: list[bytes]) -> None:
    box = outbox(most=500)
    for one in packed:
        box.put_frame(one)
    kept = b"".join(m for m in box.take() if isinstance(m, bytes))
    assert len(kept) <= 500
    assert b"".join(packed).endswith(kept)
    left = packed[box.dropped :]
    assert b"".join(left) == kept


def test_beats_are_bounded() -> None:
    box = outbox()
    for n in range(MAX_BEATS + 5):
        box.put_beats(str(n).encode())
    (text,) = box.take()
    assert json.loads(text) == list(range(5, MAX_BEATS + 5))
    assert box.dropped == 5


def test_messages_are_of_moderate_size() -> None:
    box = outbox(10**9)
    for _ in range(100):
        box.put_frame(bytes(5000))
    messages = box.take()
    assert all(len(m) <= MESSAGE_BYTES for m in messages)
    assert sum(map(len, messages)) == 500_000


def test_samples_that_are_too_old_are_not_sent_and_counted() -> None:
    box = outbox()
    for until in (1.0, 2.0, 3.0):
        box.put_frame(b"%d" % until, until)
    assert box.take(2.5) == [b"3"]
    assert box.dropped == 2
    box.put_frame(b"4" * 900, 4.0)  # what was dropped takes no room
    assert box.take(4.0) == [b"4" * 900]


def test_samples_wait_while_the_client_is_behind_and_alarms_do_not() -> None:
    box = outbox()
    box.answer(b'"pong"', seen=10.0)
    box.put_frame(b"frame", 100.0)
    box.put_beats(b'"beat"')
    late = 10.1 + BEHIND_S
    assert box.take(late) == ['["pong","beat"]']
    box.put_state("alarms", 0, b'"alarm"')
    assert box.take(late) == ['["alarm"]']
    box.answer(b'"pong"', seen=late)
    assert box.take(late) == ['["pong"]', b"frame"]


def test_every_message_is_dated() -> None:
    assert json.loads(dated('["a"]', 5.5, 3)) == [{"t": "sent", "now": 5.5, "dropped": 3}, "a"]
    message = dated(b"", 5.5, 3)
    assert frames.DATE.unpack(message) == (frames.KIND_DATE, 5.5)
    assert list(frames.unpack(message)) == []
