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

    def put_state(self, kind: str, subject: int, text: bytes) -> None:
        """Put in a JSON text that replaces the waiting one of the same kind and subject."""
        self._states[kind, subject] = text
        self.wake()

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

    def take(self) -> list[str | bytes]:
        """Take out everything as websocket messages: texts are JSON lists, frames are bytes.

        States come first, since frames and beats refer to the beds that they describe.
        """
        messages: list[str | bytes] = []
        if self._states:
            messages.append(_json_list(self._states.values()))
            self._states.clear()
        messages += self._take_frames()
        if self._beats:
            messages.append(_json_list(self._beats))
            self._beats.clear()
        return messages

    def _take_frames(self) -> list[bytes]:
        messages: list[bytes] = []
        batch: list[bytes] = []
        size = 0
        for packed in self._frames:
            if batch and size + len(packed) > MESSAGE_BYTES:
                messages.append(b"".join(batch))
                batch, size = [], 0
            batch.append(packed)
            size += len(packed)
        if batch:
            messages.append(b"".join(batch))
        self._frames.clear()
        self._frame_bytes = 0
        return messages


def _json_list(texts: Iterable[bytes]) -> str:
    return (b"[" + b",".join(texts) + b"]").decode()
