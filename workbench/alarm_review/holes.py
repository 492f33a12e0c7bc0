"""Counts what becomes of life-threatening alarms when the signal has holes.

  python -m workbench.alarm_review.holes mitdb:12 --share 0.01
  python -m workbench.alarm_review.holes mitdb --records 119,208,223 --share 0.05 --lost packets

Each recording is analysed as it is and with holes, by the path that runs live. Holes are stretches
of 1 to --longest-ms in which all leads are flagged as detached, at random; with ``--lost packets``
they are packets that do not come. Of each ventricular tachycardia and fibrillation that is told of
the whole recording there are three outcomes:

kept     it, or a fibrillation in place of a tachycardia, is told within seconds of where it was
limited  it is not, but a technical alarm says that the analysis is limited, suspended, or rests
lost     neither

Also counted are alarms of the heart that only the recording with holes has (invented), by kind, and
how often a technical alarm of the whole recording speaks of holes: never, in a recording without.
With --around the recording is cut to so many seconds before and after what is told of it, which is
quicker where little is told. The same seed makes the same holes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.offline import DEVICE, as_analysis, packets_of
from ecg_monitor.core.types import Event, Packet
from ecg_monitor.records import Recording, read_record
from ecg_monitor.records.recording import InvalidStretch
from ecg_monitor.ward.alarms.catalogue import KINDS

TACHYCARDIA = ("vt", "vt_sustained")
FIBRILLATION = ("vf",)
LIMITED = "analysis_limited"
TECHNICAL = (LIMITED, "leadoff", "noise")
BEFORE_S, AFTER_S = 3.0, 10.0
"""An alarm counts as the same if it overlaps the stretch prolonged by this, s: the rate of a run
may need another beat, and a second of fibrillation may be judged later."""
LATE_S = 30.0
"""The technical alarm looks back over this, s, and may be told so much later."""
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Loss:
    """How holes are made.

    Attributes:
        share: of the signal that is missing, 0 to 1.
        longest_ms: longest hole, ms, if samples are missing.
        packet_ms: length of a packet.
        packets: whole packets are missing.
        seed: of the generator.
    """

    share: float
    longest_ms: float = 200.0
    packet_ms: float = 100.0
    packets: bool = False
    seed: int = 1

    def apply(self, recording: Recording) -> Iterator[Packet]:
        """Yield the packets of a recording that arrive."""
        rng = np.random.default_rng(self.seed)
        if self.packets:
            for packet in packets_of(recording, self.packet_ms):
                if rng.random() >= self.share:
                    yield packet
            return
        yield from packets_of(
            replace(recording, invalid=tuple(self._holes(recording, rng))), self.packet_ms
        )

    def _holes(self, recording: Recording, rng: np.random.Generator) -> Iterator[InvalidStretch]:
        longest = max(1, round(self.longest_ms * recording.fs / 1000))
        mean = (1 + longest) / 2
        holes: list[Span] = []
        at = 0.0
        while self.share and at < recording.n_samples:
            at += rng.exponential(mean * (1 / self.share - 1))
            end = at + 1 + rng.integers(0, longest)
            holes.append((round(at), min(round(end), recording.n_samples)))
            at = end
        for lead in range(len(recording.leads)):
            yield from (InvalidStretch(lead, int(a), int(b)) for a, b in holes if a < b)


def analysed(recording: Recording, packets: Iterable[Packet]) -> dict[str, Any]:
    """Return the analysis of what arrives of a recording, as `detector.analyzer.offline` has it."""
    analyzer = Analyzer()
    timed: list[tuple[float, Event]] = []
    arrived = 0.0
    for packet in packets:
        arrived = packet.n1 / recording.fs
        timed += [(arrived, e) for output in analyzer.feed([packet]) for e in output.events]
    timed += [(arrived, e) for output in analyzer.finish(DEVICE) for e in output.events]
    return as_analysis(recording, timed)


def spans(analysis: dict[str, Any], kinds: Iterable[str]) -> list[Span]:
    """Return where alarms of some kinds were present, s, in order; those that touch are joined."""
    found: list[Span] = []
    for alarm in sorted(analysis["alarms"], key=lambda one: float(one["onset_s"])):
        if alarm["kind"] not in kinds:
            continue
        end = alarm["cleared_s"] if alarm["cleared_s"] is not None else analysis["duration_s"]
        if found and alarm["onset_s"] <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((alarm["onset_s"], end))
    return found


def outcome(span: Span, alike: list[Span], technical: list[Span]) -> str:
    """Return what became of an alarm: ``kept``, ``limited`` or ``lost``."""
    if _meets((span[0] - BEFORE_S, span[1] + AFTER_S), alike):
        return "kept"
    return "limited" if _meets((span[0], span[1] + LATE_S), technical) else "lost"


def _meets(span: Span, others: list[Span]) -> bool:
    return any(start < span[1] and end > span[0] for start, end in others)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A recording with holes against the whole one.

    Attributes:
        tachycardia: outcomes of the ventricular tachycardias.
        fibrillation: of the fibrillations.
        invented: kinds of the heart that only the one with holes has, and how often.
        limited: how often the whole one was called limited.
        unclassified: beats of class Q, of the whole one and of the one with holes.
    """

    tachycardia: Counter[str]
    fibrillation: Counter[str]
    invented: Counter[str]
    limited: int
    unclassified: tuple[int, int]


