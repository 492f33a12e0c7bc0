"""Values of a hash that is read every second: most are as they were, and are not read again."""

from __future__ import annotations

from collections.abc import Container, Mapping


class KnownTexts:
    """The values that have been taken, by device."""

    def __init__(self) -> None:
        self._texts: dict[bytes, bytes] = {}
        self._removed = 0

    def news(self, found: Mapping[bytes, bytes], removed: int) -> list[tuple[bytes, bytes]]:
        """Return the names and values of a hash that are new or have changed.

        Args:
            found: the whole hash.
            removed: how many beds have ever been removed: one that comes again is told everything.
        """
        known = self._texts
        if removed != self._removed:
            self._removed = removed
            known.clear()
        if len(known) > len(found):
            for name in known.keys() - found.keys():
                del known[name]
        return [(name, text) for name, text in found.items() if known.get(name) != text]

    def note(self, name: bytes, text: bytes, beds: Container[str]) -> None:
        """Take note that a value has been taken, if there is a bed that it could change."""
        if name.decode() in beds:
            self._texts[name] = text
