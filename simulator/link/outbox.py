"""Queue of messages that a device has still to send, with a window of unacknowledged ones.

Pure bookkeeping, no I/O. Messages leave in the order in which they came. After a lost connection
those that were not acknowledged go out again, in order, before newer ones.

The broker's acknowledgement is not the end: a broker may lose what it has. Packets are kept until a
receipt says that they are stored (`ingest.receipts` describes it), or until they are too old. Where
no receipt has ever come, nobody gives any, and nothing is sent again for want of one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.link.mqtt_codec import MAX_MID

LOST_S = 3.0
"""A packet that is acknowledged for so long, s, and not stored though a later one is, is lost:
receipts come every second."""
MOST_MISSED = 4
"""A packet that is missed so often is given up: what is refused is never stored."""
NUDGE_S = 10.0
"""If no receipt has come for so long, s, the oldest packet is sent again to find out."""


@dataclass(slots=True)
class Message:
    """A message to publish.

    Attributes:
        topic: where.
        payload: what.
        due: device time at which it came to be, s: the buffer is bounded by it.
        span: boot, first sample and one past the last, if receipts are given for it.
        sent: whether it has been sent before.
        missed: how often a receipt has shown that it was not stored.
        acked_at: when the broker acknowledged it, s of the outbox's clock.
    """

    topic: str
    payload: bytes
    due: float
    span: tuple[str, int, int] | None = None
    sent: bool = False
    missed: int = 0
    acked_at: float = 0.0


class Outbox:
    """Queue and window of one device.

    Args:
        window: most messages unacknowledged at a time.
        capacity_s: span of device time that the buffer holds; older messages are dropped.
        clock: tells the time, s.

    Attributes:
        dropped: messages dropped so far because the buffer was full.
        acked: messages acknowledged so far.
        resent: packets sent again so far because no receipt came for them.
        given_up: packets for which none came in spite of that.
        confirms: whether a receipt has ever come.
    """

    def __init__(
        self, window: int, capacity_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.dropped = 0
        self.acked = 0
        self.resent = 0
        self.given_up = 0
        self.confirms = False
        self._window = window
        self._capacity_s = capacity_s
        self._clock = clock
        self._waiting: deque[Message] = deque()
        self._unacked: dict[int, Message] = {}
        self._kept: deque[Message] = deque()
        self._heard_at = 0.0
        self._mid = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._unacked)

    @property
    def waiting(self) -> int:
        """Messages that have not been sent, or are to be sent again."""
        return len(self._waiting)

    @property
    def unconfirmed(self) -> int:
        """Packets that the broker has, and that no receipt has named yet."""
        return len(self._kept) if self.confirms else 0

    @property
    def unheard_s(self) -> float:
        """How long there have been packets that the broker has, without any receipt, s."""
        if not self._kept:
            return 0.0
        return self._clock() - max(self._heard_at, self._kept[0].acked_at)

    @property
    def full(self) -> bool:
        """Whether a sender that can wait should do so."""
        return len(self) >= 2 * self._window

    def push(self, message: Message) -> None:
        """Add a message; drops the oldest waiting ones if they are too old to keep."""
        self._waiting.append(message)
        oldest = message.due - self._capacity_s
        while self._waiting[0].due < oldest:
            self._waiting.popleft()
            self.dropped += 1
        while self._kept and self._kept[0].due < oldest:
            self._kept.popleft()
            self.given_up += self.confirms

    def take(self) -> tuple[int, Message] | None:
        """Return the next message and its id, now unacknowledged; None if none may go now."""
        if not self._waiting or len(self._unacked) >= self._window:
            return None
        message = self._waiting.popleft()
        message.sent = True
        mid = self.next_mid()
        self._unacked[mid] = message
        return mid, message

    def next_mid(self) -> int:
        """Return a message id that is free."""
        while True:
            self._mid = self._mid % MAX_MID + 1
            if self._mid not in self._unacked:
                return self._mid

    def ack(self, mid: int) -> None:
        """Mark message ``mid`` as acknowledged; an unknown id is ignored."""
        message = self._unacked.pop(mid, None)
        if message is None:
            return
        self.acked += 1
        if message.span is not None:
            message.acked_at = self._clock()
            self._kept.append(message)

    def stored(self, boot: str, spans: Sequence[Sequence[int]]) -> None:
        """Take a receipt; what it shows to be lost waits again, before all else.

        Args:
            boot: power-up that the indices count from.
            spans: first sample and one past the last of what is stored.
        """
        self.confirms = True
        self._heard_at = self._clock()
        newest = max((span[1] for span in spans), default=0)

        def is_stored(message: Message) -> bool:
            if message.span is None or message.span[0] != boot:
                return False
            _, n0, n1 = message.span
            return any(first <= n0 and n1 <= end for first, end in spans)

        kept = self._kept
        while kept and is_stored(kept[0]):  # in order, most times, and all
            kept.popleft()
        if not kept and not self._waiting:
            return

        def is_lost(message: Message) -> bool:
            if message.span is None or message.span[0] != boot or message.span[2] > newest:
                return False
            return self._heard_at - message.acked_at > LOST_S

        left = [message for message in kept if not is_stored(message)]
        lost = [message for message in left if is_lost(message)]
        self._kept = deque(message for message in left if not is_lost(message))
        if any(message.sent for message in self._waiting):
            self._waiting = deque(one for one in self._waiting if not (one.sent and is_stored(one)))
        for message in lost:
            message.missed += 1
        self.given_up += sum(message.missed >= MOST_MISSED for message in lost)
        self._again([message for message in lost if message.missed < MOST_MISSED])

    def nudge(self) -> None:
        """Send the oldest packet again if no receipt has come for long; call it now and then."""
        if not self.confirms or not self._kept or len(self):
            return
        now = self._clock()
        if now - self._heard_at < NUDGE_S:
            return
        if now - self._kept[0].acked_at >= NUDGE_S:
            self._heard_at = now
            self._again([self._kept.popleft()])

    def requeue(self) -> None:
        """Put unacknowledged messages back in front, in order, after the connection was lost."""
        self._waiting.extendleft(reversed(self._unacked.values()))
        self._unacked.clear()

    def send_kept_again(self) -> None:
        """Send what no receipt has named once more: the broker of a new connection may lack it."""
        if self.confirms:
            self._again(list(self._kept))
            self._kept.clear()

    def _again(self, messages: list[Message]) -> None:
        self.resent += len(messages)
        self._waiting.extendleft(sorted(messages, key=lambda message: message.due, reverse=True))
