"""What waits to be sent to one client, bounded, so that a slow client costs nobody else.

Three kinds wait apart. *States* (a bed's description, numbers, alarms) replace what they make
out of date. *Beats* and *frames* of samples are dropped oldest first: a client that cannot keep
up sees a gap, which the sample indices tell it about, and then the newest data.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

MAX_FRAME_BYTES = 4 * 1024 * 1024
"""About half a minute of 64 beds with two leads of 500 Hz."""
MAX_BEATS = 2048
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
    """

    wake: Callable[[], None]
    max_frame_bytes: int = MAX_FRAME_BYTES
    dropped: int = 0
    _states: dict[tuple[str, int], bytes] = field(default_factory=dict)
    _frames: deque[bytes] = field(default_factory=deque)
    _frame_bytes: int = 0
    _beats: deque[bytes] = field(default_factory=deque)
    _beats_turn: bool = False

    def put_state(self, kind: str, subject: int, text: bytes) -> None:
        """Put in a JSON text that replaces the waiting one of the same kind and subject."""
        self._states[kind, subject] = text
        self.wake()

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

    def put_frame(self, packed: bytes) -> None:
        """Put in one packed frame of samples."""
        self._frames.append(packed)
        self._frame_bytes += len(packed)
        while self._frame_bytes > self.max_frame_bytes:
            self._frame_bytes -= len(self._frames.popleft())
            self.dropped += 1
        self.wake()

    def next_message(self) -> str | bytes | None:
        """Take out one websocket message, None if nothing waits: texts are JSON lists.

        States come first, since frames and beats refer to the beds that they describe; then frames
        and beats by turns. What is not taken out goes on to be bounded and replaced, so that a
        client that does not read costs no more than this one message beside its queue.
        """
        if self._states:
            message: str | bytes = _json_list(self._states.values())
            self._states.clear()
        elif self._frames and not (self._beats_turn and self._beats):
            self._beats_turn = True
            message = self._joined_frames()
        elif self._beats:
            self._beats_turn = False
            message = _json_list(self._beats)
            self._beats.clear()
        else:
            return None
        return message

    def take(self) -> list[str | bytes]:
        """Take out everything."""
        return list(iter(self.next_message, None))

    def _joined_frames(self) -> bytes:
        batch = [self._frames.popleft()]
        size = len(batch[0])
        while self._frames and size + len(self._frames[0]) <= MESSAGE_BYTES:
            size += len(self._frames[0])
            batch.append(self._frames.popleft())
        self._frame_bytes -= size
        return b"".join(batch)


def _json_list(texts: Iterable[bytes]) -> str:
    return (b"[" + b",".join(texts) + b"]").decode()
