"""What has to be known of a recording beside its findings: leads, gaps, voltages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording
from models.diagnosis.inputs import FLAT_MV, SHORTEST_S, Windows
from models.diagnosis.leads import STANDARD, FloatArray, arrange, standard_lead

FS_LEAST_HZ, FS_MOST_HZ = 100.0, 2000.0
"""Rates that are resampled to the networks' 100 Hz; what is slower lacks part of their band."""
CONTRADICTION, CONTRADICTION_AVR = 0.45, 0.3
"""Limb leads contradict each other if what is left of III - (II - I), or of aVR + (I + II) / 2, is
so large a share of I, II and III (rms). On CPSC2018 the first is under 0.002, and with I and II
swapped 0.48 or more; on LUDB, whose gains are rounded lead by lead, nine of ten are under 0.37 and
0.24."""
LARGEST_MV = 20.0
"""No ECG spans more in a usual second, as in `ecg_monitor.records.plausible`."""
SAID_OF_UNITS = ("no ECG spans", "is the unit right")
"""Words by which the readers of recordings say that the unit is in doubt."""


@dataclass(frozen=True, slots=True, eq=False)
class LeadReport:
    """The leads of a recording, arranged, and what was found out about them.

    Attributes:
        signal: mV, in the standard order, NaN where there is no value, shape (12, n).
        present: which leads there are, given or derived, bool, shape (12,).
        voltage: whether its mV can be believed.
        used: names of the leads that are looked at.
        derived: names of those that were calculated from others.
        missing: names of the standard leads that there are not.
        flat: names of leads that show nothing and are not looked at.
        ignored: names of signals that are none of the twelve leads.
        gaps: share without a value, by lead, for those that have gaps.
        notes: what had to be assumed or is to be doubted, in words.
    """

    signal: FloatArray
    present: npt.NDArray[np.bool_]
    voltage: bool
    used: tuple[str, ...]
    derived: tuple[str, ...]
    missing: tuple[str, ...]
    flat: tuple[str, ...]
    ignored: tuple[str, ...]
    gaps: dict[str, float]
    notes: tuple[str, ...]


def look_over(recording: Recording) -> LeadReport:
    """Arrange a recording's leads, derive what follows, and say what is to be known.

    Raises:
        RecordError: it is too short or too slow, or has none of the twelve leads, or nothing but
            flat ones.
    """
    name, fs = recording.name, recording.fs
    if not FS_LEAST_HZ <= fs <= FS_MOST_HZ:
        raise RecordError(
            f"{name}: {fs:g} Hz is outside {FS_LEAST_HZ:g} .. {FS_MOST_HZ:g} Hz, at which "
            "twelve-lead findings are made"
        )
    if recording.duration_s < SHORTEST_S:
        raise RecordError(
            f"{name}: lasts {recording.duration_s:.2g} s; {SHORTEST_S:g} s or more are needed"
        )
    names = recording.leads
    if not any(standard_lead(lead) for lead in names):
        raise RecordError(
            f"{name}: none of its signals ({', '.join(names)}) is called like one of the leads "
            f"{', '.join(STANDARD)}; say which it is, as in --leads {names[0]}=II"
        )
    gain, zero = (np.array(v, np.float64)[:, None] for v in (recording.gain, recording.baseline))
    valid = recording.valid()
    millivolts = np.where(valid, (recording.samples - zero) / gain, np.nan)
    standard = [standard_lead(lead) is not None for lead in names]
    flat = _flat(millivolts)
    empty = ~np.isfinite(millivolts).any(axis=1)
    shown = np.where((flat | empty)[:, None], np.nan, millivolts)
    leads = arrange(shown, names)
    flat_names = tuple(
        found[0] for lead, still in zip(names, flat, strict=True)
        if still and (found := standard_lead(lead))
    )  # fmt: skip
    if not leads.present.any():
        raise RecordError(
            f"{name}: no lead shows anything ({', '.join(names)} do not move by more than "
            f"{FLAT_MV * 1000:g} µV); is the unit right, and were the electrodes on?"
        )
    notes = list(recording.notes)
    if leads.derived:
        notes.append(f"{', '.join(leads.derived)} calculated from the other limb leads")
    return LeadReport(
        signal=leads.signal,
        present=leads.present,
        voltage=not any(word in note for note in notes for word in SAID_OF_UNITS),
        used=tuple(n for n, there in zip(STANDARD, leads.present, strict=True) if there),
        derived=leads.derived,
        missing=leads.missing,
        flat=flat_names,
        ignored=leads.ignored,
        gaps={
            lead: round(float(1 - valid[i].mean()), 4)
            for i, lead in enumerate(names)
            if not valid[i].all() and standard[i]
        },
        notes=tuple(notes),
    )  # fmt: skip


def _flat(millivolts: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which leads have values that hardly move, bool, shape (n_leads,)."""
    return np.array(
        [bool(np.isfinite(row).any() and np.nanstd(row) <= FLAT_MV) for row in millivolts]
    )


def doubts(windows: Windows, report: LeadReport) -> list[str]:
    """Return what the band-limited signal gives reason to doubt, in words.

    Args:
        windows: of the recording.
        report: of `look_over`.
    """
    found = []
    if contradict(windows, {*report.derived, *report.missing}):
        found.append(
            "limb leads contradict each other (III is not II - I, or aVR not -(I + II) / 2): names "
            "may be swapped; the findings cannot be relied on"
        )
    top = float(np.abs(windows.ecg).max())
    if top > LARGEST_MV:
        found.append(f"voltages up to {top:.3g} mV occur, as no heart makes")
    return found


def contradict(windows: Windows, calculated: set[str]) -> bool:
    """Return whether limb leads contradict each other, so that names may be swapped.

    Args:
        windows: of one recording.
        calculated: names of leads that are not there, or were calculated from others.
    """
    if calculated & set(STANDARD[:3]) or not windows.mask[:, :3].all():
        return False
    one, two, three, avr = (windows.ecg[:, i].astype(np.float64) for i in range(4))
    size = np.sqrt((one**2 + two**2 + three**2).mean(axis=1))
    rest = np.sqrt(((three - two + one) ** 2).mean(axis=1)) / size
    if np.median(rest) > CONTRADICTION:
        return True
    if "aVR" in calculated or not windows.mask[:, 3].all():
        return False
    rest = np.sqrt(((avr + (one + two) / 2) ** 2).mean(axis=1)) / size
    return bool(np.median(rest) > CONTRADICTION_AVR)
