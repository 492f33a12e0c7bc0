"""Released weights: ONNX files beside a manifest that describes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecg_monitor.core.errors import SettingsError

FORMAT = 1
"""Version of the inputs and outputs; a change makes older weights unusable."""
OWN = frozenset({"format", "file", "bytes", "sha256"})
"""Fields of a manifest that `write` adds."""
FOLDER = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class Release:
    """A verified model.

    Attributes:
        model: bytes of the ONNX file.
        manifest: what was written beside it.
    """

    model: bytes
    manifest: Mapping[str, Any]


def write(folder: Path, name: str, model: bytes, about: Mapping[str, Any]) -> Path:
    """Write ``name.onnx`` and ``name.json``; return the manifest's path.

    Args:
        folder: where to, made if missing.
        name: name of the model.
        model: bytes of the ONNX file.
        about: version, training settings, constants: goes into the manifest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(model)
    manifest = {
        "format": FORMAT,
        "file": f"{name}.onnx",
        "bytes": len(model),
        "sha256": hashlib.sha256(model).hexdigest(),
        **about,
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return path


def read(name: str, folder: Path = FOLDER) -> Release:
    """Read a model and check it against its manifest.

    Args:
        name: name of the model, ``live``.
        folder: where it lies.

    Raises:
        SettingsError: a file is missing or damaged, or of another format.
    """
    path = folder / f"{name}.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise SettingsError(
                f"{path}: format {manifest['format']}, this version reads {FORMAT}; train again"
            )
        model = (folder / str(manifest["file"])).read_bytes()
        expected = manifest["sha256"]
    except OSError as error:
        raise SettingsError(f"autoencoder weights: {error}; reinstall or train again") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path}: is not a manifest of weights ({error!r})") from error
    if hashlib.sha256(model).hexdigest() != expected:
        raise SettingsError(
            f"{folder / str(manifest['file'])}: does not match the SHA-256 in {path.name}; "
            "it is damaged or of another release"
        )
    return Release(model, manifest)
