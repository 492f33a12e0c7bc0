"""What processes write to their logs: the same messages again and again are counted, not written.

Whoever sends what fails must not be able to fill a disk with it, nor hide among a thousand lines of
one kind the one line that matters.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import Final

FORMAT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
AT_ONCE: Final = 10
"""Messages of one kind (logger, level, text before its values, exception) written in `PERIOD_S`."""
PERIOD_S: Final = 10.0
LONGEST: Final = 8000
"""Characters of a message with its traceback; of a longer one the middle is left out."""

_Kind = tuple[str, int, str, str]


CHATTY = ("aiobotocore", "botocore")
"""Libraries that tell at INFO of what goes as it should; their warnings stay."""


def set_up(level: str) -> None:
    """Let this process write its log to standard error, from a level on."""
    handler = CountingHandler()
    handler.setFormatter(ShortFormatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler])
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


class ShortFormatter(logging.Formatter):
    """Writes messages that are not too long."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        text = super().format(record)
        if len(text) <= LONGEST:
            return text
        half = LONGEST // 2
        return f"{text[:half]} ... {len(text) - 2 * half} characters left out ... {text[-half:]}"


class CountingHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes the first messages of a kind, and how many more there were when a period is over."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[_Kind, int] = {}
        self._closed = threading.Event()
        # Started here and not by the first record: a record may come while the interpreter ends,
        # of what is only then found to have gone wrong, and then no thread starts any more.
        threading.Thread(target=self._end_periods, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it."""
        kind = _kind_of(record)
        count = self._counts.get(kind, 0) + 1
        self._counts[kind] = count
        if count <= AT_ONCE or record.levelno <= logging.DEBUG:
            super().emit(record)

    def end_period(self) -> None:
        """Write how many messages were counted, and begin anew."""
        with self.lock or contextlib.nullcontext():
            counts, self._counts = self._counts, {}
            for (name, level, text, _), count in counts.items():
                if count > AT_ONCE and level > logging.DEBUG:
                    more = count - AT_ONCE
                    said = f"{more} more like this within {PERIOD_S:g} s: {text[:200]}"
                    record = logging.LogRecord(name, level, "", 0, said, None, None)
                    super().emit(record)

    def close(self) -> None:
        """Write what was counted: the process ends."""
        self._closed.set()
        self.end_period()
        super().close()

    def _end_periods(self) -> None:
        while not self._closed.wait(PERIOD_S):
            self.end_period()


def _kind_of(record: logging.LogRecord) -> _Kind:
    raised = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
    return record.name, record.levelno, str(record.msg), raised
