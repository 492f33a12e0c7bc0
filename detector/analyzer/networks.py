"""What the signals of many devices go through: engine, networks, measurements; or no networks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.analyzer.labelling import Labelling, ReadyBeat, Verdict
from detector.analyzer.signature import Signature
from detector.analyzer.stream import Stream
from detector.delineation.stream import UNSEEN, Delineation, LabelledBeat, MeasuredAverage, PWave
from detector.engine.engine import Engine
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.errors import CheckpointError

UNLABELLED = Verdict("N", {}, None)
_VERSION = codec.version(Signature, Stream)


class Networks:
    """Labels beats and measures their waves; a device has a slot in either.

    Args:
        labelling: what labels beats.
    """

    def __init__(self, labelling: Labelling) -> None:
        self._labelling = labelling
        self._delineation = Delineation()

    def add(self, n_leads: int) -> tuple[int, int]:
        """Make room for a device; return its slots, for labels and for waves."""
        return self._labelling.add(n_leads), self._delineation.add(n_leads)

    def remove(self, labels: int, waves: int) -> None:
        """Give a device's slots back."""
        self._labelling.remove(labels)
        self._delineation.remove(waves)

    def forget_labels(self, labels: int, n_leads: int) -> int:
        """Drop what the labels have learnt of a device's patient; return the slot from now on."""
        self._labelling.remove(labels)
        return self._labelling.add(n_leads)

    def save(self, labels: int, waves: int) -> dict[str, Any]:
        """Return a device's parts of a checkpoint."""
        return {"labels": self._labelling.save(labels), "waves": self._delineation.save(waves)}

    def load(self, labels: int, waves: int, state: dict[str, Any]) -> None:
        """Put a device's parts of a checkpoint back.

        Raises:
            CheckpointError: they come from another version, or are damaged.
            KeyError: one is missing.
        """
        self._labelling.load(labels, state["labels"])
        self._delineation.load(waves, state["waves"])

    def label(
        self, beats: Iterable[ReadyBeat], windows: npt.NDArray[np.float32]
    ) -> Sequence[Verdict]:
        """Label beats as `Labelling.label` does."""
        return self._labelling.label(list(beats), windows)

    def measure(
        self, beats: Iterable[LabelledBeat], strips: npt.NDArray[np.float32]
    ) -> Sequence[tuple[PWave, MeasuredAverage | None]]:
        """Measure the waves of beats as `Delineation.take` does."""
        return self._delineation.take(list(beats), strips)

    def finish(self, waves: int) -> MeasuredAverage | None:
        """Return what a device's average has shown: its signal breaks off."""
        return self._delineation.finish(waves)


class NoNetworks(Networks):
    """Calls every beat N and measures nothing, to look at the engine alone."""

    def __init__(self) -> None:
        pass

    def add(self, n_leads: int) -> tuple[int, int]:  # noqa: ARG002 (as of `Networks`)
        """Return slots of which nothing is kept."""
        return 0, 0

    def remove(self, labels: int, waves: int) -> None:
        """Do nothing."""

    def forget_labels(self, labels: int, n_leads: int) -> int:  # noqa: ARG002
        """Return the same slot."""
        return labels

    def save(self, labels: int, waves: int) -> dict[str, Any]:  # noqa: ARG002
        """Return empty parts."""
        return {"labels": None, "waves": None}

    def load(self, labels: int, waves: int, state: dict[str, Any]) -> None:
        """Do nothing."""

    def label(
        self,
        beats: Iterable[ReadyBeat],  # noqa: ARG002
        windows: npt.NDArray[np.float32],
    ) -> Sequence[Verdict]:
        """Call every beat N."""
        return [UNLABELLED] * len(windows)

    def measure(
        self,
        beats: Iterable[LabelledBeat],
        strips: npt.NDArray[np.float32],  # noqa: ARG002
    ) -> Sequence[tuple[PWave, MeasuredAverage | None]]:
        """Measure nothing."""
        return [(UNSEEN, None) for _ in beats]

    def finish(self, waves: int) -> None:
        """Measure nothing."""


@dataclass(slots=True)
class Apparatus:
    """What analyzers that are fed together share: samples of all their devices go in one call.

    Attributes:
        networks: label beats and measure their waves.
        engine: advances the signals.
        streams: by their slots in the engine.
    """

    networks: Networks = field(default_factory=lambda: Networks(Labelling()))
    engine: Engine = field(default_factory=Engine)
    streams: dict[int, Stream] = field(default_factory=dict)

    def release(self, stream: Stream) -> None:
        """Give the slots of a stream back."""
        del self.streams[stream.slot]
        self.engine.remove(stream.slot)
        self.networks.remove(stream.labels, stream.waves)

    def save(self, stream: Stream) -> bytes:
        """Return a checkpoint of one stream."""
        return codec.packed(
            {
                "version": _VERSION,
                "signature": codec.save(stream.signature),
                "stream": codec.save(stream),
                "engine": self.engine.save(stream.slot),
                **self.networks.save(stream.labels, stream.waves),
            }
        )

    def load(self, stream: Stream, state: dict[str, Any]) -> None:
        """Put the parts of a checkpoint, as of `read`, back into a stream of its signature.

        Raises:
            CheckpointError: they come from another version, or are damaged.
            KeyError: one is missing.
        """
        codec.restore(stream, state["stream"])
        self.engine.load(stream.slot, state["engine"])
        self.networks.load(stream.labels, stream.waves, state)


def read(device: str, saved: bytes) -> tuple[Signature, dict[str, Any]]:
    """Return what a stream looks like by its checkpoint of `Apparatus.save`, and its parts.

    Raises:
        CheckpointError: it comes from another version, or is damaged.
    """
    try:
        state: dict[str, Any] = codec.opened(saved)
        if state["version"] != _VERSION:
            raise CheckpointError(f"{device}: checkpoint of another version")
        return codec.make(Signature, state["signature"]), state
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{device}: damaged checkpoint: {error}") from error
