"""Sorts wrong answers by what the analysis saw before the alarm. Pure.

The challenge tells the kind of an alarm and whether it was true, not where its beats are. So a
cause names what was found in the last seconds against what the definition asks for: it says which
part of the analysis to look at, and the strip shows whether it is to blame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from detector.analyzer.offline import Analysis
from workbench.challenge.kinds import ChallengeKind
from workbench.challenge.scoring import Outcome

PAUSE_S, SHORT_PAUSE_S = 4.0, 2.5
"""What the challenge calls asystole, and what is at least a pause, s."""
SLOW_BEATS, SLOW_BPM = 5, 40.0
FAST_BEATS, FAST_BPM = 17, 140.0
RUN_BEATS, RUN_BPM, SHORT_RUN = 5, 100.0, 3
NEAR = 0.1
"""A rate this close to its limit, as a share of it, is near."""
BEFORE_S = 60.0
"""What beats are like otherwise is judged on so long before the event, s."""

Beat = tuple[float, str]
"""Time in s and class of a found beat."""


@dataclass(frozen=True, slots=True)
class SignalView:
    """What the analysis saw.

    Attributes:
        beats: all found beats.
        since_s: when the event may have begun, s.
        end_s: when the alarm came, s.
        said: kinds of our alarms present since then.
        quality: what the signal was called for most of the time since then.
    """

    beats: Sequence[Beat]
    since_s: float
    end_s: float
    said: Collection[str]
    quality: str

    def late(self, ahead: int = 0) -> Sequence[Beat]:
        """Return the beats since the event may have begun, and ``ahead`` beats before it."""
        first = sum(at < self.since_s for at, _ in self.beats)
        return self.beats[max(0, first - ahead) :]

    def rates(self, count: int) -> list[tuple[float, Sequence[Beat]]]:
        """Return the mean rate, bpm, of each ``count`` beats in a row that end in the stretch."""
        beats = self.late(count - 1)
        rows = (beats[i : i + count] for i in range(len(beats) - count + 1))
        return [(60.0 * (count - 1) / (row[-1][0] - row[0][0]), row) for row in rows]

    def longest_pause_s(self) -> float:
        """Return the longest time without a found beat that ends in the stretch or with it, s."""
        times = [at for at, _ in self.late(1)] + [self.end_s]
        return max((b - a for a, b in pairwise(times)), default=self.end_s)


def cause(kind: ChallengeKind, outcome: Outcome, analysis: Analysis, since_s: float) -> str:
    """Return why an answer is wrong, in words.

    Args:
        kind: of the bedside alarm.
        outcome: ``fn``, missed, or ``fp``, told though false.
        analysis: of the recording that ends with the alarm.
        since_s: when the event may have begun, s.
    """
    end_s = analysis["duration_s"]
    said = {
        one["kind"]
        for one in analysis["alarms"]
        if one["cleared_s"] is None or one["cleared_s"] > since_s
    }
    beats = [(beat["time_s"], beat["label"]) for beat in analysis["beats"]]
    sight = SignalView(beats, since_s, end_s, said, _quality(analysis, since_s, end_s))
    if outcome == "fn":
        return _MISSED[kind.name](sight)
    signal = f"in signal called {sight.quality}"
    return f"{_TOLD[kind.name](sight)}, {signal}"


def _quality(analysis: Analysis, since_s: float, end_s: float) -> str:
    seconds: dict[str, float] = {}
    for one in analysis["quality"]:
        within_s = min(one["end_s"], end_s) - max(one["start_s"], since_s)
        seconds[one["state"]] = seconds.get(one["state"], 0.0) + max(0.0, within_s)
    return max(seconds, key=lambda state: seconds[state], default="unknown")


def _runs(beats: Sequence[Beat]) -> Iterator[Sequence[Beat]]:
    """Yield the runs of beats called V."""
    first = None
    for i, (_, label) in enumerate([*beats, (0.0, "")]):
        if label == "V":
            first = i if first is None else first
        elif first is not None:
            yield beats[first:i]
            first = None


def _bpm(run: Sequence[Beat]) -> float:
    return 60.0 * (len(run) - 1) / (run[-1][0] - run[0][0]) if len(run) > 1 else 0.0


def _fast_beside(beats: Sequence[Beat], run: Sequence[Beat]) -> str:
    """Return the class of the beat beside a run that follows or goes before as fast as a run does.

    Of two the nearer one; empty if there is none.
    """
    first, last = beats.index(run[0]), beats.index(run[-1])
    before = [(run[0][0] - at, label) for at, label in beats[max(0, first - 1) : first]]
    after = [(at - run[-1][0], label) for at, label in beats[last + 1 : last + 2]]
    fast = [(gap_s, label) for gap_s, label in before + after if gap_s < 60.0 / RUN_BPM]
    return min(fast)[1] if fast else ""


def _missed_asystole(sight: SignalView) -> str:
    pause_s = sight.longest_pause_s()
    if pause_s >= PAUSE_S:
        return "a pause long enough was found, and not alarmed"
    return "beats found within a pause" if pause_s >= SHORT_PAUSE_S else "no pause found"


def _missed_bradycardia(sight: SignalView) -> str:
    if "asystole" in sight.said:
        return "told as asystole"
    slowest = min((bpm for bpm, _ in sight.rates(SLOW_BEATS)), default=0.0)
    if slowest < SLOW_BPM:
        return "a rate low enough was found, and not alarmed"
    near = slowest <= SLOW_BPM * (1 + NEAR)
    return "rate found just above the limit" if near else "rate found well above the limit"


def _missed_tachycardia(sight: SignalView) -> str:
    for kind, words in (
        ("vf", "told as ventricular fibrillation"),
        ("vt_sustained", "told as ventricular tachycardia"),
        ("vt", "told as ventricular tachycardia"),
    ):
        if kind in sight.said:
            return words
    fastest = max((bpm for bpm, _ in sight.rates(FAST_BEATS)), default=0.0)
    if fastest > FAST_BPM:
        return "a rate high enough was found, and not alarmed"
    near = fastest >= FAST_BPM * (1 - NEAR)
    return "rate found just below the limit" if near else "rate found well below the limit"


def _missed_run(sight: SignalView) -> str:
    runs = sorted(_runs(sight.late(RUN_BEATS - 1)), key=len)
    longest = runs[-1] if runs else []
    if len(longest) >= RUN_BEATS:
        fast = _bpm(longest) > RUN_BPM
        return "a run long enough was found, and not alarmed" if fast else "run found as slower"
    if len(longest) >= SHORT_RUN:
        beside = _fast_beside(sight.beats, longest)
        rest = f"the fast beat beside it {beside}" if beside else "no fast beat beside it"
        return f"run found as shorter: {len(longest)} V, {rest}"
    fast_rows = [row for bpm, row in sight.rates(RUN_BEATS) if bpm > RUN_BPM]
    if not fast_rows:
        return f"no {RUN_BEATS} beats above {RUN_BPM:g}/min found"
    labels = Counter(label for row in fast_rows for _, label in row if label != "V")
    return f"fast beats labelled {labels.most_common(1)[0][0]}"


def _missed_fibrillation(sight: SignalView) -> str:
    for kind, words in (
        ("vt_sustained", "told as ventricular tachycardia"),
        ("vt", "told as ventricular tachycardia"),
        ("asystole", "told as asystole"),
        ("extreme_tachycardia", "told as extreme tachycardia"),
    ):
        if kind in sight.said:
            return words
    return "waveform not taken for fibrillation"


def _told_run(sight: SignalView) -> str:
    before = [label for at, label in sight.beats if sight.since_s - BEFORE_S <= at < sight.since_s]
    usual = before and before.count("V") > len(before) / 2
    return "beats called V all along" if usual else "a run of V found"


_MISSED: Mapping[str, Callable[[SignalView], str]] = {
    "Asystole": _missed_asystole,
    "Bradycardia": _missed_bradycardia,
    "Tachycardia": _missed_tachycardia,
    "Ventricular_Tachycardia": _missed_run,
    "Ventricular_Flutter_Fib": _missed_fibrillation,
}
_TOLD: Mapping[str, Callable[[SignalView], str]] = {
    "Asystole": lambda _: "a pause found",
    "Bradycardia": lambda _: "a low rate found",
    "Tachycardia": lambda _: "a high rate found",
    "Ventricular_Tachycardia": _told_run,
    "Ventricular_Flutter_Fib": lambda _: "waveform taken for fibrillation",
}
