"""Samples of WFDB signal files of fixed size, decoded in pieces (WFDB manual, signal(5)).

wfdb decodes a file as a whole, by way of arrays of 64 bits. It is still asked for the formats whose
samples depend on those before them (8, 508, 516, 524), and where signals are skewed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError

_PIECE = 1 << 17
"""Samples that are decoded at a time."""


@dataclass(frozen=True, slots=True)
class Format:
    """A storage format.

    Attributes:
        per_group: samples that are packed together.
        group_bytes: bytes of such a group.
        decode: bytes, shape (n, group_bytes), to samples, shape (n * per_group,).
        dtype: what the samples fit into.
    """

    per_group: int
    group_bytes: int
    decode: Callable[[npt.NDArray[np.uint8]], npt.NDArray[Any]]
    dtype: type[np.signedinteger[Any]] = np.int16

    def size_of(self, n_samples: int) -> int:
        """Return the bytes of so many samples."""
        return math.ceil(n_samples * self.group_bytes / self.per_group)

    def samples_in(self, size: int) -> int:
        """Return how many samples a number of bytes holds."""
        return size * self.per_group // self.group_bytes


def _view(dtype: str, minus: int = 0) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[Any]]:
    def decode(content: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
        values = content.view(dtype).ravel()
        return values.astype(np.int32) - minus if minus else values

    return decode


def _in_24(content: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    low, middle = content[:, 0].astype(np.int32), content[:, 1].astype(np.int32)
    return low | middle << 8 | content[:, 2].astype(np.int8).astype(np.int32) << 16


def _in_212(content: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    first, middle, last = (content[:, i].astype(np.int32) for i in range(3))
    return _signed(np.stack([first | (middle & 15) << 8, last | middle >> 4 << 8], axis=1), 12)


def _in_310(content: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    words = content.view("<u2").astype(np.int32)
    low, high = words[:, 0], words[:, 1]
    return _signed(np.stack([low >> 1, high >> 1, low >> 11 | high >> 11 << 5], axis=1), 10)


def _in_311(content: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    words = content.view("<u4")[:, 0]
    return _signed(np.stack([words, words >> 10, words >> 20], axis=1).astype(np.int64), 10)


def _signed(values: npt.NDArray[Any], bits: int) -> npt.NDArray[Any]:
    """Return the lowest bits of each value as a signed number."""
    half = 1 << (bits - 1)
    return (((values & ((1 << bits) - 1)) ^ half) - half).ravel()


FORMATS = {
    "16": Format(1, 2, _view("<i2")),
    "24": Format(1, 3, _in_24, np.int32),
    "32": Format(1, 4, _view("<i4"), np.int32),
    "61": Format(1, 2, _view(">i2")),
    "80": Format(1, 1, _view("u1", 128)),
    "160": Format(1, 2, _view("<u2", 32768)),
    "212": Format(2, 3, _in_212),
    "310": Format(3, 4, _in_310),
    "311": Format(3, 4, _in_311),
}
"""Storage formats of fixed size, by their name in a header."""


def read_file(
    file: Path,
    form: Format,
    *,
    skip: int,
    counts: Sequence[int],
    n_frames: int,
    wanted: Sequence[int],
) -> list[npt.NDArray[Any]]:
    """Read signals of one file.

    Args:
        file: the signal file; it must hold all frames.
        form: its format.
        skip: bytes ahead of the samples.
        counts: samples per frame of each signal in the file.
        n_frames: number of frames.
        wanted: which signals to return.

    Returns:
        ADC values of each wanted signal, shape (n_frames * count,).

    Raises:
        RecordError: the file cannot be read.
    """
    per_frame = sum(counts)
    ends = np.cumsum(counts)
    found = [np.empty(n_frames * counts[i], form.dtype) for i in wanted]
    # A piece begins at a group of samples and at a frame.
    frames = max(1, _PIECE // (per_frame * form.per_group)) * form.per_group
    try:
        with file.open("rb") as source:
            source.seek(skip)
            for start in range(0, n_frames, frames):
                now = min(frames, n_frames - start)
                samples = _decoded(source.read(form.size_of(now * per_frame)), form)
                table = samples[: now * per_frame].reshape(now, per_frame)
                for i, column in zip(wanted, found, strict=True):
                    first, last = int(ends[i]) - counts[i], int(ends[i])
                    column[start * counts[i] : (start + now) * counts[i]] = table[
                        :, first:last
                    ].ravel()
    except (OSError, ValueError) as error:
        raise RecordError(f"{file}: cannot be read: {error}") from error
    return found


def _decoded(content: bytes, form: Format) -> npt.NDArray[Any]:
    content += bytes(-len(content) % form.group_bytes)
    return form.decode(np.frombuffer(content, np.uint8).reshape(-1, form.group_bytes))
