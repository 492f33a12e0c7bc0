import pytest

from ecg_monitor.core.errors import SettingsError
from models.scoring import databases


def test_splits_part_the_database() -> None:
    ds1, ds2, paced = set(databases.DS1), set(databases.DS2), set(databases.PACED)

    assert (len(ds1), len(ds2), len(paced)) == (22, 22, 4)
    assert len(databases.MITDB) == len(ds1 | ds2 | paced) == 48
    assert list(databases.MITDB) == sorted(databases.MITDB)


def test_label_maps_differ_in_escape_beats_alone() -> None:
    assert set(databases.DE_CHAZAL) == set(databases.EC57) == set("NLRejBnAaJSVErF/fQ?")
    differ = {s for s in databases.EC57 if databases.EC57[s] != databases.DE_CHAZAL[s]}
    assert differ == set("ejn")
    assert {databases.EC57[symbol] for symbol in differ} == {"S"}


def test_choices_by_name() -> None:
    assert databases.split("DS1") == databases.DS1
    assert databases.split("all") == databases.MITDB
    assert databases.label_map("ec57") is databases.EC57


def test_unknown_names_are_refused() -> None:
    with pytest.raises(SettingsError, match="split: no 'ds3'; choose one of ds1, ds2, all"):
        databases.split("ds3")
    with pytest.raises(SettingsError, match="labels: no 'x'"):
        databases.label_map("x")
