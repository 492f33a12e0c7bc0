"""Pages in a real browser: waiting for what they show, and contexts that must raise no error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from tests.support.waiting import allowed_s

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

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
    while not _holds(page, condition):
        assert monotonic() - begin < most_s, f"never became true: {condition}"
        page.wait_for_timeout(POLL_MS)
    return monotonic() - begin


def _holds(page: Page, condition: str) -> bool:
    """Return whether a condition holds; it does not while one page gives way to the next."""
    from playwright.sync_api import Error

    try:
        return bool(page.evaluate(condition))
    except Error as error:
        if _GIVES_WAY not in error.message:
            raise
        return False


_GIVES_WAY = "Execution context was destroyed"
"""What Playwright says of a look that a navigation has cut short."""

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
    try:
        yield
    finally:
        for page in held:
            page.evaluate("() => window.releaseFrames?.()")


def lasting(page: Page, faults: str, argument: Any = None, within_s: float = 20.0) -> list[Any]:
    """What is wrong with a page once it has come to rest; a busy machine takes a while.

    Args:
        page: where it is looked for.
        faults: a JavaScript function that lists what is wrong.
        argument: what the function is given.
        within_s: time limit, s, for the list to become empty; longer on a machine that is busy.
    """
    end = monotonic() + allowed_s(within_s)
    while (found := page.evaluate(faults, argument)) and monotonic() < end:
        page.wait_for_timeout(4 * POLL_MS)
    return list(found)


@contextmanager
def flawless(browser: Browser, width: int, height: int, **options: Any) -> Iterator[BrowserContext]:
    """Open a context whose pages must raise no error, with a window of so many CSS pixels."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    errors: list[str] = []
    context.on("weberror", lambda raised: errors.append(str(raised.error)))
    try:
        yield context
    finally:
        context.close()  # pages that nobody looks at any more keep a busy machine busy
    assert errors == []


_SAY = """() => [location.pathname, document.hasFocus(),
  document.activeElement?.outerHTML.slice(0, 300),
  [...document.querySelectorAll("dialog[open]")].map((one) => one.outerHTML)]"""
"""What a page shows whose request did not come: where the focus is, and which dialogs are open."""


class Held:
    """Requests of a page that wait until they are let through."""

    def __init__(self, page: Page, address: str) -> None:
        """Hold back what the page asks of an address.

        Args:
            page: whose requests they are.
            address: as Playwright's `route` takes it.
        """
        self.count = 0
        self._page = page
        self._waiting: list[Route] | None = []
        page.route(address, self._hold)

    def _hold(self, route: Route) -> None:
        self.count += 1
        if self._waiting is None:
            route.continue_()
        else:
            self._waiting.append(route)

    def arrived(self, number: int = 1) -> None:
        """Wait until so many requests are held."""
        end = monotonic() + allowed_s(PATIENCE_S)
        while len(self._waiting or ()) < number:
            assert monotonic() < end, f"{number} requests never came: {self._page.evaluate(_SAY)}"
            self._page.wait_for_timeout(POLL_MS)

    def take(self, which: int = 0) -> Route:
        """Return a request that is held, oldest first, to be answered."""
        assert self._waiting, "a request is held"
        return self._waiting.pop(which)

    def let_through(self, which: int = 0) -> None:
        """Let a request through, oldest first."""
        self.take(which).continue_()

    def end(self) -> None:
        """Let through what is held, and all that comes."""
        waiting, self._waiting = self._waiting or [], None
        for route in waiting:
            route.continue_()


@contextmanager
def held(page: Page, address: str) -> Iterator[Held]:
    """Hold back what a page asks of an address; at the end all is let through."""
    one = Held(page, address)
    try:
        yield one
    finally:
        one.end()
