"""The rows of the catalogue agree with one another and with the limits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ecg_monitor.ward.alarms.catalogue import (
    BURDENS,
    KINDS,
    OF_DEVICE,
    SILENCES,
    TABLES,
    default_priorities,
)
from ecg_monitor.ward.limits.model import LIMITS


def pairs() -> Iterator[tuple[str, str]]:
    """What the rows say of chains, stronger first, as often as they say it."""
    for kind, row in KINDS.items():
        if row.silences != "heart":
            yield from ((kind, weaker) for weaker in row.silences)
        yield from ((stronger, kind) for stronger in row.silenced_by)


def test_no_two_rows_have_a_name_or_a_rank_in_common() -> None:
    rows = list(chain(*TABLES.values()))
    assert len(rows) == len(KINDS) > 30
    assert len({row.rank for row in rows}) == len(rows)
    assert [row.rank for row in KINDS.values()] == sorted(row.rank for row in rows)


def test_a_pair_of_a_chain_stands_in_one_row() -> None:
    said = list(pairs())
    assert len(said) == len(set(said)) > 30
    everything = {kind for kind, row in KINDS.items() if row.silences == "heart"}
    assert not {stronger for stronger, _ in said} & everything


def test_the_chains_are_those_of_the_rows() -> None:
    for stronger, weaker in pairs():
        assert weaker in SILENCES[stronger]
    assert SILENCES["vf"] == KINDS.keys() - OF_DEVICE - {"vf"}
    assert sum(map(len, SILENCES.values())) == len(list(pairs())) + len(SILENCES["vf"])
    assert SILENCES.keys() | set(chain(*SILENCES.values())) <= KINDS.keys() - OF_DEVICE


def test_of_two_conditions_at_most_one_is_the_stronger() -> None:
    for stronger, weaker in SILENCES.items():
        assert stronger not in weaker
        assert not any(stronger in SILENCES.get(kind, ()) for kind in weaker)


def test_what_is_technical_is_of_the_device() -> None:
    technical = {kind for kind, row in KINDS.items() if row.priority == "technical"}
    assert technical < OF_DEVICE
    assert all(KINDS[kind].priority != "high" for kind in OF_DEVICE)
    assert {kind for kind, row in KINDS.items() if row.lead_fault is not None} <= OF_DEVICE


def test_every_kind_is_configurable_save_what_no_limit_decides() -> None:
    assert KINDS.keys() - default_priorities().keys() == {"no_data", "two_devices"}


def test_one_rhythm_is_a_burden() -> None:
    assert {"af"} == BURDENS


def test_limits_name_kinds_that_there_are() -> None:
    used = [kind for limits in LIMITS.values() for one in limits.values() for kind in one.kinds]
    assert set(used) <= KINDS.keys()
    assert {"asystole", "vf", "noise"} <= set(used)


def test_definitions_and_names_are_said_in_every_language() -> None:
    for row in KINDS.values():
        for words in (row.name, row.rule, row.short, row.lead_fault, row.no_premature):
            if words is not None:
                assert all((words.en, words.fr, words.ar)), row.kind
        if row.lead_fault is not None:
            assert all("{lead}" in row.lead_fault.of(code) for code in ("en", "fr", "ar"))
