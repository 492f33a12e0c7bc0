"""What waits to be sent to one client, bounded, so that a slow client costs nobody else.

Three kinds wait apart. *States* (a bed's description, numbers, alarms) replace what they make
out of date. *Beats* and *frames* of samples are dropped oldest first: a client that cannot keep
up sees a gap, which the sample indices tell it about, and then the newest data.

Samples give way to alarms. They are bounded by age as well as by bytes, and none is sent while the
client tells (see `dashboard.hub.requests.Ping`) that what reaches it is late: whatever lies on the
way comes before the next alarm, and only who receives it knows how much that is.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson

from dashboard.hub import frames

MAX_FRAME_BYTES = 4 * 1024 * 1024
"""About half a minute of 64 beds with two leads of 500 Hz."""
FRESH_S = 2.0
"""Samples that have waited for longer are not worth sending: they would be shown as live, s."""
PAST_S = 10.0
"""The same of samples from memory, which fill a page that opens, s."""
BEHIND_S = 2.0
"""No samples are sent to a client that last told so long ago, s, what it has seen, or had seen
nothing newer: it tells every second, so that a message is about a second on its way then."""
MAX_BEATS = 2048
FEW_BEATS = 64
"""No more beats go with states: an alarm does not wait for those that a slow client has left."""
OF_A_BED = frozenset({"bed", "alarms", "vitals", "measurement", "gone"})
"""Kinds of states whose subject is the index of a bed."""
MESSAGE_BYTES = 64 * 1024
"""Frames are joined into messages of about this size: fewer wake-ups on both sides."""


@dataclass(slots=True)
class Outbox:
    """Bounded queue of one client.

    Attributes:
        wake: called whenever something has been put in.
        max_frame_bytes: most bytes of samples that wait.
        dropped: frames and beat messages dropped so far.
        seen: date of the newest message that has reached the client, Unix s, as it told; infinite
            while it tells nothing.
    """

    wake: Callable[[], None]
    max_frame_bytes: int = MAX_FRAME_BYTES
    dropped: int = 0
    seen: float = math.inf
    _states: dict[tuple[str, int], bytes] = field(default_factory=dict)
    _frames: deque[tuple[float, bytes]] = field(default_factory=deque)
    _frame_bytes: int = 0
    _beats: deque[bytes] = field(default_factory=deque)
    _beats_turn: bool = False

    def put_state(self, kind: str, subject: int, text: bytes) -> None:
        """Put in a JSON text that replaces the waiting one of the same kind and subject."""
        self._states[kind, subject] = text
        self.wake()

    def answer(self, text: bytes, seen: float) -> None:
        """Put in the answer to a client that has told the date of what it has seen, Unix s."""
        self.seen = seen
        self.put_state("pong", 0, text)

    def forget_states(self, subject: int) -> None:
        """Take out the states of a subject that is no more: they may not come after its end."""
        for key in [key for key in self._states if key[1] == subject and key[0] in OF_A_BED]:
            del self._states[key]

    def put_beats(self, text: bytes) -> None:
        """Put in a JSON text about new beats."""
        self._beats.append(text)
        if len(self._beats) > MAX_BEATS:
            self._beats.popleft()
            self.dropped += 1
        self.wake()

    def put_frame(self, packed: bytes, until: float = math.inf) -> None:
        """Put in one packed frame of samples, to be sent before Unix time ``until`` or never."""
        self._frames.append((until, packed))
        self._frame_bytes += len(packed)
        while self._frame_bytes > self.max_frame_bytes:
            self._drop_frame()
        self.wake()

    def next_message(self, now: float) -> str | bytes | None:
        """Take out one websocket message, None if nothing waits: texts are JSON lists.

        States come first, since frames and beats refer to the beds that they describe, and with
        them a few beats; then frames and beats by turns. What is not taken out goes on to be
        bounded and replaced, so that a client that does not read costs no more than this one
        message beside its queue.

        Args:
            now: Unix time, s.
        """
        while self._frames and self._frames[0][0] < now:
            self._drop_frame()
        if self._states:
            texts = [*self._states.values()]
            self._states.clear()
            if len(self._beats) <= FEW_BEATS:
                texts += self._beats
                self._beats.clear()
            message: str | bytes = _json_list(texts)
        elif self._frames and not self.is_behind(now) and not (self._beats_turn and self._beats):
            self._beats_turn = True
            message = self._joined_frames()
        elif self._beats:
            self._beats_turn = False
            message = _json_list(self._beats)
            self._beats.clear()
        else:
            return None
        return message

    def is_behind(self, now: float) -> bool:
        """Whether what reaches the client is so late that samples have to wait; Unix s."""
        return now - self.seen > BEHIND_S

    def take(self, now: float = 0.0) -> list[str | bytes]:
        """Take out everything that may be sent at Unix time ``now``, s."""
        return list(iter(lambda: self.next_message(now), None))

    def _drop_frame(self) -> None:
        self._frame_bytes -= len(self._frames.popleft()[1])
        self.dropped += 1

    def _joined_frames(self) -> bytes:
        batch = [self._frames.popleft()[1]]
        size = len(batch[0])
        while self._frames and size + len(self._frames[0][1]) <= MESSAGE_BYTES:
            batch.append(self._frames.popleft()[1])
            size += len(batch[-1])
        self._frame_bytes -= size
        return b"".join(batch)


def dated(message: str | bytes, now: float, dropped: int) -> str | bytes:
    """Return a message with the hub's clock ahead of it, by which a page knows how late it is.

    Args:
        message: JSON list or frames.
        now: Unix time, s.
        dropped: frames and beat messages that the client was too slow for so far.
    """
    if isinstance(message, bytes):
        return frames.date(now) + message
    text = orjson.dumps({"t": "sent", "now": now, "dropped": dropped}).decode()
    return f"[{text},{message[1:]}"


def _json_list(texts: Iterable[bytes]) -> str:
    return (b"[" + b",".join(texts) + b"]").decode()
