"""The evaluations of `ecg-monitor evaluate`: beats, rhythm, alarms, waves, degraded records."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.progress import Progress

from detector.analyzer.command import choose_leads, write_annotations
from detector.analyzer.offline import analyze
from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording, read_record
from models import scoring as ec57
from models.scoring import databases
from workbench.alarm_review import tables as alarm_tables
from workbench.alarm_review.page import render_html
from workbench.alarm_review.review import AlarmReview
from workbench.challenge import table as challenge_table
from workbench.challenge.folder import read_alarms
from workbench.challenge.page import render_html as render_challenge
from workbench.challenge.review import ChallengeReview, answers_to
from workbench.evaluate import degradations, degraded, joined, rhythm_table
from workbench.evaluate import delineation as waves
from workbench.evaluate import delineation_table as wave_table
from workbench.evaluate.networks import scoring as networks
from workbench.evaluate.rhythm import RhythmReport, from_own_beats, from_reference_beats
from workbench.evaluate.spoilt_leads import FAULTS

WIDTH = 120
"""Columns of a table when it is written to a file."""


@dataclass(frozen=True, slots=True)
class EvaluationOutput:
    """The outcome of an evaluation.

    Attributes:
        tables: tables for the screen.
        figures: their content, JSON-ready.
        page: renders the HTML page, if there is one.
        width: columns of the tables when they are written to a file.
    """

    tables: Iterable[RenderableType]
    figures: Mapping[str, Any]
    page: Callable[[], str] | None = None
    width: int = WIDTH


def beats(args: argparse.Namespace, bar: Progress) -> EvaluationOutput:
    """Score beats after EC57."""
    names = chosen_records(args)
    settings = {"database": str(args.folder), "split": args.split, "label_map": args.label_map}
    if args.found:
        settings |= {"found": str(args.found), "found_annotator": args.found_annotator}
        found = _others_cases(args, names)
    else:
        args.leads = args.leads or "first"
        settings |= {"leads": args.leads, "packet_ms": args.packet_ms}
        found = _cases(args, names)
    cases = bar.track(found, total=len(names), description="scoring")
    report = ec57.evaluate(cases, settings=settings)
    return EvaluationOutput([ec57.render_table(report)], report, lambda: ec57.render_html(report))


def rhythm(args: argparse.Namespace, bar: Progress) -> EvaluationOutput:
    """Score episodes of rhythm, and count the alarms per hour."""
    args.leads = args.leads or "first"
    report = RhythmReport()
    for name in bar.track(chosen_records(args), description="scoring"):
        recording = _recording(args, name)
        if args.reference_beats:
            report.add(recording, *from_reference_beats(recording))
        else:
            report.add(recording, *from_own_beats(recording, args.packet_ms))
    figures = report.as_map()
    return EvaluationOutput(rhythm_table.render(figures), figures)


def alarms(args: argparse.Namespace, bar: Progress) -> EvaluationOutput:
    """Hold every high-priority alarm against the reference."""
    args.leads = args.leads or "all"
    review = AlarmReview(args.packet_ms)
    for name in bar.track(chosen_records(args), description="reviewing"):
        review.add(_recording(args, name))
    figures = review.as_map()
    return EvaluationOutput(alarm_tables.render(figures), figures, lambda: render_html(review))


def alarm_challenge(args: argparse.Namespace, bar: Progress) -> EvaluationOutput:
    """Answer bedside alarms that experts have judged, and score the answers.

    Raises:
        RecordError: the list of alarms is missing or lists nothing, or none can be scored.
    """
    if args.leads not in (None, "all") or args.split != "all":
        raise RecordError(
            "--alarm-challenge: takes every lead of every record, as at the bedside: leave out "
            "--leads and --split; --records chooses records"
        )
    listed, refused = read_alarms(args.folder)
    if args.records:
        wanted = args.records.split(",")
        known = {one.record for one in listed} | {one.record for one in refused}
        missing = sorted(set(wanted) - known)
        if missing:
            names = ", ".join(repr(name) for name in missing)
            raise RecordError(f"{args.folder}: ALARMS does not list {names}")
        listed = [one for one in listed if one.record in wanted]
        refused = [one for one in refused if one.record in wanted]
    review = ChallengeReview(args.packet_ms, refused=refused)
    answers = answers_to(listed, args.folder, args.packet_ms, args.jobs)
    for one in bar.track(answers, total=len(listed), description="answering"):
        review.take(one)
    if not review.answers:
        first = review.refused[0]
        raise RecordError(
            f"{args.folder}: none of {len(review.refused)} alarms can be scored; the first, "
            f"{first.record}: {first.reason}"
        )
    figures = review.as_map()
    return EvaluationOutput(
        challenge_table.render(figures),
        figures | {"tables": challenge_table.quoted(figures)},
        lambda: render_challenge(review),
    )


def delineation(args: argparse.Namespace, bar: Progress) -> EvaluationOutput:
    """Score wave boundaries and intervals."""
    report = waves.DelineationReport()
    leads = None if args.leads == "all" else args.leads
    if leads == "first":
        raise RecordError("--leads: --delineation takes all leads, or those named, as in II,V5")
    for path in bar.track(waves.records_of(args.folder, args.records or "even")):
        waves.evaluate(path, report, leads)
    figures = report.as_map()
    return EvaluationOutput(wave_table.render(figures), figures)


def degraded_records(args: argparse.Namespace, bar: Progress) -> EvaluationOutput:
    """Score degraded records, and their drops against the undegraded ones."""
    if args.leads:
        raise RecordError("--leads: --degraded chooses leads by itself (second-lead, both-leads)")
    names, chosen = chosen_records(args), degradations.chosen(args.degraded)
    task = bar.add_task("scoring", total=len(names) * len(chosen))
    figures = degraded.measure(
        args.folder,
        names,
        chosen,
        annotator=args.annotator,
        labels=args.label_map,
        packet_ms=args.packet_ms,
        progress=lambda what: bar.update(task, advance=1, description=escape(what)),
    )
    return EvaluationOutput([degraded.render(figures, len(names))], figures, width=degraded.WIDTH)


def spoilt_leads(args: argparse.Namespace, bar: Progress) -> EvaluationOutput:
    """Hold the joined leads against the best one while others are spoilt."""
    if args.leads:
        raise RecordError("--leads: --spoilt-leads takes every lead alone, and all together")
    names = chosen_records(args)
    task = bar.add_task("scoring", total=len(names) * len(FAULTS))
    figures = joined.measure(
        args.folder,
        names,
        FAULTS,
        args.spoilt_leads,
        annotator=args.annotator,
        packet_ms=args.packet_ms,
        progress=lambda what: bar.update(task, advance=1, description=escape(what)),
    )
    return EvaluationOutput([joined.render(figures, len(names))], figures, width=joined.WIDTH)


def zoo_network(args: argparse.Namespace, bar: Progress) -> EvaluationOutput:
    """Score a network of the zoo on the test part of its data."""
    return EvaluationOutput(*networks.evaluate(args, bar))


ALL: Mapping[str, Callable[[argparse.Namespace, Progress], EvaluationOutput]] = MappingProxyType(
    {
        "beats": beats,
        "network": zoo_network,
        "rhythm": rhythm,
        "alarms": alarms,
        "alarm_challenge": alarm_challenge,
        "delineation": delineation,
        "degraded": degraded_records,
        "spoilt_leads": spoilt_leads,
    }
)
"""Every evaluation by the option that asks for it."""


def chosen_records(args: argparse.Namespace) -> list[str]:
    """Return the names of the records to score.

    Raises:
        RecordError: there are none, or one that was asked for is missing.
    """
    if not args.folder.is_dir():
        raise RecordError(f"{args.folder} is not a folder")
    present = sorted(path.stem for path in args.folder.glob(f"*.{args.annotator}"))
    if not present:
        raise RecordError(f"{args.folder} has no record with annotations *.{args.annotator}")
    wanted = present if args.split == "all" else list(databases.split(args.split))
    if args.records:
        wanted = args.records.split(",")
    missing = sorted(set(wanted) - set(present))
    if missing:
        raise RecordError(f"{args.folder} lacks {', '.join(missing)}")
    return wanted


def _recording(args: argparse.Namespace, name: str) -> Recording:
    recording = read_record(args.folder / name, annotator=args.annotator)
    leads = recording.leads[0] if args.leads == "first" else args.leads
    return choose_leads(recording, None if leads == "all" else leads)


def _others_cases(args: argparse.Namespace, names: list[str]) -> Iterator[ec57.Case]:
    labels = databases.label_map(args.label_map)
    for name in names:
        recording = read_record(args.folder / name, annotator=args.annotator)
        yield ec57.Case(
            name,
            ec57.read_beats(args.folder / name, args.annotator, labels),
            ec57.read_beats(args.found / name, args.found_annotator, labels),
            recording.fs,
            recording.duration_s,
        )


def _cases(args: argparse.Namespace, names: list[str]) -> Iterator[ec57.Case]:
    labels = databases.label_map(args.label_map)
    for name in names:
        recording = _recording(args, name)
        analysis: dict[str, Any] = analyze(recording, packet_ms=args.packet_ms)
        if args.annotations:
            write_annotations(analysis, args.annotations)
        yield ec57.Case(
            name,
            ec57.read_beats(args.folder / name, args.annotator, labels),
            ec57.Beats.from_labels(
                (beat["sample"] for beat in analysis["beats"]),
                (beat["label"] for beat in analysis["beats"]),
            ),
            recording.fs,
            recording.duration_s,
        )
