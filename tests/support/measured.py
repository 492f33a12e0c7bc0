"""What a bench measures: printed beside the load of the machine, and kept to be quoted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from workbench.results import figures


class Measured:
    """The figures of one bench, by title."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, Any]] = {}

    def say(self, title: str, **measured: Any) -> None:
        """Print figures with the load of the machine, and keep both."""
        load = os.getloadavg()[0]
        self._said[title] = {**measured, "load": round(load, 1)}
        text = "  ".join(f"{name} {value}" for name, value in measured.items())
        print(f"\n{title}: {text}  (load {load:.1f})", flush=True)

    def write(self) -> None:
        """Write what was said to the file that the environment variable FIGURES names, if any."""
        if path := os.environ.get("FIGURES"):
            figures.write(Path(path), self._said)
