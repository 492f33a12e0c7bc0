"""Partitions are shared out evenly, each to one detector, and a wrong number is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.runner.command import parse_partitions
from ecg_monitor import cli
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.launch.detectors import numbered, shares


@given(st.integers(1, 64), st.integers(1, 64))
def test_each_partition_goes_to_one_detector_and_none_has_two_more_than_another(partitions, count):
    if count > partitions:
        with pytest.raises(SettingsError, match=f"--detectors {count}: .*ECG_PARTITIONS"):
            shares(partitions, count)
        return
    owned = [parse_partitions(share, partitions) for share in shares(partitions, count)]
    assert sorted(one for share in owned for one in share) == list(range(partitions))
    sizes = [len(share) for share in owned]
    assert max(sizes) - min(sizes) <= 1


def test_the_first_is_called_as_one_alone_would_be():
    assert numbered("detect", 3) == ["detect", "detect-2", "detect-3"]


@pytest.mark.parametrize("command", ["run", "bench"])
@pytest.mark.parametrize(
    ("value", "says"), [("0", "1 .. 64"), ("two", "1 .. 64"), ("5", "there are 4")]
)
def test_a_wrong_number_of_detectors_is_told_before_anything_starts(capsys, command, value, says):
    status: int | str | None
    try:
        status = cli.main([command, "--detectors", value])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert says in capsys.readouterr().err
