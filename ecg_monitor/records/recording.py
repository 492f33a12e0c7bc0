"""A recording in memory, and the rules that bring any file's signals into its form."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Int16Array

INVALID_SAMPLE = -32768
"""Stands in `Recording.samples` where the source has no value (WFDB's own choice for 16 bit)."""
_LOW, _HIGH = -32767, 32767
_ILLEGAL = re.compile(r"[^A-Za-z0-9_+-]+")
_LEAD_LENGTH = 16


class BeatMark(NamedTuple):
    """A beat by the reference annotator: ``sample`` index and WFDB ``symbol``."""

    sample: int
    symbol: str


class RhythmMark(NamedTuple):
    """A change of rhythm: ``sample`` index, and the new rhythm as WFDB ``aux`` (``"(AFIB"``)."""

    sample: int
    aux: str


class InvalidStretch(NamedTuple):
    """Samples ``start`` .. ``end`` (exclusive) of row ``lead`` have no value."""

    lead: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Signals and reference annotations of one recording.

    Attributes:
        name: record name (``"100"``).
        fs: sampling rate in Hz, not always a whole number.
        leads: lead names, unique and legal on the wire, in the order of the rows.
        gain: ADC units per mV, one per lead.
        baseline: ADC value at 0 mV, one per lead.
        samples: ADC values, int16, shape (n_leads, n_samples); `INVALID_SAMPLE` where `invalid`.
        beats: reference beats in order of time; empty if there are none.
        rhythms: reference rhythm changes in order of time.
        invalid: stretches without a value, in order of lead and time.
        comments: comment lines of the header.
        notes: what the reader left out and what it had to assume, in words, for the user.
    """

    name: str
    fs: float
    leads: tuple[str, ...]
    gain: tuple[float, ...]
    baseline: tuple[float, ...]
    samples: Int16Array
    beats: tuple[BeatMark, ...] = ()
    rhythms: tuple[RhythmMark, ...] = ()
    invalid: tuple[InvalidStretch, ...] = ()
    comments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Make plain floats of what computations with numpy left: JSON takes no other.

        Raises:
            RecordError: the sampling rate is no rate.
        """
        object.__setattr__(self, "fs", float(self.fs))
        object.__setattr__(self, "gain", tuple(map(float, self.gain)))
        object.__setattr__(self, "baseline", tuple(map(float, self.baseline)))
        if not 0 < self.fs < math.inf:
            raise RecordError(f"{self.name}: the sampling rate must be over 0 Hz, got {self.fs:g}")

    @property
    def n_samples(self) -> int:
        """Number of samples per lead."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.fs

    def valid(self, start: int = 0, end: int | None = None) -> npt.NDArray[np.bool_]:
        """Return True for each sample of ``start`` .. ``end`` that has a value.

        Returns:
            bool, shape (n_leads, end - start).
        """
        end = self.n_samples if end is None else end
        mask = np.ones((len(self.leads), end - start), dtype=np.bool_)
        for lead, first, last in self.invalid:
            mask[lead, max(0, first - start) : max(0, last - start)] = False
        return mask

    def with_leads(self, rows: Sequence[int]) -> Recording:
        """Return the recording with the leads in ``rows`` alone, in that order."""
        return replace(
            self,
            leads=tuple(self.leads[row] for row in rows),
            gain=tuple(self.gain[row] for row in rows),
            baseline=tuple(self.baseline[row] for row in rows),
            samples=self.samples[list(rows)],
            invalid=tuple(
                stretch._replace(lead=rows.index(stretch.lead))
                for stretch in self.invalid
                if stretch.lead in rows
            ),
        )

    def beats_between(self, start: int, end: int) -> tuple[BeatMark, ...]:
        """Return the beats at samples ``start`` .. ``end`` (exclusive)."""
        return self.beats[_first(self.beats, start) : _first(self.beats, end)]

    def rhythms_between(self, start: int, end: int) -> tuple[RhythmMark, ...]:
        """Return the rhythm changes at samples ``start`` .. ``end`` (exclusive)."""
        return self.rhythms[_first(self.rhythms, start) : _first(self.rhythms, end)]

    def rhythm_at(self, sample: int) -> str:
        """Return the rhythm that holds at ``sample``; empty if it was never annotated."""
        index = _first(self.rhythms, sample + 1)
        return self.rhythms[index - 1].aux if index else ""


def _first(marks: Sequence[BeatMark] | Sequence[RhythmMark], sample: int) -> int:
    return bisect_left(marks, (sample,))  # compares as tuples do: a mark at the sample is after it


def lead_names(names: Iterable[str]) -> tuple[str, ...]:
    """Make lead names legal on the wire (``[A-Za-z0-9_+-]{1,16}``) and unique.

    ``"ECG lead 1"`` becomes ``"ECG_lead_1"``; a second ``"ECG"`` becomes ``"ECG-2"``. The
    twelve standard names get their usual spelling (``avr`` -> ``aVR``).
    """
    taken: list[str] = []
    for name in names:
        plain = _ILLEGAL.sub("_", name.strip()).strip("_")[:_LEAD_LENGTH] or "lead"
        plain = _STANDARD.get(plain.lower(), plain)
        unique, count = plain, 1
        while unique in taken:
            count += 1
            suffix = f"-{count}"
            unique = plain[: _LEAD_LENGTH - len(suffix)] + suffix
        taken.append(unique)
    return tuple(taken)


_STANDARD = {
    name.lower(): name
    for name in (
        "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6",
        "MLI", "MLII", "MLIII",
    )
}  # fmt: skip
"""Usual spelling of lead names, by the name in lower case."""


def fit_int16(low: float, high: float) -> tuple[float, float]:
    """Return what brings values of ``low`` .. ``high`` into int16: ``(value - offset) / scale``.

    A range that fits stays as it is (0 and 1), one that fits after a shift is shifted by a whole
    number, and only a wider one is scaled.
    """
    if low >= _LOW and high <= _HIGH:
        return 0.0, 1.0
    return float(np.floor((low + high) / 2)), max(1.0, (high - low) / (_HIGH - _LOW - 2))


def to_int16(
    values: npt.NDArray[Any], valid: npt.NDArray[np.bool_], gain: float, baseline: float
) -> tuple[Int16Array, float, float]:
    """Fit one lead into int16, with no loss if it can be.

    Values that fit stay as they are. A range that fits only after a shift is shifted (still exact).
    A wider one is scaled down, which costs at most half a step of the new, coarser scale.

    Args:
        values: ADC values of the source, shape (n,), integers or floats.
        valid: False where the source has no value, shape (n,).
        gain: ADC units of the source per mV.
        baseline: ADC value of the source at 0 mV.

    Returns:
        Samples (int16, shape (n,)), and the gain and baseline that belong to them.
    """
    if values.dtype == np.int16 and valid.all() and values.size and values.min() >= _LOW:
        return values, gain, baseline
    good = values[valid]
    low, high = (float(good.min()), float(good.max())) if good.size else (0.0, 0.0)
    offset, scale = fit_int16(low, high)
    samples = np.full(values.shape, INVALID_SAMPLE, np.int16)
    samples[valid] = np.rint((good - offset) / scale).astype(np.int16)
    return samples, gain / scale, (baseline - offset) / scale


def stretches(valid: npt.NDArray[np.bool_]) -> tuple[InvalidStretch, ...]:
    """List the runs of False in ``valid``, shape (n_leads, n)."""
    found: list[InvalidStretch] = []
    for lead, row in enumerate(valid):
        if row.all():
            continue
        edges = np.flatnonzero(np.diff(np.concatenate(([True], row, [True])).astype(np.int8)))
        found += [
            InvalidStretch(lead, int(start), int(end))
            for start, end in zip(edges[::2], edges[1::2], strict=True)
        ]
    return tuple(found)
