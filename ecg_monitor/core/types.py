"""What travels between the parts: packets in, events out.

Sample indices (``n``) always count from the device's power-up (``boot``) at the device's own
sampling rate. They are the clock that matters; wall-clock times are derived from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

Int16Array = npt.NDArray[np.int16]

BeatLabel = Literal["N", "S", "V", "F", "Q"]
"""AAMI EC57 beat classes."""

Priority = Literal["high", "medium", "low", "technical"]
"""Alarm priorities of IEC 60601-1-8; ``technical`` is an inoperative condition (INOP)."""


if TYPE_CHECKING:
    from dataclasses import dataclass as _unchanging
else:

    def _unchanging(**options: bool) -> Callable[[type], type]:
        """Return `dataclass` for what is made often: frozen to mypy, not when it runs.

        Each field of a frozen one is set past its guard, which takes ten times as long. What is
        compared by value is hashed by it all the same.
        """
        compared = options.get("eq", True)
        return dataclass(**{**options, "frozen": False, "unsafe_hash": compared})


@_unchanging(frozen=True, slots=True, eq=False)
class Packet:
    """One validated ``wave`` packet.

    Attributes:
        device: device id, as in the topic.
        boot: random id of this power-up of the device.
        seq: packet counter within ``boot``.
        n0: index of the first sample within ``boot``.
        t0: device time of the first sample, Unix seconds. Advisory.
        fs: sampling rate in Hz.
        leads: lead names, in the order of the rows of ``samples``.
        gain: ADC units per mV, one per lead.
        baseline: ADC value at 0 mV, one per lead.
        samples: ADC values, int16, shape (n_leads, n_samples).
        leadoff: names of detached leads, a subset of ``leads``.
        pacer: where the device has found pacemaker pulses: indices within ``samples`` of the first
            sample that shows each, ascending. None: the device does not look for them.
    """

    device: str
    boot: str
    seq: int
    n0: int
    t0: float
    fs: float
    leads: tuple[str, ...]
    gain: tuple[float, ...]
    baseline: tuple[float, ...]
    samples: Int16Array
    leadoff: tuple[str, ...] = ()
    pacer: tuple[int, ...] | None = None

    @property
    def n_samples(self) -> int:
        """Number of samples per lead."""
        return int(self.samples.shape[1])

    @property
    def n1(self) -> int:
        """Index one past the last sample."""
        return self.n0 + int(self.samples.shape[1])

    @property
    def pulses(self) -> tuple[int, ...] | None:
        """Sample indices within ``boot`` of the pacemaker pulses; None: not looked for."""
        return None if self.pacer is None else tuple(self.n0 + i for i in self.pacer)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Packet):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in self.__slots__
        )

    __hash__ = None  # type: ignore[assignment]  # holds an array


@_unchanging(frozen=True, slots=True)
class RPeak:
    """A heartbeat that has been found; its class follows as a `Beat`.

    Attributes:
        n: sample index of the R peak.
        rr_s: RR interval to the previous beat of the same unbroken stretch in s, or None.
        amplitude_mv: peak of the QRS complex against the baseline on the lead that shows it best.
        decided_n: sample index that the engine had reached when it decided.
    """

    n: int
    rr_s: float | None
    amplitude_mv: float
    decided_n: int


@_unchanging(frozen=True, slots=True)
class Beat:
    """The class of a heartbeat, reported once and never revised.

    Attributes:
        n: sample index of the R peak, as in its `RPeak`.
        label: AAMI class.
        probabilities: by label, calibrated.
        anomaly: how unusual it is for this patient, 0 .. 1 with the threshold at 0.5; None when
            the signal did not allow it.
        rr_s: RR interval before it in s, or None.
        decided_n: sample index that the engine had reached when it decided.
        rhythm: ``af`` or ``atrial_flutter`` if that was present then, without P waves: there is no
            rhythm that a beat could be premature to, and none is S; else None.
    """

    n: int
    label: BeatLabel
    probabilities: dict[str, float]
    anomaly: float | None
    rr_s: float | None
    decided_n: int
    rhythm: str | None = None


@_unchanging(frozen=True, slots=True)
class Vitals:
    """Numbers shown beside the trace, once per second of signal.

    Attributes:
        n: sample index at which they hold.
        heart_rate: beats per minute, or None when it is not known.
        quality: ``good``, ``poor``, ``leadoff`` or ``flat`` (`detector.engine.state.QUALITIES`).
        rhythm: a rhythm that is no alarm (``paced``), or None.
    """

    n: int
    heart_rate: float | None
    quality: str
    rhythm: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """What an average of normal beats shows, every 10 s or so while there are any.

    Attributes:
        n: sample index of the R peak of the last beat averaged.
        beats: how many beats were averaged.
        heart_rate: beats per minute, from the mean RR interval before them; None: unknown.
        st_mv: ST level 60 ms after the J point in mV, by lead that could be measured.
        qrs_ms: width of the QRS complex.
        pr_ms: PR interval, or None where there is no P wave locked to the QRS complex.
        qt_ms: QT interval, or None where the end of the T wave is not clear.
        qtc_ms: QT corrected for rate after Fridericia, QT / RR^(1/3) with RR in s.
        qtc_bazett_ms: the same after Bazett, QT / RR^(1/2).
    """

    n: int
    beats: int
    heart_rate: float | None
    st_mv: dict[str, float]
    qrs_ms: float
    pr_ms: float | None
    qt_ms: float | None
    qtc_ms: float | None
    qtc_bazett_ms: float | None


@dataclass(frozen=True, slots=True)
class Episode:
    """A named stretch of signal (``gap``, ``leadoff``, ``asystole`` ...), reported at its end.

    Attributes:
        kind: what it is.
        n: first sample index.
        end_n: one past the last sample index.
    """

    kind: str
    n: int
    end_n: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm condition that begins or ends.

    Attributes:
        kind: what it is (``asystole`` ...). At most one of a kind is present per device.
        priority: see `Priority`.
        n: sample index of the onset; with device, boot and kind the identity of the alarm.
        decided_n: sample index that the engine had reached when it decided.
        present: True when it begins, False when it ends.
        value: the number that decided (bpm, s), or None.
        limit: the limit that it was held against, or None.
        lead: the lead that shows it, or None where they all do.
    """

    kind: str
    priority: Priority
    n: int
    decided_n: int
    present: bool
    value: float | None = None
    limit: float | None = None
    lead: str | None = None


