"""The record with the acts of reviewers laid over it. Pure.

Acts are told in order, and of two about one beat the newer holds; that there were two is told as
well. Beats are known by their sample index, so this works in any numbering that the acts and the
record share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ecg_monitor.archive.annotations.acts import OF_BEATS, Act, ActKind
from ecg_monitor.records.recording import BeatMark, RhythmMark


class ReviewedBeat(NamedTuple):
    """A beat after review.

    Attributes:
        sample: index of its R peak.
        symbol: WFDB symbol that holds; empty: a reviewer deleted it.
        original: symbol of the record; empty: a reviewer inserted it.
        by: who decided; empty: nobody has touched it.
        act: number of the act that decided; 0 for none.
        disputed: whether reviewers differ about it: what each said last is not the same.
    """

    sample: int
    symbol: str
    original: str
    by: str = ""
    act: int = 0
    disputed: bool = False


def beats_of(original: Iterable[BeatMark], acts: Iterable[Act]) -> list[ReviewedBeat]:
    """Return all beats in order of time, those that were deleted among them.

    Args:
        original: beats of the record.
        acts: those in effect, in order; of others than beats nothing is taken.
    """
    newest: dict[int, Act] = {}
    said: dict[int, dict[str, str]] = {}
    for act in acts:
        if act.what not in OF_BEATS:
            continue
        symbol = _symbol(act)
        for sample in act.samples:
            newest[sample] = act
            said.setdefault(sample, {})[act.by] = symbol
    known = {beat.sample: beat.symbol for beat in original}
    if not newest:
        return [ReviewedBeat(sample, known[sample], known[sample]) for sample in sorted(known)]
    found = []
    for sample in sorted(known.keys() | newest.keys()):
        before = known.get(sample, "")
        act_ = newest.get(sample)
        if act_ is None:
            found.append(ReviewedBeat(sample, before, before))
        elif before or _symbol(act_):
            disputed = len(set(said[sample].values())) > 1
            found.append(ReviewedBeat(sample, _symbol(act_), before, act_.by, act_.id, disputed))
    return found


def _symbol(act: Act) -> str:
    return "" if act.what is ActKind.DELETE else act.value


def rhythms_of(
    original: Sequence[RhythmMark], acts: Iterable[Act], length: int
) -> tuple[RhythmMark, ...]:
    """Return the changes of rhythm; what a reviewer drew holds from its first to its last sample.

    Args:
        original: changes of the record, in order.
        acts: those in effect, in order; others than rhythms are passed over.
        length: samples of the interval.
    """
    drawn = [act for act in acts if act.what is ActKind.RHYTHM]
    if not drawn:
        return tuple(original)
    edges = {mark.sample for mark in original} | {0}
    edges |= {sample for act in drawn for sample in act.samples}
    found: list[RhythmMark] = []
    for at in sorted(edge for edge in edges if 0 <= edge < length):
        own = [mark.aux for mark in original if mark.sample <= at]
        over = [act.value for act in drawn if act.samples[0] <= at < act.samples[1]]
        name = over[-1] if over else own[-1] if own else "(U" if found else ""
        if name and (not found or found[-1].aux != name):
            found.append(RhythmMark(at, name))
    return tuple(found)


def verdicts_of(acts: Iterable[Act]) -> Mapping[str, tuple[Act, ...]]:
    """Return by alert what was said of it: of each reviewer the newest, the newest of all last."""
    found: dict[str, dict[str, Act]] = {}
    for act in acts:
        if act.what is ActKind.VERDICT:
            of_alarm = found.setdefault(act.alarm, {})
            of_alarm.pop(act.by, None)
            of_alarm[act.by] = act
    return {alarm: tuple(said.values()) for alarm, said in found.items()}
