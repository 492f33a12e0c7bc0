"""Pages in a real browser: waiting for what they show, and contexts that must raise no error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from tests.support.waiting import allowed_s

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PATIENCE_S = 60.0
"""Longest wait for what a page should show at once."""

POLL_MS = 50
"""Time between two looks at a page."""


def until(page: Page, condition: str, within_s: float | None = None) -> float:
    """Wait until a JavaScript expression is true; the page's own policy forbids it to poll.

    Args:
        page: where it is evaluated.
        condition: the expression.
        within_s: time limit, s; None: a generous one, longer on a machine that is busy.

    Returns:
        How long that took, s.
    """
    begin = monotonic()
    most_s = allowed_s(PATIENCE_S) if within_s is None else within_s
    while not page.evaluate(condition):
        assert monotonic() - begin < most_s, f"never became true: {condition}"
        page.wait_for_timeout(POLL_MS)
    return monotonic() - begin


_HOLD = """() => {
  if (window.releaseFrames) return false;
  const [draw, held] = [window.requestAnimationFrame, []];
  window.requestAnimationFrame = (frame) => held.push(frame);
  window.releaseFrames = () => {
    window.requestAnimationFrame = draw;
    delete window.releaseFrames;
    held.forEach((frame) => draw(frame));
  };
  return true;
}"""


@contextmanager
def still(*pages: Page) -> Iterator[None]:
    """Let pages draw nothing new meanwhile: drawing without a graphics card takes a whole core."""
    held = [page for page in pages if page.evaluate(_HOLD)]
    yield
    for page in held:
        page.evaluate("() => window.releaseFrames?.()")


@contextmanager
def flawless(browser: Browser, width: int, height: int, **options: Any) -> Iterator[BrowserContext]:
    """Open a context whose pages must raise no error, with a window of so many CSS pixels."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    errors: list[str] = []
    context.on("weberror", lambda raised: errors.append(str(raised.error)))
    yield context
    context.close()
    assert errors == []
