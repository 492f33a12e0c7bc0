"""Reads the list of alarms of a folder in the form of the challenge.

The list is a text file ``ALARMS`` in UTF-8 with a line ``RECORD,KIND,TRUE`` for each recording,
where TRUE is 1 if experts called the alarm true and 0 if they called it false.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording, read_record
from ecg_monitor.records.recording import InvalidStretch
from workbench.challenge.kinds import KINDS, ChallengeKind

ALARMS = "ALARMS"
ALARM_S = 300.0
"""The bedside monitor's alarm comes this long after a recording of the challenge begins, s; what
follows it is for the retrospective entry. A shorter recording ends with its alarm."""
LEAST_S = 10.0
"""The event begins within this before the alarm (Clifford 2015; the standard that asks for it is
ANSI/AAMI EC13), so a shorter recording cannot hold it, s."""
_FIELDS = 3
_SURROGATES = "\udc80", "\udcff"
"""What bytes that are not UTF-8 are read as."""


@dataclass(frozen=True, slots=True)
class ListedAlarm:
    """One alarm of a bedside monitor that experts have judged.

    Attributes:
        record: name of the recording that it ends.
        kind: what the monitor said.
        is_true: experts called it true.
    """

    record: str
    kind: ChallengeKind
    is_true: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """An alarm of the list that cannot be scored.

    Attributes:
        record: name of the recording, or the line where it has none.
        reason: what is wrong, in words.
    """

    record: str
    reason: str


def read_alarms(folder: Path) -> tuple[list[ListedAlarm], list[Refusal]]:
    """Read the list of alarms of a folder.

    Returns:
        the alarms in the order of the list, and its lines that name none.

    Raises:
        RecordError: there is no list, it cannot be read, or it is empty.
    """
    path = folder / ALARMS
    if not folder.is_dir():
        raise RecordError(f"{folder} is not a folder")
    try:
        # What is not UTF-8 stays in its line as surrogates, so that it costs that line alone.
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except FileNotFoundError as error:
        raise RecordError(
            f"{folder} has no file {ALARMS}; it has a line RECORD,KIND,TRUE for each recording, "
            f"as in a103l,{next(iter(KINDS))},0"
        ) from error
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
    alarms: list[ListedAlarm] = []
    refused: list[Refusal] = []
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = _parsed(line, number)
        if isinstance(found, ListedAlarm) and found.record in seen:
            found = Refusal(found.record, f"line {number}: listed twice; the first line counts")
        if isinstance(found, Refusal):
            refused.append(found)
        else:
            seen.add(found.record)
            alarms.append(found)
    if not alarms:
        why = f": {refused[0].record}: {refused[0].reason}" if refused else ""
        raise RecordError(f"{path} lists no alarm that can be scored{why}")
    return alarms, refused


def read_until_alarm(folder: Path, record: str) -> Recording:
    """Read the ECG of a recording up to its alarm.

    Raises:
        RecordError: the recording is missing, damaged, too short, or holds no ECG.
    """
    recording = read_record(folder / record)
    if recording.duration_s < LEAST_S:
        raise RecordError(
            f"{record}: is {recording.duration_s:g} s long; the event lies within the last "
            f"{LEAST_S:g} s, so at least that much is needed"
        )
    return until(recording, ALARM_S)


def until(recording: Recording, end_s: float) -> Recording:
    """Return the recording without what follows ``end_s``."""
    end = min(recording.n_samples, round(end_s * recording.fs))
    if end == recording.n_samples:
        return recording
    return Recording(
        name=recording.name,
        fs=recording.fs,
        leads=recording.leads,
        gain=recording.gain,
        baseline=recording.baseline,
        samples=recording.samples[:, :end].copy(),
        beats=tuple(one for one in recording.beats if one.sample < end),
        rhythms=tuple(one for one in recording.rhythms if one.sample < end),
        invalid=tuple(
            InvalidStretch(one.lead, one.start, min(one.end, end))
            for one in recording.invalid
            if one.start < end
        ),
        comments=recording.comments,
        notes=recording.notes,
    )


def _parsed(line: str, number: int) -> ListedAlarm | Refusal:
    fields = [field.strip() for field in line.split(",")]
    where = f"line {number}"
    if any(_SURROGATES[0] <= letter <= _SURROGATES[1] for letter in line):
        return Refusal(where, f"{line.strip()[:80]!r} is not UTF-8 text")
    if len(fields) != _FIELDS or not fields[0]:
        return Refusal(where, f"{line.strip()[:80]!r} is not RECORD,KIND,TRUE")
    record, kind, truth = fields
    record = record.removesuffix(".hea")
    if Path(record).name != record or record == ".." or not record.isprintable():
        return Refusal(where, f"record {record[:80]!r} is no name of a file in the folder")
    if kind not in KINDS:
        known = ", ".join(KINDS)
        return Refusal(record, f"{where}: unknown kind {kind[:40]!r}; the kinds are {known}")
    if truth not in ("0", "1"):
        return Refusal(record, f"{where}: {truth[:20]!r} is not 1 (true alarm) or 0 (false alarm)")
    return ListedAlarm(record, KINDS[kind], truth == "1")