def compare(recording: Recording, loss: Loss) -> Comparison:
    """Analyse a recording whole and with holes.

    Raises:
        RecordError: no device could send it.
    """
    whole = analysed(recording, packets_of(recording, loss.packet_ms))
    holed = analysed(recording, loss.apply(recording))
    technical, fatal = spans(holed, TECHNICAL), spans(holed, (*TACHYCARDIA, *FIBRILLATION))
    found = [
        Counter(outcome(span, alike, technical) for span in spans(whole, kinds))
        for kinds, alike in (
            (TACHYCARDIA, fatal),
            (FIBRILLATION, spans(holed, FIBRILLATION)),
        )
    ]
    invented: Counter[str] = Counter()
    for kind in {alarm["kind"] for alarm in holed["alarms"]}:
        if KINDS[kind].about == "heart":
            real = [(a - BEFORE_S, b + AFTER_S) for a, b in spans(whole, (kind,))]
            invented[kind] += sum(not _meets(span, real) for span in spans(holed, (kind,)))
    limited = len(spans(whole, (LIMITED,)))
    unclassified = (whole["unclassified"], holed["unclassified"])
    return Comparison(found[0], found[1], +invented, limited, unclassified)


def render(found: dict[str, Comparison]) -> Table:
    """Return the table of comparisons by name of the recording, and their sums."""
    table = Table(title="Alarms of recordings with holes against those of the whole ones")
    columns = ("kept", "limited", "lost")
    names = [f"{kind} {one}" for kind in ("VT", "VF") for one in columns]
    for column in ("recording", *names, "limited, whole", "Q, whole", "Q, holes", "invented"):
        table.add_column(column, justify="right")
    total = [0] * (len(names) + 3)
    every: Counter[str] = Counter()
    for name, one in found.items():
        counts = [c[key] for c in (one.tachycardia, one.fibrillation) for key in columns]
        counts += [one.limited, *one.unclassified]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        every += one.invented
        table.add_row(name, *map(str, counts), _words(one.invented))
    table.add_row("all", *map(str, total), _words(every))
    return table


def _words(counts: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.most_common())


def cut(recording: Recording, around_s: float) -> Recording:
    """Return what lies around the first to the last ventricular rhythm or run, as annotated.

    Args:
        recording: with reference beats and rhythms; it is returned whole if none is ventricular.
        around_s: how much ahead of the first and after the last is kept, s.
    """
    at = [mark.sample for mark in recording.rhythms if mark.aux.startswith("(V")]
    beats = recording.beats
    at += [b.sample for a, b in pairwise(beats) if a.symbol == b.symbol == "V"]
    if not at:
        return recording
    reach = round(around_s * recording.fs)
    first, last = max(0, min(at) - reach), min(recording.n_samples, max(at) + reach)
    samples = np.ascontiguousarray(recording.samples[:, first:last])
    return replace(recording, samples=samples, beats=(), rhythms=(), invalid=())


def main() -> int:
    """Run the comparison; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sources", metavar="FOLDER[:N]", nargs="+", help="recordings to analyse")
    parser.add_argument("--records", metavar="NAMES", help="only these, separated by commas")
    parser.add_argument("--share", type=float, default=0.01, help="of the signal that is missing")
    parser.add_argument("--longest-ms", type=float, default=200.0, help="longest hole (200)")
    parser.add_argument("--packet-ms", type=float, default=100.0, help="length of packets (100)")
    parser.add_argument("--lost", choices=("samples", "packets"), default="samples")
    parser.add_argument("--around", type=float, metavar="SECONDS", help="cut the recordings")
    parser.add_argument("--seed", type=int, default=1, help="of the holes (1)")
    args = parser.parse_args()
    loss = Loss(args.share, args.longest_ms, args.packet_ms, args.lost == "packets", args.seed)
    names = set(args.records.split(",")) if args.records else None
    found: dict[str, Comparison] = {}
    for source in args.sources:
        folder, _, most = source.partition(":")
        paths = sorted(Path(folder).glob("*.hea"))[: int(most) if most else None]
        paths = [path for path in paths if names is None or path.stem in names]
        if not paths:
            parser.error(f"no recordings (*.hea) in {folder}")
        for path in track(paths, folder):
            recording = read_record(path.with_suffix(""))
            if args.around is not None:
                recording = cut(recording, args.around)
            found[f"{path.parent.name}/{path.stem}"] = compare(recording, loss)
    Console(width=180).print(render(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
