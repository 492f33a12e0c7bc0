"""The engine: many devices advanced in one call.

Holds the state arrays, hands out slots, and turns chunks of samples into event rows. It knows
neither packets nor alarms (see `detector.analyzer.analyzer`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.engine import kernel
from detector.engine.reassembly import Chunk
from detector.engine.resample import FS, PHASES, half_width, table
from detector.engine.state import DEVICE, EVENT, LANE, STRIP, WINDOW, WINDOW_LEADS
from ecg_monitor.core.checkpoint.records import RecordState, grown
from ecg_monitor.core.types import Int16Array

STARTS, ENDS = 1, 2
CLOSEST = 20
"""No two R peaks are closer, in samples: half of `qrs.BLANK`."""
_STATE = RecordState("state of the engine", DEVICE, LANE, meaning=FS)


@dataclass(slots=True)
class Batch:
    """Chunks of samples collected for one call of the kernel."""

    rows: list[tuple[int, ...]] = field(default_factory=list)
    samples: list[Int16Array] = field(default_factory=list)
    pulses: list[int] = field(default_factory=list)
    size: int = 0
    engine_samples: float = 0.0


class EngineOutput(NamedTuple):
    """What a batch of chunks has given.

    Attributes:
        rows: events, dtype EVENT, in order per device (`detector.engine.rows` names them).
        windows: signal around the beats of READY rows, in their order, mV, shape (at least as
            many, WINDOW_LEADS, WINDOW).
        strips: signal as it came around the beats of READY rows, in their order, each beat's leads
            in theirs, mV, shape (at least as many, STRIP).
        seconds: raw and baseline-free signal of SECOND rows, in their order, mV, shape (at least
            as many, 2, WINDOW_LEADS, 250).
    """

    rows: npt.NDArray[Any]
    windows: npt.NDArray[np.float32]
    strips: npt.NDArray[np.float32]
    seconds: npt.NDArray[np.float32]


class Engine:
    """State of many devices, and the calls that advance it.

    The events do not depend on how the samples were cut into chunks and calls.
    """

    def __init__(self, capacity: int = 16) -> None:
        self._devices: npt.NDArray[Any] = np.zeros(capacity, DEVICE)
        self._lanes: npt.NDArray[Any] = np.zeros(2 * capacity, LANE)
        self._lane_of: npt.NDArray[np.int64] = np.zeros((capacity, 2), np.int64)
        self._table_of: list[int] = [0] * capacity
        self._fs_of: list[float] = [FS] * capacity
        self._free_slots = list(range(capacity - 1, -1, -1))
        self._free_lanes: dict[int, list[int]] = {}
        self._next_lane = 0
        self._rates: dict[float, int] = {}
        self._tables: npt.NDArray[np.float32] = np.zeros((0, PHASES + 1, 2), np.float32)
        self._halves: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def add(self, fs: float, gain: Sequence[float], baseline: Sequence[float]) -> int:
        """Make room for a device.

        Args:
            fs: its sampling rate, Hz.
            gain: ADC units per mV, one per lead.
            baseline: ADC value at 0 mV, one per lead.

        Returns:
            its slot.
        """
        if not self._free_slots:
            self._grow_devices()
        slot = self._free_slots.pop()
        first = self._allot_lanes(len(gain))
        self._lane_of[slot] = first, len(gain)
        self._table_of[slot] = self._rate(fs)
        self._fs_of[slot] = fs
        device = self._devices[slot : slot + 1]
        device[:] = np.zeros(1, DEVICE)
        device["fs"] = fs
        for index in ("last_peak", "newest"):
            device[index] = -1
        lanes = self._lanes[first : first + len(gain)]
        lanes[:] = np.zeros(len(gain), LANE)
        lanes["gain"] = gain
        lanes["baseline"] = baseline
        return slot

    def rescale(self, slot: int, gain: Sequence[float], baseline: Sequence[float]) -> None:
        """Read the samples of a device by another scale from the next one on; as of `add`."""
        first, n_lanes = self._lane_of[slot]
        lanes = self._lanes[first : first + n_lanes]
        lanes["gain"] = gain
        lanes["baseline"] = baseline

    def remove(self, slot: int) -> None:
        """Give a slot back."""
        first, n_lanes = self._lane_of[slot]
        self._free_lanes.setdefault(int(n_lanes), []).append(int(first))
        self._free_slots.append(slot)

    def put(self, batch: Batch, slot: int, chunk: Chunk) -> None:
        """Add a chunk to a batch; it begins a new stretch if it comes after a gap."""
        if chunk.after_gap:
            self.put_end(batch, slot)
        if chunk.hole:
            leads = self.leads(slot)
            nothing = np.zeros((leads, chunk.hole), np.int16)
            self.put(batch, slot, Chunk(chunk.n0 - chunk.hole, nothing, (1 << leads) - 1))
        length = chunk.samples.shape[1]
        flags = STARTS if chunk.after_gap else 0
        table_index = self._table_of[slot]
        first, count = len(batch.pulses), len(chunk.pulses or ())
        batch.rows.append(
            (slot, chunk.n0, length, batch.size, chunk.leadoff, flags, table_index, first, count)
        )
        batch.pulses += chunk.pulses or ()
        batch.samples.append(chunk.samples)
        batch.size += chunk.samples.size
        batch.engine_samples += length * FS / self._fs_of[slot]

    def put_end(self, batch: Batch, slot: int) -> None:
        """Add the end of a device's unbroken stretch to a batch: its last beats are decided."""
        batch.rows.append((slot, 0, 0, 0, 0, ENDS, 0, 0, 0))

    def advance(self, batch: Batch, *, waveform: bool = True) -> EngineOutput:
        """Run a batch.

        Args:
            batch: the chunks.
            waveform: hand whole seconds and strips of signal out too.
        """
        # A beat needs at least 22 samples and is handed out up to 0.7 s later than it is found; a
        # tick needs 125. What is not filled costs no memory: the system maps pages at first use.
        chunks = len(batch.rows)
        beats = int(batch.engine_samples / 22) + 32 * chunks
        whole = int(batch.engine_samples / FS) + 2 * chunks  # some may have waited in a hole
        rows = np.empty(2 * beats + 4 * whole, EVENT)
        windows = np.empty((beats, WINDOW_LEADS, WINDOW), np.float32)
        seconds = np.empty((whole if waveform else 0, 2, WINDOW_LEADS, int(FS)), np.float32)
        table = np.array(batch.rows, np.int64).reshape(chunks, 9)
        strips = np.empty((self._strips(table) if waveform else 0, STRIP), np.float32)
        if not chunks:
            return EngineOutput(rows, windows, strips, seconds)
        samples = [chunk.reshape(-1) for chunk in batch.samples]
        values = np.concatenate(samples) if samples else np.zeros(0, np.int16)
        count = kernel.advance(
            self._devices,
            self._lanes,
            self._lane_of,
            table,
            values,
            np.array(batch.pulses, np.int64),
            self._tables,
            self._halves,
            rows,
            windows,
            strips,
            seconds,
        )
        return EngineOutput(rows[:count], windows, strips, seconds)

    def save(self, slot: int) -> bytes:
        """Return a checkpoint of one device's state."""
        first, n_lanes = self._lane_of[slot]
        lanes = self._lanes[first : first + n_lanes]
        return _STATE.pack(self._devices[slot], lanes)

    def load(self, slot: int, saved: bytes) -> None:
        """Put a device's state back; it must have been added with the same rate and leads.

        Raises:
            CheckpointError: the checkpoint comes from another version, or is cut.
        """
        first, n_lanes = (int(v) for v in self._lane_of[slot])
        device, lanes = _STATE.unpack(saved, 1, n_lanes)
        self._devices[slot] = device[0]
        self._lanes[first : first + n_lanes] = lanes

    def unseen_s(self, slot: int) -> float:
        """Return for how many seconds of its unbroken stretches no lead has shown a heart."""
        return float(self._devices["dark_n"][slot]) / FS

    def leads(self, slot: int) -> int:
        """Return how many leads a device has."""
        return int(self._lane_of[slot, 1])

    def _strips(self, chunks: npt.NDArray[np.int64]) -> int:
        """Return how many strips a batch can bring at most: leads of beats found or yet to be."""
        # Beats of a device that wait are counted with each of its chunks: so much is quicker.
        slots = chunks[:, 0]
        waiting = self._devices["n_beats"][slots] - self._devices["n_ready"][slots]
        length = chunks[:, 2] * FS / self._devices["fs"][slots] + kernel.FLUSH
        return int((waiting + length // CLOSEST + 2) @ self._lane_of[slots, 1])

    def _grow_devices(self) -> None:
        capacity = len(self._devices)
        self._devices = grown(self._devices)
        self._lane_of = np.concatenate([self._lane_of, np.zeros((capacity, 2), np.int64)])
        self._table_of += [0] * capacity
        self._fs_of += [FS] * capacity
        self._free_slots = list(range(2 * capacity - 1, capacity - 1, -1))

    def _allot_lanes(self, n_lanes: int) -> int:
        if self._free_lanes.get(n_lanes):
            return self._free_lanes[n_lanes].pop()
        first = self._next_lane
        self._next_lane += n_lanes
        while self._next_lane > len(self._lanes):
            self._lanes = grown(self._lanes)
        return first

    def _rate(self, fs: float) -> int:
        """Return the index of the resampling table for a rate, made at first need."""
        if fs not in self._rates:
            taps = table(fs)
            width = max(taps.shape[1], self._tables.shape[2])
            tables = np.zeros((len(self._rates) + 1, PHASES + 1, width), np.float32)
            tables[:-1, :, : self._tables.shape[2]] = self._tables
            tables[-1, :, : taps.shape[1]] = taps
            self._tables = tables
            self._halves = np.append(self._halves, half_width(fs))
            self._rates[fs] = len(self._rates)
        return self._rates[fs]
