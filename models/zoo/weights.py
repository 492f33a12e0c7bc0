"""Weights of a network as a file: an ONNX graph that says what it is, and its manifest beside it.

The graph's own metadata name the network, its labels, its input and what it was trained on. The
manifest, a JSON file of the same name, repeats them with the SHA-256 of the graph.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import EcgMonitorError
from models.zoo.network import ROOT, Network

if TYPE_CHECKING:
    import onnxruntime

AT_ONCE = 512
"""Examples per run of the graph."""


class WeightsError(EcgMonitorError):
    """Weights are missing, damaged, or of another network or split."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A network that can be asked.

    Attributes:
        path: of the file.
        sha256: of its bytes.
        metadata: what the file says of itself.
        session: that runs it.
    """

    path: Path
    sha256: str
    metadata: Mapping[str, str]
    session: onnxruntime.InferenceSession

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the outputs, in order."""
        return tuple(json.loads(self.metadata["labels"]))

    @property
    def split(self) -> str:
        """The split whose training part they were made on."""
        return self.metadata.get("split", "")

    def answers(self, inputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return what the network says of inputs, shape (n, labels).

        Args:
            inputs: float32, shape (n, leads, samples).
        """
        parts = [
            self.session.run(None, {"signal": np.ascontiguousarray(inputs[at : at + AT_ONCE])})[0]
            for at in range(0, len(inputs), AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.labels)), np.float32)


def write(path: Path, model: bytes, metadata: Mapping[str, str]) -> None:
    """Write a graph and its manifest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model)
    manifest = {
        "file": path.name,
        "bytes": len(model),
        "sha256": hashlib.sha256(model).hexdigest(),
        **metadata,
    }
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    path.with_suffix(".json").write_text(text, encoding="utf-8")


def released(network: Network, split: str) -> Path:
    """Return the file of a network's released weights.

    Args:
        network: whose.
        split: that they were trained on; empty: the default.

    Raises:
        WeightsError: none are shipped for it.
    """
    chosen = network.weights.get(split or next(iter(network.weights), ""))
    if chosen is None:
        there = ", ".join(network.weights) or "none"
        raise WeightsError(
            "{name}: no weights are shipped for the split {split} (there are: {there}); train it, "
            "then --weights FILE",
            name=network.name,
            split=split or "(any)",
            there=there,
        )
    return ROOT / chosen


def load(path: Path, network: Network) -> Weights:
    """Read weights and make them ready to be asked.

    Args:
        path: the ONNX file; a manifest beside it is checked if it is there.
        network: whose they should be.

    Raises:
        WeightsError: the file is missing, damaged, or of another network.
    """
    import onnxruntime  # noqa: PLC0415  # takes a while to load

    try:
        model = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            "{path}: {error}", path=path, error=error.strerror or "cannot be read"
        ) from error
    sha256 = hashlib.sha256(model).hexdigest()
    manifest = path.with_suffix(".json")
    if manifest.is_file() and _manifest(manifest).get("sha256") != sha256:
        raise WeightsError(
            "{path}: does not match the SHA-256 in {name}; it is damaged or of another release",
            path=path,
            name=manifest.name,
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001, RUF100  # a dozen classes of the runtime's own
        raise WeightsError("{path}: is no network in ONNX", path=path) from error
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    found = metadata.get("network")
    if found != network.name or "labels" not in metadata:
        raise WeightsError(
            "{path}: holds the network {found}, not {name}",
            path=path,
            found=found or "of some other program",
            name=network.name,
        )
    return Weights(path, sha256, metadata, session)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsError("{path}: is not a manifest of weights", path=path) from error
    return found
