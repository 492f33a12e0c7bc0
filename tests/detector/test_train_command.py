from __future__ import annotations

import argparse

import pytest

pytest.importorskip("torch")

from detector import train_command
from ecg_monitor.errors import RecordError
from ecg_monitor.settings import Settings


def parse(*words):
    parser = argparse.ArgumentParser()
    train_command.add_arguments(parser)
    return parser.parse_args(list(words))


def test_missing_records_are_named(tmp_path):
    args = parse("beats", str(tmp_path), "--records", "100,101")
    with pytest.raises(RecordError, match="lacks 100, 101"):
        train_command.main(args, Settings())


def test_missing_noise_says_where_to_get_it(tmp_path):
    (tmp_path / "100.hea").touch()
    args = parse("beats", str(tmp_path), "--records", "100", "--noise", str(tmp_path))
    with pytest.raises(RecordError, match="data fetch nstdb"):
        train_command.main(args, Settings())


def test_unknown_model_is_refused(capsys):
    with pytest.raises(SystemExit):
        parse("horoscope", "mitdb")
    assert "beats" in capsys.readouterr().err
