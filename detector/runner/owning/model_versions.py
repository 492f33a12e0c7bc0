"""Which networks this detector runs: the first 12 digits of the SHA-256 of each one's file."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

_FILES = {
    "qrs": ("detector.engine.qrs", "weights.py"),
    "beats": ("models.beats", "weights/beats.onnx"),
    "autoencoder": ("models.autoencoder", "weights/live.onnx"),
}


@cache
def model_versions() -> dict[str, str]:
    """Return the versions by the network's name."""
    return {
        name: hashlib.sha256(files(package).joinpath(path).read_bytes()).hexdigest()[:12]
        for name, (package, path) in _FILES.items()
    }
