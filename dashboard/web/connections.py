"""The web server's connections, bounded, so that nobody can hold the door shut.

waitress stops accepting when it has enough connections, and lets one that sends nothing stay for
two minutes. Here a newcomer always gets in: a connection over which nothing is being answered gives
way, first one of whoever has most of them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

MOST = 400
"""Connections at once: browsers keep up to six of them open, and processes usually may have 1024
files."""
MOST_PER_ADDRESS = 64
"""Connections of one address over which nothing is being answered: all browsers of a ward may share
one address."""
REQUEST_S = 15.0
"""Longest time for a request to arrive whole, s; the largest is a megabyte."""
IDLE_S = 30.0
"""A connection over which nothing has gone for so long ends, s; browsers open another."""
CLEAN_EVERY_S = 1


class BoundedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when it has been receiving a request."""

    request_began: float | None = None

    def received(self, data: bytes) -> bool:
        """Take what has arrived."""
        taken: bool = super().received(data)
        if self.request is None:
            self.request_began = None
        elif self.request_began is None:
            self.request_began = time.time()
        return taken

    @property
    def waits(self) -> bool:
        """Whether nothing is being answered over it."""
        return not self.requests and not self.total_outbufs_len

    def is_over(self, now: float) -> bool:
        """Whether its time is up at Unix time ``now``, s."""
        if self.requests:
            return False
        if self.request_began is not None and now - self.request_began > REQUEST_S:
            return True
        return bool(now - self.last_activity > IDLE_S)


class BoundedServer(TcpWSGIServer):  # type: ignore[misc]
    """A server that always accepts."""

    channel_class = BoundedChannel
    next_channel_cleanup: float = 0.0

    def readable(self) -> bool:
        """Return whether it accepts; look after the connections now and then."""
        now = time.time()
        if now >= self.next_channel_cleanup:
            self.next_channel_cleanup = now + CLEAN_EVERY_S
            self.maintenance(now)
        return bool(self.accepting)

    def maintenance(self, now: float) -> None:
        """Close connections whose time is up."""
        for channel in list(self.active_channels.values()):
            if channel.is_over(now):
                channel.handle_close()

    def handle_accept(self) -> None:
        """Accept a connection; another one gives way if there are too many."""
        super().handle_accept()
        channels = list(self.active_channels.values())
        if not channels:
            return
        newest = channels[-1]
        own = [one for one in channels if one.waits and one.addr[0] == newest.addr[0]]
        if len(own) > MOST_PER_ADDRESS:
            _oldest(own).handle_close()
        elif len(channels) > MOST:
            _give_way(channels).handle_close()


def _give_way(channels: list[BoundedChannel]) -> BoundedChannel:
    """Return the connection that ends: the oldest of whoever has most; else the newest."""
    counts = Counter(one.addr[0] for one in channels if one.waits)
    if not counts:
        return channels[-1]
    ((address, _),) = counts.most_common(1)
    return _oldest([one for one in channels if one.waits and one.addr[0] == address])


def _oldest(channels: list[BoundedChannel]) -> BoundedChannel:
    """Return the one over which nothing whole has come for longest."""
    return min(channels, key=lambda one: one.request_began or one.last_activity)


def create(application: Callable[..., Any], **adjustments: Any) -> BoundedServer:
    """Return a server that is ready to run; with several addresses, it runs all of them.

    Args:
        application: WSGI application.
        adjustments: waitress's settings.

    Raises:
        OSError: an address cannot be bound.
    """
    settings = Adjustments(asyncore_use_poll=True, connection_limit=2**31, **adjustments)
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(settings.threads)
    sockets: dict[int, Any] = {}
    servers = [
        BoundedServer(application, sockets, dispatcher=dispatcher, adj=settings, sockinfo=address)
        for address in settings.listen
    ]
    return servers[0]
