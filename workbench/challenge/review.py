"""Answers each listed alarm by running the analyzer over the recording that it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from detector.analyzer.offline import Analysis, analyze
from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording
from workbench.alarm_review.strips import strip_svg
from workbench.challenge.causes import cause
from workbench.challenge.folder import ListedAlarm, Refusal, read_until_alarm
from workbench.challenge.kinds import KINDS
from workbench.challenge.scoring import Outcome, Tally, outcome

WITHIN_S = 10.0
"""The event begins within this before the alarm (Clifford 2015), so an alarm of ours answers for it
if it is present at any time of that stretch, s."""
FOLDS = 5
"""Who chooses a constant on such a folder holds out one fold at a time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the analysis says of one alarm of the list.

    Attributes:
        alarm: the alarm, with what experts said.
        fold: 0 to `FOLDS` - 1; kinds and true alarms are spread evenly over them.
        alarm_s: when the alarm came, s from the beginning.
        leads: names of the leads analysed.
        said: our alarms present within `WITHIN_S` before it, ``KIND`` by ``onset_s``, in order.
        outcome: right or wrong, and how.
        cause: of a wrong answer, what the analysis saw; empty of a right one.
        strip: of a wrong answer, SVG of the signal before the alarm.
    """

    alarm: ListedAlarm
    fold: int
    alarm_s: float
    leads: tuple[str, ...]
    said: tuple[tuple[str, float], ...]
    outcome: Outcome
    cause: str = ""
    strip: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether experts said otherwise."""
        return self.outcome in ("fp", "fn")

    def as_map(self) -> dict[str, Any]:
        """Return the answer without its strip, JSON-ready."""
        return {
            "record": self.alarm.record,
            "kind": self.alarm.kind.name,
            "true": self.alarm.is_true,
            "outcome": self.outcome,
            "fold": self.fold,
            "alarm_s": self.alarm_s,
            "leads": list(self.leads),
            "said": [{"kind": kind, "onset_s": onset_s} for kind, onset_s in self.said],
            "cause": self.cause,
        }


@dataclass(slots=True)
class ChallengeReview:
    """Answers to the alarms of a folder, and those that could not be scored.

    Attributes:
        packet_ms: length of the packets that the analyzer is fed with.
        answers: in the order of the list.
        refused: alarms that are not scored, and why.
    """

    packet_ms: float = 500.0
    answers: list[Answer] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def take(self, found: Answer | Refusal) -> None:
        """Add the answer to an alarm, or count it as one that cannot be scored."""
        if isinstance(found, Refusal):
            self.refused.append(found)
        else:
            self.answers.append(found)

    def as_map(self) -> dict[str, Any]:
        """Return the review, JSON-ready.

        ``kinds`` and ``gross`` hold counts and scores (`Tally.as_map`), ``folds`` the gross score
        of each fold, ``causes`` the number of wrong answers by kind, outcome and cause, ``alarms``
        every answer, ``listed`` how many alarms the list has and ``refused`` those not scored.
        """
        return {
            "listed": len(self.answers) + len(self.refused),
            "scored": len(self.answers),
            "within_s": WITHIN_S,
            "packet_ms": self.packet_ms,
            "kinds": {name: tally.as_map() for name, tally in self._tallies().items()},
            "gross": tally_of(self.answers).as_map(),
            "folds": [
                tally_of(one for one in self.answers if one.fold == fold).score
                for fold in range(FOLDS)
            ],
            "causes": self._causes(),
            "alarms": [one.as_map() for one in self.answers],
            "refused": [{"record": one.record, "reason": one.reason} for one in self.refused],
        }

    def wrong(self) -> list[Answer]:
        """Return the wrong answers by kind, the missed ones of a kind first."""
        places = {name: place for place, name in enumerate(KINDS)}
        found = [one for one in self.answers if one.is_wrong]
        return sorted(found, key=lambda one: (places[one.alarm.kind.name], one.outcome != "fn"))

    def _tallies(self) -> Mapping[str, Tally]:
        return {
            name: tally_of(one for one in self.answers if one.alarm.kind.name == name)
            for name in KINDS
        }

    def _causes(self) -> list[dict[str, Any]]:
        counts: Counter[tuple[str, str, str]] = Counter(
            (one.alarm.kind.name, one.outcome, one.cause) for one in self.wrong()
        )
        places = {kind: place for place, kind in enumerate(KINDS)}
        ordered = sorted(
            counts.items(), key=lambda it: (places[it[0][0]], it[0][1] != "fn", -it[1], it[0])
        )
        return [
            {"kind": kind, "outcome": outcome, "cause": cause, "count": count}
            for (kind, outcome, cause), count in ordered
        ]


def answers_to(
    alarms: Iterable[ListedAlarm], folder: Path, packet_ms: float, jobs: int = 1
) -> Iterator[Answer | Refusal]:
    """Analyse the recordings of alarms and yield the answers in their order.

    Args:
        alarms: what is to be answered.
        folder: of the recordings.
        packet_ms: length of the packets that the analyzer is fed with.
        jobs: processes at once.
    """
    places: Counter[tuple[str, bool]] = Counter()
    folds: list[tuple[ListedAlarm, int]] = []
    for alarm in alarms:
        key = (alarm.kind.name, alarm.is_true)
        folds.append((alarm, places[key] % FOLDS))
        places[key] += 1
    work = partial(_answer_or_refuse, folder, packet_ms)
    if jobs == 1:
        yield from map(work, folds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(work, folds)


def _answer_or_refuse(
    folder: Path, packet_ms: float, listed: tuple[ListedAlarm, int]
) -> Answer | Refusal:
    alarm, fold = listed
    try:
        recording = read_until_alarm(folder, alarm.record)
        return answer(alarm, recording, analyze(recording, packet_ms=packet_ms), fold)
    except RecordError as error:
        return Refusal(alarm.record, str(error))


def tally_of(answers: Iterable[Answer]) -> Tally:
    """Return how often each outcome came."""
    return sum((Tally().plus(one.outcome) for one in answers), Tally())


def answer(alarm: ListedAlarm, recording: Recording, analysis: Analysis, fold: int = 0) -> Answer:
    """Return the answer to an alarm.

    Args:
        alarm: the alarm, with what experts said.
        recording: what precedes it; it ends with the alarm.
        analysis: of the recording.
        fold: see `Answer`.
    """
    end_s = recording.duration_s
    since_s = end_s - WITHIN_S
    said = tuple(
        (one["kind"], one["onset_s"])
        for one in analysis["alarms"]
        if one["cleared_s"] is None or one["cleared_s"] > since_s
    )
    told = any(kind in alarm.kind.told_by for kind, _ in said)
    result = outcome(is_true=alarm.is_true, told=told)
    found = Answer(alarm, fold, round(end_s, 3), recording.leads, said, result, cause="", strip="")
    if not found.is_wrong:
        return found
    beats = [(beat["time_s"], beat["label"]) for beat in analysis["beats"]]
    return Answer(
        *(alarm, fold, found.alarm_s, recording.leads, said, result),
        cause=cause(alarm.kind, result, analysis, since_s),
        strip=strip_svg(recording, beats, since_s, end_s),
    )
