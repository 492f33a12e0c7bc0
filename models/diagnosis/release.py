"""Released networks of twelve leads: an ONNX file each, and a manifest that it must match."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ecg_monitor.core.errors import SettingsError

FOLDER = Path(__file__).parent / "weights"
"""Where the released weights lie."""
FORMAT = 1
"""Version of inputs and outputs; a change makes older weights unusable."""
DEFAULT = "ecg-diagnosis"
"""The project's own network."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a network beside its weights.

    Attributes:
        name: under which it is asked for.
        version: of the weights.
        labels: names of its outputs, in their order.
        thresholds: probability from which a label counts as found, one per label.
        needs: standard leads without which it cannot answer; empty: any lead will do.
        training: data, split, seed, commit, settings, figures.
        sha256: of the ONNX file, in hex.
        format: `FORMAT`.
    """

    name: str
    version: int
    labels: tuple[str, ...]
    thresholds: tuple[float, ...]
    needs: tuple[str, ...]
    training: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""
    format: int = FORMAT


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of the networks whose weights lie in a folder."""
    return tuple(sorted(path.stem for path in folder.glob("*.onnx")))


def write(folder: Path, manifest: Manifest, network: bytes) -> Path:
    """Write ``NAME.onnx`` and ``NAME.json``; return the path of the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{manifest.name}.onnx").write_bytes(network)
    held = {**asdict(manifest), "sha256": hashlib.sha256(network).hexdigest()}
    path = folder / f"{manifest.name}.json"
    path.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")
    return path


def read(name: str = DEFAULT, folder: Path = FOLDER) -> tuple[Manifest, bytes]:
    """Read a network and check it against its manifest.

    Raises:
        SettingsError: there is no such network, or its files are missing, damaged or of another
            format.
    """
    known = names(folder)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known) or 'none'}"
        raise SettingsError(f"--model {name}: no weights in {folder}{hint}")
    path = folder / f"{name}.json"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held.get("format") != FORMAT:
            raise SettingsError(
                f"{path}: format {held.get('format')}, this version reads {FORMAT}; train again"
            )
        manifest = Manifest(
            **{**held, **{key: tuple(held[key]) for key in ("labels", "thresholds", "needs")}}
        )
        network = (folder / f"{name}.onnx").read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}; reinstall or train again") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path}: is not a manifest of weights ({error!r})") from error
    if hashlib.sha256(network).hexdigest() != manifest.sha256:
        raise SettingsError(
            f"{folder / name}.onnx: does not match the SHA-256 in {path.name}; "
            "it is damaged or of another release"
        )
    if not len(manifest.labels) == len(manifest.thresholds) > 0:
        raise SettingsError(f"{path}: must hold one threshold per label")
    return manifest, network
