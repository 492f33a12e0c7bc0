"""A log that somebody wants to flood stays short, and says how much was left out."""

from __future__ import annotations

import subprocess
import sys

from ecg_monitor.logs import AT_ONCE, LONGEST
from tests.support.waiting import PATIENCE_S, allowed_s

FLOOD = """
import logging
from ecg_monitor.logs import set_up
set_up("INFO")
log = logging.getLogger("part")
for number in range(5000):
    log.warning("refused a request of %s", number)
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("cannot judge a message on %s", number)
log.error("this matters")
log.error("%s", "x" * 1_000_000)
"""

LAST_WORDS = """
import logging
from ecg_monitor.logs import set_up
set_up("INFO")
log = logging.getLogger("part")
class Left:
    def __del__(self):
        log.error("found out at the very end")
left = Left()
left.itself = left
"""


def test_what_is_logged_while_the_interpreter_ends_does_not_hold_it_up() -> None:
    """Such as a failure of asyncio that nobody has read: a process hung there when stopped."""
    done = subprocess.run(
        [sys.executable, "-c", LAST_WORDS],
        capture_output=True,
        text=True,
        check=True,
        timeout=allowed_s(PATIENCE_S),
    )
    assert done.returncode == 0


def test_a_flood_is_counted_not_written() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FLOOD],
        capture_output=True,
        text=True,
        check=True,
        timeout=allowed_s(PATIENCE_S),
    )
    lines = done.stderr.splitlines()
    assert sum("refused a request of" in line for line in lines) == AT_ONCE + 1
    assert sum("Traceback" in line for line in lines) == AT_ONCE
    more = [line for line in lines if "more like this" in line]
    assert [line.split(": ", 1)[1].split(" within")[0] for line in more] == (
        2 * [f"{5000 - AT_ONCE} more like this"]
    )
    assert "this matters" in done.stderr
    assert max(map(len, lines)) < 2 * LONGEST


def test_libraries_tell_what_is_wrong_and_not_what_goes_well() -> None:
    said = (
        "import logging; from ecg_monitor.logs import CHATTY, set_up; set_up('INFO')\n"
        "for name in (*CHATTY, 'part'):\n"
        "    log = logging.getLogger(f'{name}.inner')\n"
        "    log.info('well'), log.warning('wrong')"
    )
    done = subprocess.run(
        [sys.executable, "-c", said],
        capture_output=True,
        text=True,
        timeout=allowed_s(PATIENCE_S),
        check=True,
    )
    assert done.stderr.count("well") == 1
    assert done.stderr.count("wrong") == 3
