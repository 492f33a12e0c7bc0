"""Labels beats live: features, network and the joining of leads in one call per tick.

::

    labeller = BeatLabeller()
    slot = labeller.add(n_leads=2)
    ...
    verdicts = labeller.label(slots, windows, usable, peaks, before, after)
    verdicts.labels(), verdicts.probabilities
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import onnxruntime as ort  # type: ignore[import-untyped]

from ecg_monitor.core.errors import CheckpointError
from ecg_monitor.core.types import BeatLabel
from models.beats import graph
from models.beats.columns import FEATURES, N_FEATURES
from models.beats.context import BeatContexts, Floats, Indices
from models.beats.dataset import CLASSES
from models.beats.features.state import PRE, WINDOW
from models.beats.forest import Forest
from models.beats.quality import unclassifiable
from models.beats.weights import Weights, load

BATCH = 16
"""Beats per run of the network; the ONNX file has this size built in."""
LEADS_USED = 2
"""Leads that are classified per device: the first ones. More cost time and gained nothing."""
DECIDE_AFTER = 350
"""Samples at 250 Hz after the R peak (1.4 s) at which a beat is to be labelled."""
_V, _Q = CLASSES.index("V"), CLASSES.index("Q")
_UNKNOWN = 0.5
"""Probability of a lead's being unclassifiable above which it is taken to be."""
_QRS_LIKENESS = FEATURES.index("qrs_corr")
_QRS_REPEATS = FEATURES.index("last_corr")


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """Labels of some beats.

    Attributes:
        probabilities: of N, S, V, F, Q; calibrated, float32, shape (n, 5), rows sum to 1.
        classes: index of the label in `dataset.CLASSES`, shape (n,). It is not always the most
            probable class: rare ones are preferred where that pays on the whole.
        looks: how each beat looks on the leads that can be classified (see `looks_of`), float32,
            shape (n, 3), nan where none can; of `BeatClassifier.decide`, which sees no beats,
            shape (0, 3).
    """

    probabilities: Floats
    classes: Indices
    looks: Floats = field(default_factory=lambda: np.zeros((0, 3), np.float32))

    def labels(self) -> list[BeatLabel]:
        """Labels of the beats."""
        return [CLASSES[index] for index in self.classes.tolist()]


class BeatClassifier:
    """The network and its decision rule; without state."""

    def __init__(self, weights: Weights | None = None) -> None:
        self.weights = load() if weights is None else weights
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        parts = graph.split(self.weights.network, BATCH)
        self._session = ort.InferenceSession(
            parts.network, options, providers=["CPUExecutionProvider"]
        )
        self._forest = Forest.of(parts.ensembles)
        self._log_factors = np.log(np.array(self.weights.factors, np.float32))
        self._features = np.zeros((BATCH, N_FEATURES), np.float32)
        self._sums = {name: np.zeros((BATCH, 1), np.float32) for name in parts.inputs}
        self._feeds = {"features": self._features, **self._sums}

    def log_probabilities(self, features: Floats) -> Floats:
        """Return calibrated log probabilities of N, S, V, F on one lead, shape (n, 4).

        The trees are run for all beats at once, each by itself; the rest of the network on batches
        of one size, filled up with what was there before. So a beat's result does not depend on
        the beats beside it.
        """
        n = len(features)
        out = np.empty((n, 4), np.float32)
        sums = self._forest.sums(features)
        for start in range(0, n, BATCH):
            count = min(BATCH, n - start)
            self._features[:count] = features[start : start + count]
            for fed, found in zip(self._sums.values(), sums, strict=True):
                fed[:count, 0] = found[start : start + count]
            (logs,) = self._session.run(None, self._feeds)
            out[start : start + count] = logs[:count]
        return out

    def decide(self, logs: Floats, bad: Floats) -> Verdicts:
        """Join the leads and choose the classes.

        Leads vote with the mean of their log probabilities, each weighing as much as it is
        classifiable.

        Args:
            logs: shape (n, leads, 4).
            bad: probability that a lead cannot be classified, 1 for a lead not in use, shape
                (n, leads).
        """
        share = 1.0 - bad + np.float32(1e-6)
        joined = (logs * share[:, :, None]).sum(1) / share.sum(1)[:, None]
        joined -= joined.max(1, keepdims=True)
        known = np.exp(joined)
        known /= known.sum(1, keepdims=True)
        unknown = bad.min(1)
        probabilities = np.empty((len(logs), len(CLASSES)), np.float32)
        probabilities[:, :_Q] = known * (1.0 - unknown)[:, None]
        probabilities[:, _Q] = unknown
        classes = np.where(unknown > _UNKNOWN, _Q, np.argmax(joined + self._log_factors, axis=1))
        return Verdicts(probabilities, classes.astype(np.int64))


def looks_of(logs: Floats, likeness: Floats, repeats: Floats, bad: Floats) -> Floats:
    """Return how beats look beside the patient's normal ones, over the leads together.

    Leads that are more likely than not unclassifiable do not count.

    Args:
        logs: log probabilities of N, S, V, F on each lead, shape (n, leads, 4).
        likeness: correlation of the QRS complex with the normal one, -1 to 1, shape (n, leads).
        repeats: correlation of the QRS complex with that of the beat before, likewise.
        bad: probability that a lead cannot be classified, shape (n, leads).

    Returns:
        the probability of V on the lead that speaks most for it, the likeness on the lead that is
        least like, and the correlation with the beat before on the lead where it is greatest,
        float32, shape (n, 3); nan where no lead counts.
    """
    known = bad < _UNKNOWN
    ventricular = np.where(known, np.exp(logs[:, :, _V]), -np.inf).max(1)
    least = np.where(known, likeness, np.inf).min(1)
    most = np.where(known, repeats, -np.inf).max(1)
    looks = np.stack([ventricular, least, most], axis=1).astype(np.float32)
    looks[~known.any(1)] = np.nan
    return looks


