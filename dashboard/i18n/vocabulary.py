"""What pages call alarm kinds and limits, in the language of who asks.

The words stand in the declarations of kinds and limits (`ecg_monitor.ward.alarms`,
`ecg_monitor.ward.limits`). They go to the browser with the page (``<script id="vocabulary">``),
where ``assets/base/vocabulary.js`` reads them, so that no script names a kind or a limit::

    {"alarms": {"vt": {"name": ..., "short": ..., "lead_fault": ..., "rhythm": ...,
                       "no_premature": ..., "of_rate": ..., "withholds": ..., "unwatched": ...,
                       "shown_beats": ...}, ...},
     "limits": {"rate": {"name": ..., "limits": {"low_bpm": {"name": ..., "unit": ...,
                                                             "fine": ..., "choices": ...}, ...}}}}

Kinds come in the order of their rank, sections and limits in the order of their fields.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.alarms.kind import AlarmKind
from ecg_monitor.ward.limits.limit import Limit
from ecg_monitor.ward.limits.model import LIMITS, TITLES
from ecg_monitor.ward.words import Words


@cache
def vocabulary(language: str) -> dict[str, Any]:
    """Return the words of all alarm kinds and limits in a language, ready for JSON."""
    return {
        "alarms": {kind: _alarm(row, language) for kind, row in KINDS.items()},
        "limits": {
            section: {
                "name": TITLES[section].of(language),
                "limits": {key: _limit(limit, language) for key, limit in limits.items()},
            }
            for section, limits in LIMITS.items()
        },
    }


@cache
def definitions(language: str) -> dict[str, str]:
    """Return the definition of every alarm kind in a language, by its English text.

    Evidence holds the English text; a page looks it up as it does its other messages.
    """
    return {row.rule.en: row.rule.of(language) for row in KINDS.values()}


def _alarm(row: AlarmKind, language: str) -> dict[str, Any]:
    return {
        "name": row.name.of(language),
        "short": _of(row.short, language),
        "lead_fault": _of(row.lead_fault, language),
        "rhythm": row.rhythm,
        "no_premature": _of(row.no_premature, language),
        "of_rate": row.quantity == "heart_rate",
        "withholds": row.withholds,
        "unwatched": row.unwatched,
        "shown_beats": row.shown_beats,
    }


def _limit(limit: Limit, language: str) -> dict[str, Any]:
    return {
        "name": limit.label.of(language),
        "unit": limit.unit.of(language),
        "fine": limit.fine,
        "choices": {choice: words.of(language) for choice, words in limit.choices.items()},
    }


def _of(words: Words | None, language: str) -> str | None:
    return None if words is None else words.of(language)
