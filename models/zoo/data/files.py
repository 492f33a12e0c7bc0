"""What was read, in sixteen digits, for the metadata of what is made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path]) -> str:
    """Return the first 16 hexadecimal digits of a SHA-256 over the names and sizes of files."""
    listing = "\n".join(f"{path.name} {path.stat().st_size}" for path in sorted(files))
    return hashlib.sha256(listing.encode()).hexdigest()[:16]