Event = RPeak | Beat | Vitals | Measurement | Episode | Alarm

_NAMES: dict[type, str] = {
    RPeak: "r_peak",
    Beat: "beat",
    Vitals: "vitals",
    Measurement: "measurement",
    Episode: "episode",
    Alarm: "alarm",
}
_TYPES: dict[str, type] = {name: cls for cls, name in _NAMES.items()}


_FIELDS: dict[type, tuple[str, ...]] = {
    cls: tuple(one.name for one in fields(cls)) for cls in _NAMES
}
_READERS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    cls: attrgetter(*names) for cls, names in _FIELDS.items()
}


def event_to_map(event: Event) -> dict[str, Any]:
    """Return the event as a JSON-ready map that shares its maps; ``type`` names its class."""
    cls = type(event)
    made = dict(zip(_FIELDS[cls], _READERS[cls](event), strict=True))
    return {"type": _NAMES[cls], **made}


def event_from_map(found: dict[str, Any]) -> Event:
    """Inverse of `event_to_map`.

    Raises:
        KeyError: no such event type.
        TypeError: fields are missing or unknown.
    """
    given = dict(found)
    event: Event = _TYPES[given.pop("type")](**given)
    return event


def alert_id(device: str, boot: str, kind: str, n: int) -> str:
    """Return the deterministic identity of an alert, so that a replay cannot raise it twice."""
    return f"{device}/{boot}/{kind}/{n}"
