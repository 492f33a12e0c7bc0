"""The networks and measurements that beats go through, of many devices; or none of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.analyzer.labelling import Labelling, ReadyBeat, Verdict
from detector.delineation.stream import UNSEEN, Delineation, LabelledBeat, MeasuredAverage, PWave

UNLABELLED = Verdict("N", {}, None)


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
