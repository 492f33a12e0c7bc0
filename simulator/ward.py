"""Puts patients into beds: from the command line's options to one `Plan` per device."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Any

from ecg_monitor import __version__
from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.records import Recording, find_database, find_record, physionet, read_record
from simulator.device import Plan
from simulator.events import Event
from simulator.faults.noisy import NoiseSpec, Noisy, load_noise
from simulator.faults.schedule import Faults, apply_faults
from simulator.packets import Source, packetize
from simulator.replay import PAUSE_S, SHORT_S, Replay
from simulator.synthetic import SyntheticPatient, load_scenario

DEFAULT_RECORDS = (
    "100", "106", "119", "201", "208", "217", "222", "233",
    "101", "103", "105", "109", "111", "118", "124", "200",
    "202", "203", "205", "207", "209", "210", "213", "214",
    "215", "219", "220", "221", "223", "228", "230", "231",
    "232", "234", "102", "104", "107", "108", "112", "113",
    "114", "115", "116", "117", "121", "122", "123", "212",
)  # fmt: skip
"""The records of MIT-BIH, a varied eight first: normal, PVCs, bigeminy, AF, runs, paced."""
DEFAULT_SCENARIOS = (
    "ward-mix", "sinus", "pvc", "af", "pac", "pvc-bigeminy", "sinus-bradycardia", "vt-run",
    "lbbb", "flutter", "paced", "svt", "pauses", "av-block-1", "rbbb", "sinus-tachycardia",
)  # fmt: skip
"""Patients for when there are no recordings."""
_ENDLESS_S = 300.0
"""Length that is played of a scenario without an end if it is to be played once, s."""
_COPY_SHIFT_S = 97.0
"""Shift between copies of one recording, s: no two beds show the same trace."""


@dataclass(frozen=True, slots=True)
class WardRequest:
    """Patients, devices and faults that the user asked for; see ``ecg-monitor simulate --help``."""

    beds: int | None = None
    records: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    data: str = ""
    packet_s: float = 0.25
    encoding: str = "cbor"
    loop: bool = True
    start_s: float = 0.0
    duration_s: float | None = None
    prefix: str = "bed"
    truth: bool = True
    faults: Faults = field(default_factory=Faults)
    noise: NoiseSpec | None = None
    seed: int = 0
    leads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient who may be put into several beds.

    Attributes:
        name: record or scenario.
        label: for people.
        make: gives the signal, from a shift in seconds and a seed.
        length_s: where the signal is cut off when it is played once, s; None: it ends by itself.
    """

    name: str
    label: str
    make: Callable[[float, int], Source]
    length_s: float | None = None


@dataclass(frozen=True, slots=True)
class Ward:
    """All beds.

    Attributes:
        plans: one per device.
        reason: which patients were taken and why, in words.
        counts: number of times that each fault happened, filled while the plans run.
    """

    plans: tuple[Plan, ...]
    reason: str
    counts: Counter[str]


