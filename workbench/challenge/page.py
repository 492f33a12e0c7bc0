"""Writes the score of the challenge as one HTML page with a strip of every wrong answer."""

from __future__ import annotations

from html import escape

from workbench.alarm_review.page import render_table, wrapped
from workbench.challenge.kinds import KINDS
from workbench.challenge.review import WITHIN_S, Answer, ChallengeReview
from workbench.challenge.table import (
    CAUSE_HEADINGS,
    HEADINGS,
    WRONG,
    cause_rows,
    folds_text,
    score_rows,
    title,
)


def render_html(review: ChallengeReview) -> str:
    """Return the page: scores, causes, then the strips of the wrong answers by kind."""
    figures = review.as_map()
    body = [
        f"<h1>{escape(title(figures))}</h1>",
        f"<p>The recordings through the live analyzer in packets of {review.packet_ms:g} ms, up to "
        "the bedside monitor's alarm. Score: (TP + TN) / (TP + TN + FP + 5 FN), PhysioNet/CinC "
        f"Challenge 2015; {escape(folds_text(figures))}.</p>",
        render_table(HEADINGS, score_rows(figures)),
        "<h2>Wrong answers by what the analysis saw</h2>",
        render_table(CAUSE_HEADINGS, cause_rows(figures), words=3),
        *_refused(review),
        *_sections(review),
        "<h2>Definitions</h2>",
        render_table(
            ("Bedside alarm", "True when", "Told by our alarms"),
            [[kind.title, kind.definition, ", ".join(kind.told_by)] for kind in KINDS.values()],
            words=3,
        ),
    ]
    return wrapped("Bedside alarms", body)


def _refused(review: ChallengeReview) -> list[str]:
    if not review.refused:
        return []
    rows = [[one.record, one.reason] for one in review.refused]
    return ["<h2>Not scored</h2>", render_table(("Record", "Why"), rows, words=2)]


def _sections(review: ChallengeReview) -> list[str]:
    parts: list[str] = []
    former = ("", "")
    for one in review.wrong():
        key = (one.alarm.kind.title, WRONG[one.outcome])
        if key != former:
            parts.append(f'<h2 class="false">{escape(key[0].capitalize())}, {key[1]}</h2>')
            parts.append(
                f"<p>From the solid line on, {WITHIN_S:g} s before the alarm, the event may have "
                "begun. Above the leads the beats as found.</p>"
            )
            former = key
        parts.append(_strip(one))
    return parts


def _strip(one: Answer) -> str:
    said = ", ".join(
        f"{kind.replace('_', ' ')} since {onset_s - one.alarm_s:.1f} s"
        for kind, onset_s in one.said
    )
    return (
        f"<h3>{escape(one.alarm.record)}</h3>"
        f"<p><b>{escape(one.cause)}</b>; our alarms: {escape(said or 'none')}</p>"
        f'<div class="whole">{one.strip}</div>'
    )
