"""Scenarios of synthetic patients: lists of segments, readable from TOML.

::

    title = "Ventricular fibrillation"
    loop = true                  # start over at the end; false: the last segment goes on for ever

    [patient]
    respiration_rate = 14        # breaths per minute
    leads = ["II", "V1"]         # leads of the device; "12" stands for all twelve

    [defaults]                   # for every segment to whose rhythm it belongs
    wander_mv = 0.02

    [[segments]]
    rhythm = "sinus"
    duration_s = 60
    rate = 80

    [[segments]]
    rhythm = "vf"
    duration_s = 20

The parameters of a segment are the attributes of `simulator.synthetic.segments.Segment`.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ecg_monitor.core.errors import ScenarioError
from simulator.synthetic.leads import check_leads, read_leads
from simulator.synthetic.segments import (
    FIELDS,
    RHYTHM_FIELDS,
    RHYTHMS,
    Segment,
    check_number,
    closest,
)

_PATIENT_NUMBERS = {
    "respiration_rate": (4.0, 60.0),
    "mains_hz": (40.0, 70.0),
    "variety": (0.0, 1.0),
}
_TABLES = ("title", "description", "loop", "patient", "defaults", "segments")


@dataclass(frozen=True, slots=True)
class Scenario:
    """The segments that a synthetic patient goes through.

    Attributes:
        segments: in their order; at least one.
        title: one line for people.
        description: more about it.
        loop: whether it starts over at its end; else the last segment goes on for ever.
        respiration_rate: breaths per minute.
        mains_hz: frequency of the mains, Hz.
        variety: how much bodies differ from seed to seed (axis, widths), 0 .. 1.
        leads: of the device that it is played on, unless others are asked for.

    Raises:
        ScenarioError: a field has a wrong value; names it.
    """

    segments: tuple[Segment, ...]
    title: str = ""
    description: str = ""
    loop: bool = True
    respiration_rate: float = 15.0
    mains_hz: float = 50.0
    variety: float = 0.5
    leads: tuple[str, ...] = ("II", "V1")

    def __post_init__(self) -> None:
        if not self.segments:
            raise ScenarioError("segments: at least one is needed")
        for index, segment in enumerate(self.segments[:-1]):
            if segment.duration_s == math.inf:
                raise ScenarioError(
                    f"segments[{index}].duration_s: is missing; only the last may be endless"
                )
        if not isinstance(self.loop, bool):
            raise ScenarioError(f"loop: must be true or false, got {self.loop!r}")
        for name in ("title", "description"):
            if not isinstance(getattr(self, name), str):
                raise ScenarioError(f"{name}: must be a text, got {getattr(self, name)!r}")
        for name, limits in _PATIENT_NUMBERS.items():
            check_number(f"patient.{name}", getattr(self, name), limits, whole=False)
        check_leads("patient.leads", self.leads)

    @property
    def duration_s(self) -> float:
        """Length of one pass in s; infinite if the last segment is endless."""
        return sum(segment.duration_s for segment in self.segments)


def scenario_names() -> tuple[str, ...]:
    """Return the names of the built-in scenarios, sorted."""
    folder = resources.files(__package__) / "scenarios"
    files = (Path(entry.name) for entry in folder.iterdir())
    return tuple(sorted(file.stem for file in files if file.suffix == ".toml"))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read a built-in scenario by name, or any from a TOML file.

    Raises:
        ScenarioError: there is no such scenario, it cannot be read, or it is wrong; the error
            names the field.
    """
    name = str(name_or_path)
    if name in scenario_names():
        entry = resources.files(__package__) / "scenarios" / f"{name}.toml"
        return parse_scenario(entry.read_text(encoding="utf-8"))
    path = Path(name_or_path)
    if path.suffix != ".toml" and not path.exists():
        names = scenario_names()
        raise ScenarioError(
            f"scenario: {name!r} is neither built in nor a file{closest(name, names)}; "
            f"built in: {', '.join(names)}"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"scenario: cannot read {name}: {error}") from error
    try:
        return parse_scenario(text)
    except ScenarioError as error:
        raise ScenarioError(f"{name}: {error}") from error


def parse_scenario(text: str) -> Scenario:
    """Read a scenario from TOML text.

    Raises:
        ScenarioError: it is not TOML, or a field is missing, unknown or wrong; names the field.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"scenario: is not valid TOML: {error}") from error
    _check_names("", table, _TABLES)
    patient = _table(table, "patient")
    _check_names("patient.", patient, (*_PATIENT_NUMBERS, "leads"))
    if "leads" in patient:
        named = patient["leads"]
        texts = [named] if isinstance(named, str) else named
        if not (isinstance(texts, list) and all(isinstance(name, str) for name in texts)):
            raise ScenarioError(f'patient.leads: must be a list of names, or "12", got {named!r}')
        patient = {**patient, "leads": read_leads("patient.leads", texts)}
    defaults = _table(table, "defaults")
    _check_names("defaults.", defaults, FIELDS)
    rows = table.get("segments", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ScenarioError("segments: must be tables, each headed [[segments]]")
    segments = tuple(_segment(f"segments[{i}].", row, defaults) for i, row in enumerate(rows))
    about = {name: table[name] for name in ("title", "description", "loop") if name in table}
    return Scenario(segments, **about, **patient)


def _segment(prefix: str, row: dict[str, Any], defaults: dict[str, Any]) -> Segment:
    _check_names(prefix, row, FIELDS)
    name = row.get("rhythm", defaults.get("rhythm"))
    if name is None:
        raise ScenarioError(f"{prefix}rhythm: is missing; one of {', '.join(RHYTHMS)}")
    rhythm = RHYTHMS.get(name) if isinstance(name, str) else None
    own = rhythm.parameters if rhythm else ()
    usable = {
        field: value
        for field, value in defaults.items()
        if field not in RHYTHM_FIELDS or field in own
    }
    values: dict[str, Any] = {
        field: tuple(value) if isinstance(value, list) else value
        for field, value in {**usable, **row}.items()
    }
    try:
        return Segment(**values)
    except ScenarioError as error:
        raise ScenarioError(f"{prefix}{error}") from error


def _table(table: dict[str, Any], name: str) -> dict[str, Any]:
    value = table.get(name, {})
    if not isinstance(value, dict):
        raise ScenarioError(f"{name}: must be a table headed [{name}], got {value!r}")
    return value


def _check_names(prefix: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
    for name in table:
        if name not in known:
            raise ScenarioError(f"{prefix}{name}: is not known{closest(name, known)}")
