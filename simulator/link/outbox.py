"""Queue of messages that a device has still to send, with a window of unacknowledged ones.

Pure bookkeeping, no I/O. Messages leave in the order in which they came. After a lost connection
those that were not acknowledged go out again, in order, before newer ones.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from simulator.link.mqtt_codec import MAX_MID


@dataclass(frozen=True, slots=True)
class Message:
    """A message to publish.

    Attributes:
        topic: where.
        payload: what.
        due: device time at which it came to be, s: the buffer is bounded by it.
    """

    topic: str
    payload: bytes
    due: float


class Outbox:
    """Queue and window of one device.

    Args:
        window: most messages unacknowledged at a time.
        capacity_s: span of device time that the buffer holds; older messages are dropped.

    Attributes:
        dropped: messages dropped so far because the buffer was full.
        acked: messages acknowledged so far.
    """

    def __init__(self, window: int, capacity_s: float) -> None:
        self.dropped = 0
        self.acked = 0
        self._window = window
        self._capacity_s = capacity_s
        self._waiting: deque[Message] = deque()
        self._unacked: dict[int, Message] = {}
        self._mid = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._unacked)

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

    def take(self) -> tuple[int, Message] | None:
        """Return the next message and its id, now unacknowledged; None if none may go now."""
        if not self._waiting or len(self._unacked) >= self._window:
            return None
        message = self._waiting.popleft()
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
        if self._unacked.pop(mid, None) is not None:
            self.acked += 1

    def requeue(self) -> None:
        """Put unacknowledged messages back in front, in order, after the connection was lost."""
        self._waiting.extendleft(reversed(self._unacked.values()))
        self._unacked.clear()
