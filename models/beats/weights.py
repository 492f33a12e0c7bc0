"""Released weights: an ONNX file, and a manifest that describes it and that it must match."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ecg_monitor.core.errors import SettingsError
from models.beats.columns import FEATURES

FOLDER = Path(__file__).parent / "weights"
"""Where the released weights lie."""
NETWORK, MANIFEST = "beats.onnx", "beats.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Verified weights.

    Attributes:
        network: serialised ONNX model.
        factors: what the probabilities of N, S, V, F are multiplied with before the largest wins.
        version: first 12 digits of the network's SHA-256.
        manifest: content of the manifest.
    """

    network: bytes
    factors: tuple[float, ...]
    version: str
    manifest: dict[str, Any]


def features_digest() -> str:
    """Digest of the names and order of the features, which weights are bound to."""
    return hashlib.sha256(repr(FEATURES).encode()).hexdigest()[:16]


def save(folder: Path, network: bytes, factors: tuple[float, ...], details: dict[str, Any]) -> None:
    """Write network and manifest; ``details`` (settings, figures) goes into the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {
        "format": FORMAT,
        "sha256": hashlib.sha256(network).hexdigest(),
        "features": features_digest(),
        "factors": list(factors),
        **details,
    }
    (folder / NETWORK).write_bytes(network)
    text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    (folder / MANIFEST).write_bytes(text + b"\n")


def load(folder: Path = FOLDER) -> Weights:
    """Read weights and check that they match the manifest.

    Raises:
        SettingsError: a file is missing or damaged, or was made for other features.
    """
    try:
        network = (folder / NETWORK).read_bytes()
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise SettingsError(
            f"beat weights: {error.filename} is missing; reinstall, or train them with "
            "`ecg-monitor train beats`"
        ) from error
    except orjson.JSONDecodeError as error:
        raise SettingsError(f"beat weights: {folder / MANIFEST} is no JSON: {error}") from error
    digest = hashlib.sha256(network).hexdigest()
    if manifest.get("format") != FORMAT:
        raise SettingsError(
            f"beat weights: {folder / MANIFEST} has format {manifest.get('format')}, not {FORMAT}"
        )
    if digest != manifest.get("sha256"):
        raise SettingsError(
            f"beat weights: {folder / NETWORK} has SHA-256 {digest[:12]}..., its manifest says "
            f"{str(manifest.get('sha256'))[:12]}...; the file is damaged or not the one released"
        )
    if manifest.get("features") != features_digest():
        raise SettingsError(
            f"beat weights: {folder} was trained on other features than this version makes; "
            "train anew with `ecg-monitor train beats`"
        )
    return Weights(network, tuple(manifest["factors"]), digest[:12], manifest)