def build_ward(
    request: WardRequest, settings: Settings, progress: physionet.Progress | None = None
) -> Ward:
    """Choose patients and lay out what each device does.

    Raises:
        RecordError: a recording that was asked for cannot be found or read.
        ScenarioError: a scenario is wrong.
    """
    patients, reason = _patients(request, settings, progress)
    beds = request.beds or len(patients)
    counts: Counter[str] = Counter()
    width = max(2, len(str(beds)))
    noise = cache(partial(load_noise, settings=settings))
    plans = []
    for index in range(beds):
        patient = patients[index % len(patients)]
        shift = _COPY_SHIFT_S * (index // len(patients)) if request.loop else 0.0
        source = patient.make(shift, request.seed + index)
        if request.noise is not None:
            samples, origin = noise(request.noise.kind, source.fs)
            probe = patient.make(shift, request.seed + index)
            source = Noisy(source, probe, samples, request.noise.snr_db)
            reason = reason if origin in reason else f"{reason}; {origin}"
        device = f"{request.prefix}-{index + 1:0{width}d}"
        plans.append(
            Plan(
                device=device,
                meta=_meta(device, patient, source, index),
                events=_events(request, device, source, patient.length_s, counts),
                encoding=request.encoding,
                truth=request.truth,
            )
        )
    return Ward(tuple(plans), reason, counts)


def _events(
    request: WardRequest, device: str, source: Source, length_s: float | None, counts: Counter[str]
) -> Callable[[float], Iterator[Event]]:
    def events(start_unix: float) -> Iterator[Event]:
        # A boot id must not come again when the simulator is started anew, or its sample indices
        # would seem to go back.
        boot = f"{Random(f'{request.seed}/{device}/{start_unix}').getrandbits(64):016x}"
        sound: Iterator[Event] = packetize(
            source, device, boot, packet_s=request.packet_s, start=start_unix
        )
        if length_s is not None:
            sound = takewhile(lambda event: event.due <= length_s, sound)
        return apply_faults(sound, request.faults, f"{request.seed}/{device}", counts)

    return events


def _meta(device: str, patient: Patient, source: Source, index: int) -> dict[str, Any]:
    return {
        "label": f"{device} {patient.label}",
        "record": patient.name,
        "leads": list(source.leads),
        "fs": source.fs,
        "firmware": f"simulator/{__version__}",
        "patient": f"P{index + 1:04d}",
    }


def _patients(
    request: WardRequest, settings: Settings, progress: physionet.Progress | None
) -> tuple[list[Patient], str]:
    reasons: list[str] = []
    patients: list[Patient] = []
    if request.records:
        for name in request.records:
            path, reason = find_record(name, settings, data=request.data, progress=progress)
            recording = read_record(path)
            patients.append(_recorded(recording, request))
            if reason not in reasons:
                reasons.append(reason)
            reasons += [f"{recording.name}: {note}" for note in recording.notes]
    elif not request.scenarios:
        count = min(request.beds or 1, len(DEFAULT_RECORDS))
        names = _default_names(request, settings, count)
        found = find_database(settings, names, data=request.data, progress=progress)
        if found.folder is None:
            reasons.append(f"synthetic patients, since: {found.reason}")
            patients = [_scripted(name, request) for name in DEFAULT_SCENARIOS]
        else:
            reasons.append(found.reason)
            recordings = [read_record(found.path(name)) for name in names]
            patients = [_recorded(recording, request) for recording in recordings]
            reasons += [f"{item.name}: {note}" for item in recordings for note in item.notes]
    if request.scenarios:
        reasons.append(f"synthetic patients as asked for: {', '.join(request.scenarios)}")
        patients += [_scripted(name, request) for name in request.scenarios]
    return patients, "; ".join(reasons)


def _default_names(request: WardRequest, settings: Settings, count: int) -> Sequence[str]:
    """Return MIT-BIH's records, or what else the user's own folder holds."""
    own = request.data or settings.data
    if not own:
        return DEFAULT_RECORDS[:count]
    # Reading the folder here: find_database refuses a folder that lacks a record.
    from ecg_monitor.records.finder import list_records  # noqa: PLC0415

    names = list_records(Path(own).expanduser())
    if not names:
        raise RecordError(f"{own} holds no recordings (.hea, .csv, .edf ...)")
    known = [name for name in DEFAULT_RECORDS if name in names]
    return (known or list(names))[:count]


def _recorded(recording: Recording, request: WardRequest) -> Patient:
    def make(shift_s: float, _: int) -> Source:
        return Replay(
            recording,
            start_s=request.start_s,
            duration_s=request.duration_s,
            first_s=shift_s,
            loop=request.loop,
            pause_s=PAUSE_S if recording.duration_s < SHORT_S else 0.0,
        )

    make(0.0, 0)  # a wrong start or length must be an error now, not when it plays
    return Patient(recording.name, f"record {recording.name}", make)


def _scripted(name: str, request: WardRequest) -> Patient:
    scenario = load_scenario(name)

    def make(_: float, seed: int) -> Source:
        return SyntheticPatient(scenario, seed=seed, leads=request.leads or scenario.leads)

    length_s = request.duration_s
    if length_s is None:
        length_s = scenario.duration_s if math.isfinite(scenario.duration_s) else _ENDLESS_S
    return Patient(
        Path(name).stem, f"synthetic {Path(name).stem}", make, None if request.loop else length_s
    )
