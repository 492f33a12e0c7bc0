"""What a beat is held against: the running state of every lead, and the features made with it.

A *track* is one lead of one device. The state is a record of `state.CONTEXT` (about 5 kB): the
last RR intervals, a five-minute mean in buckets of ten seconds, and the mean shapes seen lately.
It is counted in samples of the device's own clock, so it does not depend on how a signal was cut
into packets or beats into batches.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.checkpoint.records import RecordState
from models.beats.columns import FEATURES, N_FEATURES
from models.beats.features import kernel
from models.beats.features.state import CONTEXT, WINDOW

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_STATE = RecordState("beat context", CONTEXT, meaning=FEATURES)


class BeatContexts:
    """The running states of many tracks.

    Each beat must be described once, in order of time per track, and becomes part of what the
    next is held against.
    """

    def __init__(self, capacity: int = 16) -> None:
        self._states: npt.NDArray[Any] = np.zeros(capacity, CONTEXT)
        self._free = list(range(capacity - 1, -1, -1))

    def add(self) -> int:
        """Make room for a track; return its slot."""
        if not self._free:
            capacity = len(self._states)
            self._states = np.concatenate([self._states, np.zeros(capacity, CONTEXT)])
            self._free = list(range(2 * capacity - 1, capacity - 1, -1))
        slot = self._free.pop()
        self._states[slot] = np.zeros((), CONTEXT)
        return slot

    def remove(self, slot: int) -> None:
        """Give a slot back."""
        self._free.append(slot)

    def save(self, slot: int) -> bytes:
        """Return a checkpoint of one track."""
        return _STATE.pack(self._states[slot : slot + 1])

    def load(self, slot: int, saved: bytes) -> None:
        """Put a track's state back.

        Raises:
            CheckpointError: the checkpoint comes from another version, or is cut.
        """
        (states,) = _STATE.unpack(saved, 1)
        self._states[slot] = states[0]

    def describe(
        self, slots: Indices, windows: Floats, peaks: Indices, before: Indices, after: Indices
    ) -> Floats:
        """Describe beats, in order of time per track; tracks may be mixed.

        Args:
            slots: track of each beat, shape (n,).
            windows: baseline-free signal in mV at 250 Hz with the R peak at `state.PRE`, shape
                (n, WINDOW); zeros where the stretch has no samples.
            peaks: R peaks in samples at 250 Hz of the device's clock, shape (n,).
            before: the R peak before, -1 if none in the same unbroken stretch, shape (n,).
            after: the R peak after, -1 if none is known, shape (n,). One that comes later than
                `state.NEXT_LIMIT` counts as unknown, whether it is known yet or not.

        Returns:
            The columns `columns.FEATURES`, shape (n, N_FEATURES).

        Raises:
            ValueError: the shapes do not agree.
        """
        n = len(slots)
        if windows.shape != (n, WINDOW) or not len(peaks) == len(before) == len(after) == n:
            raise ValueError(
                f"windows: shape {windows.shape} for {n} beats of {WINDOW} samples; peaks, before "
                f"and after: {len(peaks)}, {len(before)}, {len(after)}"
            )
        features = np.empty((n, N_FEATURES), np.float32)
        kernel.describe(
            self._states,
            np.ascontiguousarray(slots, np.int64),
            np.ascontiguousarray(windows, np.float32),
            np.ascontiguousarray(peaks, np.int64),
            np.ascontiguousarray(before, np.int64),
            np.ascontiguousarray(after, np.int64),
            features,
        )
        return features
