"""What the network of twelve leads says of ten seconds of a bed, and the findings that last.

The detector judges a window of every bed with twelve leads each ten seconds of its signal. It
writes the newest `Diagnosis` of a device into the hash ``ecg:{p}:diagnoses``, and a `Finding` into
the stream ``ecg:{p}:findings`` when one begins or ends. Pages read both here.

A finding is present once two of the last three windows have shown it, and until two of three have
not: a single window decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.errors import DiagnosisError
from ecg_monitor.core.remote.streams import read_range
from ecg_monitor.core.store import Store

LeadState = Literal["good", "derived", "gaps", "off", "flat", "missing"]
"""How a standard lead took part in a window. ``good``: as received; ``derived``: calculated from
the other limb leads; ``gaps``: looked at, though part of it is missing; ``off``: detached, or
without samples, for more than half of the window; ``flat``: it shows nothing; ``missing``: the
device does not send it. The last three were not looked at."""

Reason = Literal[
    "few_leads", "contradictory", "voltage", "slow", "network", "late", "source", "stay"
]
"""Why a window was not judged. ``few_leads``: fewer than two limb leads and a chest lead show
something; ``contradictory``: III is not II - I, or aVR not -(I + II) / 2, so names may be swapped;
``voltage``: no heart makes such voltages; ``slow``: the sampling rate is below 100 Hz;
``network``: its weights could not be loaded, or it failed; ``late``: more than a minute of the bed
waited to be judged, after an outage, and this is older; ``source``, ``stay``: it is no window, but
says that another device or another patient's signal begins, see `Ended`."""

StReason = Literal["few_beats", "wide_qrs"]
"""Why ST elevation was not judged. ``few_beats``: too few beats of the window are alike, or its
leads show nothing; ``wide_qrs``: a bundle branch block, a pacemaker or pre-excitation, which the ST
segment follows."""

Ended = Literal["gone", "unjudged", "source", "stay"]
"""Why a finding has ended. ``gone``: two of three windows do not show it; ``unjudged``: three
windows in a row could not be judged, so nobody knows; ``source``: the device has begun anew, or
another one sends; ``stay``: the patient has left, or another has come."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What ten seconds of twelve leads show.

    Attributes:
        device: device id.
        boot: its power-up.
        stay: stay of the patient; empty: nobody was admitted.
        number: of the window at this device, from 0; none is judged twice.
        n: index of its first sample.
        end_n: index one past its last sample.
        fs: sampling rate, Hz.
        at: Unix time of its end, s.
        network: name and version of what judged it.
        leads: state of each of the twelve standard leads, in their order.
        gaps: share without a value, 0 .. 1, by lead, where there is any.
        probabilities: of each label, 0 .. 1; empty if it was not judged.
        thresholds: probability from which each label counts as found.
        decisions: labels at or above their threshold in this window.
        findings: labels that are present, over several windows, with the sample index (of this
            power-up) since when.
        reason: why it was not judged; None: it was. What was present before stays in ``findings``
            until it ends: that it cannot be judged does not mean that it is gone.
        st_mv: level of the J point against that before the QRS complex, mV, by lead, from the
            average of the window's beats; empty where there were too few alike.
        st_elevated: contiguous leads that are elevated in this window, in the order of ``leads``.
        st_reason: why elevation was not judged; None: it was.
    """

    device: str
    boot: str
    stay: str
    number: int
    n: int
    end_n: int
    fs: float
    at: float
    network: str
    leads: Mapping[str, LeadState]
    gaps: Mapping[str, float] = field(default_factory=dict)
    probabilities: Mapping[str, float] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()
    findings: Mapping[str, int] = field(default_factory=dict)
    reason: Reason | None = None
    st_mv: Mapping[str, float] = field(default_factory=dict)
    st_elevated: tuple[str, ...] = ()
    st_reason: StReason | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding that begins or ends.

    Attributes:
        device: device id.
        boot: its power-up.
        stay: stay of the patient; empty: nobody was admitted.
        label: what was found (`models.diagnosis.labels`).
        present: True when it begins, False when it ends.
        n: index of the first sample of the first window that showed it; with device, boot and
            label its identity.
        end_n: index one past the last sample of the window that decided.
        fs: sampling rate, Hz.
        at: Unix time of that sample, s.
        number: of that window.
        probability: in that window; None: it was not judged.
        threshold: that it was held against.
        network: name and version of what judged it.
        ended: why it has ended; None: it begins.
    """

    device: str
    boot: str
    stay: str
    label: str
    present: bool
    n: int
    end_n: int
    fs: float
    at: float
    number: int
    probability: float | None
    threshold: float
    network: str
    ended: Ended | None = None


def pack(told: Diagnosis | Finding) -> bytes:
    """Return it as it is kept in Redis: a JSON map of its fields."""
    return orjson.dumps(asdict(told))


def parse_diagnosis(text: bytes) -> Diagnosis:
    """Read a diagnosis as it is kept.

    Raises:
        DiagnosisError: it is damaged, or of another version of the program.
    """
    fields = _fields(text)
    try:
        lists = {name: tuple(fields[name]) for name in ("decisions", "st_elevated")}
        return Diagnosis(**{**fields, **lists})
    except (TypeError, KeyError) as error:
        raise DiagnosisError(f"diagnosis: of another version: {error}") from error


def parse_finding(text: bytes) -> Finding:
    """Read a finding as it is kept.

    Raises:
        DiagnosisError: it is damaged, or of another version of the program.
    """
    try:
        return Finding(**_fields(text))
    except TypeError as error:
        raise DiagnosisError(f"finding: of another version: {error}") from error


def _fields(text: bytes) -> dict[str, Any]:
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise DiagnosisError(f"diagnosis: damaged: {error}") from error
    if not isinstance(fields, dict):
        raise DiagnosisError("diagnosis: damaged: must be a JSON map")
    return fields


async def newest_diagnosis(store: Store, partition: int, device: str) -> Diagnosis | None:
    """Return the newest diagnosis of a device; None: it has not sent twelve leads for 10 s yet.

    How old it is follows from its ``at``: a device whose leads have gone keeps its last one.

    Raises:
        DiagnosisError: it is damaged, or of another version.
        StoreError: Redis does not answer.
    """
    text: Any = await store.hget(keys.diagnoses(partition), device)
    return None if text is None else parse_diagnosis(text)


async def read_findings(
    store: Store, partition: int, device: str, since: float, until: float, stay: str | None = None
) -> list[Finding]:
    """Return the findings of a device that began or ended in a span of time, oldest first.

    Args:
        store: client of Redis.
        partition: of the device.
        device: device id.
        since: Unix time, s.
        until: Unix time, s.
        stay: of this stay alone; None: of all.

    Raises:
        DiagnosisError: one is damaged, or of another version.
        StoreError: Redis does not answer.
    """
    found = []
    start, end = (str(max(0, int(1000 * at))) for at in (since, until))
    async for _, fields in read_range(store, keys.findings(partition), start, end):
        if fields[b"d"].decode() == device:
            told = parse_finding(fields[b"j"])
            if stay is None or told.stay == stay:
                found.append(told)
    return found
