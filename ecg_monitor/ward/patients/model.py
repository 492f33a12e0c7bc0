"""Who is monitored by a device: an admission, and the state of a bed around it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import orjson

from ecg_monitor.core.errors import PatientError
from ecg_monitor.ward.limits.model import CATEGORIES

MAX_ID = 64
MAX_NAME = 80
MAX_NOTE = 2000
MAX_LABEL = 24
"""Characters of a bed's name: more are not read across a room."""
MAX_PLACE = 9999

Value = str | float | None
"""Value of one field of a state; None: there is none."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A patient's stay at a device.

    Attributes:
        stay: identity of the stay; it outlives a transfer.
        patient: the hospital's number of the patient.
        name: as shown on the bed.
        category: ``adult``, ``paediatric`` or ``neonatal``: decides the limits that are not set.
        admitted_at: Unix time, s.
        admitted_by: who.
        limits: values set for this patient, by section and key (see `ecg_monitor.ward.limits`).
        alarms: priorities set for this patient, by kind of alarm; ``off`` turns one off.
    """

    stay: str
    patient: str
    name: str
    category: str
    admitted_at: float
    admitted_by: str
    limits: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict)
    alarms: Mapping[str, str] = field(default_factory=dict)

    def table(self) -> dict[str, Any]:
        """Return what it says about limits, like a table ``[patients.x]`` of the configuration."""
        return {**self.limits, "category": self.category, "alarms": self.alarms}


@dataclass(frozen=True, slots=True)
class BedLimits:
    """Limits that staff have set for a bed to which nobody is admitted.

    They are of whoever wears the electrodes now, and nobody knows who that is: an admission, and
    with it a discharge, ends them, so that nobody is monitored by what was meant for another.

    Attributes:
        category: ``adult``, ``paediatric`` or ``neonatal``.
        limits: values set, by section and key.
        alarms: priorities set, by kind of alarm; ``off`` turns one off.
        after_stay: whether a patient was here before: then the bed does not believe the name that
            its device tells.
    """

    category: str
    limits: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict)
    alarms: Mapping[str, str] = field(default_factory=dict)
    after_stay: bool = False

    def table(self) -> dict[str, Any]:
        """Return what it says about limits, like a table ``[patients.x]`` of the configuration."""
        return {**self.limits, "category": self.category, "alarms": self.alarms}


@dataclass(frozen=True, slots=True)
class PendingTransfer:
    """A transfer that is under way.

    Attributes:
        transfer: its number, the same in every entry of the trail about it.
        to: device that the patient goes to.
        by: who asked for it.
    """

    transfer: str
    to: str
    by: str


