"""Pages call every alarm kind and every limit by words of their language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from dashboard.i18n.messages import LANGUAGES, catalogue
from dashboard.i18n.vocabulary import definitions, vocabulary
from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.limits.model import LIMITS, TITLES, default_limits
from ecg_monitor.ward.words import Words

FOREIGN = sorted(set(LANGUAGES) - {"en"})


def declared() -> Iterator[Words]:
    """All words that stand in declarations."""
    for row in KINDS.values():
        words = (row.name, row.rule, row.short, row.lead_fault, row.no_premature)
        yield from (one for one in words if one is not None)
    yield from TITLES.values()
    for limits in LIMITS.values():
        for limit in limits.values():
            yield from (limit.label, limit.unit, *limit.choices.values())


def test_words_are_declared_in_the_languages_of_the_pages() -> None:
    assert [one.name for one in fields(Words)] == list(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alarm_has_a_name_and_a_definition(language: str) -> None:
    names = vocabulary(language)["alarms"]
    for kind in [*default_limits("adult").priorities, "no_data"]:
        assert names[kind]["name"]
        assert definitions(language)[KINDS[kind].rule.en]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_limit_has_a_name(language: str) -> None:
    words = vocabulary(language)["limits"]
    for section, limits in LIMITS.items():
        assert words[section]["name"]
        for key, limit in limits.items():
            assert words[section]["limits"][key]["name"]
            assert words[section]["limits"][key]["choices"].keys() == limit.choices.keys()


def test_the_gravest_rhythm_comes_first() -> None:
    alarms = vocabulary("en")["alarms"]
    known = [
        *("asystole", "vf", "vt_sustained", "vt", "ventricular_run", "idioventricular"),
        *("av_block_3", "av_block_2", "svt", "af", "atrial_flutter"),
        *("pac_run", "couplet", "bigeminy", "trigeminy"),
    ]
    rhythms = [kind for kind, words in alarms.items() if words["rhythm"]]
    assert [kind for kind in rhythms if kind in known] == known


@pytest.mark.parametrize("language", FOREIGN)
def test_one_english_text_has_one_translation(language: str) -> None:
    known = dict(catalogue(language))
    for words in declared():
        assert known.setdefault(words.en, words.of(language)) == words.of(language)


def test_translations_have_the_places_of_their_text() -> None:
    for words in declared():
        places = [re.findall(r"\{(\w+)\}", words.of(language)) for language in LANGUAGES]
        assert places[1:] == places[:1] * len(FOREIGN), words.en
        assert words.en.strip() == words.en
        assert bool(words.fr) == bool(words.ar) == bool(words.en)


def test_arabic_is_written_in_arabic() -> None:
    for words in declared():
        if re.search(r"[a-z]{4}", re.sub(r"\{\w+\}", "", words.en)):
            assert re.search(r"[\u0600-\u06ff]", words.ar), words.en
