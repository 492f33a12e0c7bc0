"""Whose word about a browser's address counts: that of the proxies that we trust, and no other's.

Whoever guesses passwords would otherwise choose an address anew for each attempt, and whoever sits
behind the proxy would share one count of failures with all others there.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from ecg_monitor.core.errors import SettingsError

log = logging.getLogger(__name__)

LOOK_UP_EVERY_S = 10.0
"""Least time between two look-ups of the proxies' names, s: a container that starts anew may get
another address."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_FORWARDED = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_BY", "HTTP_FORWARDED",
)  # fmt: skip


class TrustedProxies:
    """The proxies that are trusted; its methods may be called by any thread.

    Args:
        text: addresses, networks (``10.0.0.0/8``) or host names, separated by commas; empty: none.

    Raises:
        SettingsError: the text is malformed.
    """

    def __init__(self, text: str) -> None:
        words = [word.strip() for word in text.split(",") if word.strip()]
        self._networks: list[Network] = []
        self._names: list[str] = []
        for word in words:
            try:
                self._networks.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                if not all(c.isalnum() or c in ".-_" for c in word):
                    raise SettingsError(
                        "ECG_TRUSTED_PROXY must be addresses, networks or host names, separated "
                        f"by commas; got {word!r}"
                    ) from None
                self._names.append(word)
        self._found: frozenset[str] = frozenset()
        self._looked_at = float("-inf")
        self._looking = threading.Lock()

    def trusts(self, address: str) -> bool:
        """Return whether a connection from this address comes from a trusted proxy."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        if any(parsed in network for network in self._networks):
            return True
        return bool(self._names) and (address in self._found or address in self._look_up())

    def browser_of(self, peer: str, forwarded_for: str) -> str:
        """Return the address of the browser behind a connection.

        Args:
            peer: address of the connection.
            forwarded_for: header ``X-Forwarded-For``. Its last entry is the proxy's own word; all
                before it may have been made up by the browser.
        """
        last = forwarded_for.rsplit(",", 1)[-1].strip().removeprefix("[").rstrip("]")
        if not last or not self.trusts(peer):
            return peer
        try:
            return str(ipaddress.ip_address(last))
        except ValueError:
            return peer

    def behind(self, application: Callable[..., Any]) -> Callable[..., Any]:
        """Return a WSGI application that sees the browsers' addresses, and no word of others."""

        def forwarded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            words = environ.get("HTTP_X_FORWARDED_FOR", "")
            peer = environ.get("REMOTE_ADDR", "")
            environ["REMOTE_ADDR"] = self.browser_of(peer, words)
            for name in _FORWARDED:
                environ.pop(name, None)
            answer: Iterable[bytes] = application(environ, start_response)
            return answer

        return forwarded

    def _look_up(self) -> frozenset[str]:
        """Return the addresses of the names, looked up anew unless that was a moment ago."""
        with self._looking:
            if time.monotonic() - self._looked_at >= LOOK_UP_EVERY_S:
                found: set[str] = set()
                for name in self._names:
                    try:
                        found.update(str(info[4][0]) for info in socket.getaddrinfo(name, None))
                    except OSError as error:
                        log.warning("cannot look up the proxy %s: %s", name, error)
                self._found = frozenset(found)
                self._looked_at = time.monotonic()
            return self._found
