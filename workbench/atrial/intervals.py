"""Beat and rhythm annotations of long records without a signal, put through the live rule.

Without a signal there are no P waves and no noise: only what follows from RR intervals and classes
is tested, by beats that are never missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from detector.rhythm.alarms import AlarmRules
from detector.rhythm.rules.irregular import IrregularRules
from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Alarm, BeatLabel, Event
from ecg_monitor.records import AAMI_LABELS
from workbench.atrial.timing import Span

DECIDED_S = 1.4
"""Time after its R peak at which a labelled beat is handed on, s, as live (ARCHITECTURE.md)."""
KINDS = frozenset({"af", "atrial_flutter"})


@dataclass(frozen=True, slots=True)
class RecordAnnotations:
    """The annotations of one record.

    Attributes:
        name: of the record.
        fs: sampling rate of the annotations, Hz.
        beats: sample index and AAMI class of each beat, in order.
        rhythms: time, s, and name of each change of rhythm.
        end_s: time of the last annotation, s.
    """

    name: str
    fs: float
    beats: tuple[tuple[int, BeatLabel], ...]
    rhythms: tuple[tuple[float, str], ...]
    end_s: float


def read_annotations(record: Path, fs: float) -> RecordAnnotations:
    """Read the ``atr`` file of a record that may have neither header nor signal.

    Args:
        record: path without suffix.
        fs: sampling rate of the annotations, Hz.

    Raises:
        RecordError: there is no such file, or it cannot be read.
    """
    import wfdb  # noqa: PLC0415  # takes most of a second to load

    try:
        marks = wfdb.rdann(str(record), "atr")
        rows = list(zip(marks.sample.tolist(), marks.symbol, marks.aux_note, strict=True))
        return RecordAnnotations(
            record.name,
            fs,
            tuple((n, AAMI_LABELS[symbol]) for n, symbol, _ in rows if symbol in AAMI_LABELS),
            tuple((n / fs, aux.rstrip("\x00").strip()) for n, symbol, aux in rows if symbol == "+"),
            rows[-1][0] / fs,
        )
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OSError) as error:
        raise RecordError(f"{record}.atr: is not a WFDB annotation file: {error}") from error


def events_of(record: RecordAnnotations, min_s: float | None = None) -> list[Event]:
    """Return what the live rule of fibrillation tells of a record's beats, in order.

    Args:
        record: with its beats.
        min_s: how long it must last to be told, s; None: as the limits for adults have it.
    """
    moment = AlarmRules(record.fs).moment
    limits = moment.limits.af
    rule = IrregularRules(limits if min_s is None else replace(limits, min_s=min_s))
    events: list[Event] = []
    lag = round(DECIDED_S * record.fs)
    for n, label in record.beats:
        moment.n = n + lag
        moment.beats.add(n, label)
        rule.on_beat(moment)
        events += moment.out.take()
    moment.n = round(record.end_s * record.fs)
    rule.forget(moment)
    return events + moment.out.take()


def alarm_spans(events: Iterable[Event], fs: float, end_s: float) -> list[Span]:
    """Return from when to when an alarm of fibrillation or flutter was there, s."""
    spans: list[Span] = []
    since: dict[str, float] = {}
    for event in events:
        if isinstance(event, Alarm) and event.kind in KINDS:
            at = event.decided_n / fs
            if event.present:
                since[event.kind] = at
            else:
                spans.append((since.pop(event.kind), at))
    return spans + [(at, end_s) for at in since.values()]