class BeatLabeller:
    """Contexts of many devices and the classifier: what the analyzer holds.

    A beat is labelled when the engine has reached `DECIDE_AFTER` samples past its R peak: with
    the resampler's 24 ms that is 1.42 s of signal. It sees the signal up to 0.77 s after the R
    peak, and the next R peak if that comes within 1.1 s.
    """

    def __init__(self, classifier: BeatClassifier | None = None) -> None:
        self._classifier = BeatClassifier() if classifier is None else classifier
        self._contexts = BeatContexts()
        self._tracks: dict[int, list[int]] = {}
        self._table: Indices = np.full((16, LEADS_USED), -1, np.int64)
        self._free = list(range(15, -1, -1))

    @property
    def version(self) -> str:
        """Version of the weights."""
        return self._classifier.weights.version

    def add(self, n_leads: int) -> int:
        """Make room for a device; return its slot."""
        if not self._free:
            size = len(self._table)
            grown = np.full((size, LEADS_USED), -1, np.int64)
            self._table = np.concatenate([self._table, grown])
            self._free = list(range(2 * size - 1, size - 1, -1))
        slot = self._free.pop()
        tracks = [self._contexts.add() for _ in range(min(n_leads, LEADS_USED))]
        self._tracks[slot] = tracks
        self._table[slot] = -1
        self._table[slot, : len(tracks)] = tracks
        return slot

    def remove(self, slot: int) -> None:
        """Give a device's slot back."""
        for track in self._tracks.pop(slot):
            self._contexts.remove(track)
        self._free.append(slot)

    def save(self, slot: int) -> bytes:
        """Return a checkpoint of a device."""
        parts = [self._contexts.save(track) for track in self._tracks[slot]]
        return struct.pack("<I", len(parts)) + b"".join(parts)

    def load(self, slot: int, saved: bytes) -> None:
        """Put a device's state back; it must have been added with as many leads.

        Raises:
            CheckpointError: the checkpoint comes from another version, or is cut.
        """
        tracks = self._tracks[slot]
        body = saved[4:]
        if saved[:4] != struct.pack("<I", len(tracks)) or len(body) % len(tracks):
            raise CheckpointError("beat context is cut short, or of another number of leads")
        size = len(body) // len(tracks)
        for number, track in enumerate(tracks):
            self._contexts.load(track, body[number * size : (number + 1) * size])

    def label(
        self,
        slots: Indices,
        windows: Floats,
        usable: npt.NDArray[np.bool_],
        peaks: Indices,
        before: Indices,
        after: Indices,
    ) -> Verdicts:
        """Label beats of any devices; each device's in order of time, each beat once.

        Args:
            slots: device of each beat, shape (n,).
            windows: the engine's baseline-free signal in mV from R - `state.PRE` samples on,
                zeros where the stretch has none, shape (n, LEADS_USED, WINDOW).
            usable: whether a lead is attached and not flat, shape (n, LEADS_USED). Leads that the
                device has not are left out anyway.
            peaks: R peaks, engine samples, shape (n,).
            before: R peak before in the same unbroken stretch, or -1, shape (n,).
            after: R peak after known by then, or -1, shape (n,).
        """
        n = len(slots)
        if windows.shape != (n, LEADS_USED, WINDOW) or usable.shape != (n, LEADS_USED):
            raise ValueError(f"windows {windows.shape} and usable {usable.shape} for {n} beats")
        tracks = self._table[slots]
        # Lead by lead per beat, so that a device's tracks each see their beats in order.
        beat, lead = np.nonzero((tracks >= 0) & usable)
        logs = np.zeros((n, LEADS_USED, 4), np.float32)
        bad = np.ones((n, LEADS_USED), np.float32)
        likeness, repeats = np.zeros((2, n, LEADS_USED), np.float32)
        if len(beat):
            features = self._contexts.describe(
                tracks[beat, lead], windows[beat, lead], peaks[beat], before[beat], after[beat]
            )
            logs[beat, lead] = self._classifier.log_probabilities(features)
            bad[beat, lead] = unclassifiable(features)
            likeness[beat, lead] = features[:, _QRS_LIKENESS]
            repeats[beat, lead] = features[:, _QRS_REPEATS]
        looks = looks_of(logs, likeness, repeats, bad)
        return replace(self._classifier.decide(logs, bad), looks=looks)


def warm() -> None:
    """Compile the kernels ahead of their first use."""
    for few_or_many in (1, BATCH):
        Forest.of([]).sums(np.zeros((few_or_many, N_FEATURES), np.float32))
    contexts = BeatContexts(1)
    one = np.zeros(1, np.int64)
    window = np.zeros((1, WINDOW), np.float32)
    window[0, PRE] = 1.0
    contexts.describe(one + contexts.add(), window, one, one - 1, one - 1)


__all__ = ["DECIDE_AFTER", "LEADS_USED", "BeatClassifier", "BeatLabeller", "Verdicts"]