@dataclass(frozen=True, slots=True)
class Bed:
    """State of a bed, that is, of a device.

    Attributes:
        version: number of its last change; 0: nobody was ever admitted.
        by: who made that change.
        at: when, Unix s.
        admission: the stay, or None when there is no patient.
        leaving: the transfer that takes the patient away, or None.
        arrival: number of the last transfer that brought a patient, or empty.
        own: limits of the bed itself; None while there is an admission, or when nobody set any.
        label: what staff call the bed; empty: as its device says.
        place: where it stands on the wall, from 1; None: by its name, after those with a place.
    """

    version: int = 0
    by: str = ""
    at: float = 0.0
    admission: Admission | None = None
    leaving: PendingTransfer | None = None
    arrival: str = ""
    own: BedLimits | None = None
    label: str = ""
    place: int | None = None

    @property
    def is_vacated(self) -> bool:
        """Whether a patient was here, and nobody is now."""
        return (
            self.version > 0
            and self.admission is None
            and (self.own is None or self.own.after_stay)
        )

    def fields(self) -> dict[str, Value]:
        """Return what it says as paths and values: what the audit trail compares."""
        found: dict[str, Value] = {}
        holds = self.own if self.admission is None else self.admission
        if holds is not None:
            said = asdict(holds)
            for section, values in said.pop("limits").items():
                found |= {f"limits.{section}.{key}": value for key, value in values.items()}
            found |= {f"alarms.{kind}": level for kind, level in said.pop("alarms").items()}
            found |= {name: value for name, value in said.items() if value is not False}
        if self.leaving is not None:
            found |= {f"leaving.{name}": value for name, value in asdict(self.leaving).items()}
        if self.arrival:
            found["arrival"] = self.arrival
        if self.label:
            found["label"] = self.label
        if self.place is not None:
            found["place"] = self.place
        return found


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a patient.

    Attributes:
        text: at most `MAX_NOTE` characters.
        by: who wrote it.
        at: when, Unix s.
    """

    text: str
    by: str
    at: float


def bed_of_fields(
    found: Mapping[str, Value], version: int = 0, by: str = "", at: float = 0.0
) -> Bed:
    """Inverse of `Bed.fields`.

    Raises:
        PatientError: a field of the admission or of the transfer is missing or unknown.
    """
    plain: dict[str, Any] = {}
    limits: dict[str, dict[str, Any]] = {}
    alarms: dict[str, Any] = {}
    leaving: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for path, value in found.items():
        head, _, rest = path.partition(".")
        if head == "limits":
            section, _, key = rest.partition(".")
            limits.setdefault(section, {})[key] = value
        elif head == "alarms":
            alarms[rest] = value
        elif head == "leaving":
            leaving[rest] = value
        elif head in ("arrival", "label", "place"):
            others[head] = value
        else:
            plain[path] = value
    try:
        admission = own = None
        if "stay" in plain:
            admission = Admission(**plain, limits=limits, alarms=alarms)
        elif plain:
            own = BedLimits(**plain, limits=limits, alarms=alarms)
        going = PendingTransfer(**leaving) if leaving else None
        return Bed(version, by, at, admission, going, own=own, **others)
    except TypeError as error:
        raise PatientError(f"state of a bed: {error}") from error


def bed_from_json(text: bytes) -> Bed:
    """Read the state of a bed as it is in Redis. Unknown fields are ignored.

    Raises:
        PatientError: it is malformed.
    """
    try:
        said = orjson.loads(text)
        leaving, admission, own = said["leaving"], said["admission"], said.get("own")
        return Bed(
            int(said["version"]),
            str(said["by"]),
            float(said["at"]),
            None if admission is None else Admission(**_known(Admission, admission)),
            None if leaving is None else PendingTransfer(**_known(PendingTransfer, leaving)),
            str(said.get("arrival", "")),
            None if own is None else BedLimits(**_known(BedLimits, own)),
            str(said.get("label", "")),
            None if said.get("place") is None else int(said["place"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PatientError(f"state of a bed is malformed: {error}") from error


def note_from_json(text: bytes) -> Note:
    """Read a note as it is in Redis.

    Raises:
        PatientError: it is malformed.
    """
    try:
        return Note(**_known(Note, orjson.loads(text)))
    except (TypeError, ValueError, AttributeError) as error:
        raise PatientError(f"a note is malformed: {error}") from error


def checked_text(name: str, value: Any, most: int, *, least: int = 1, lines: bool = False) -> str:
    """Return a text without space around it.

    Args:
        name: of the field, for the error.
        value: what was given.
        most: characters allowed.
        least: characters needed.
        lines: whether it may have more than one line.

    Raises:
        PatientError: it is no text, too long, too short, or has characters that do not print.
    """
    if not isinstance(value, str):
        raise PatientError(f"{name} must be a text, got {value!r:.40}")
    text = value.strip()
    shown = text.replace("\n", "") if lines else text
    if not least <= len(text) <= most:
        raise PatientError(
            "{field} must have {least} to {most} characters, got {count}",
            **{"field": name, "least": least, "most": most, "count": len(text)},
        )
    if not shown.isprintable():
        raise PatientError("{field} must have printable characters only", field=name)
    return text


def checked_category(value: Any) -> str:
    """Return the category.

    Raises:
        PatientError: it is unknown.
    """
    if value not in CATEGORIES:
        raise PatientError(f"category must be one of {', '.join(CATEGORIES)}, got {value!r:.40}")
    return str(value)


def _known(cls: type[Any], said: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(cls)}
    return {name: value for name, value in said.items() if name in names}
