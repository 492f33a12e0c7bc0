from __future__ import annotations

import argparse
import importlib.util

import pytest

from ecg_monitor.core.errors import RecordError, SettingsError
from ecg_monitor.core.settings import Settings
from workbench.training import command as train_command

needs_torch = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, train_command.NEEDED)),
    reason="TORCH OR ONNX IS NOT INSTALLED: training not tested",
)


def parse(*words):
    parser = argparse.ArgumentParser()
    train_command.add_arguments(parser)
    return parser.parse_args(list(words))


@needs_torch
def test_missing_records_are_named(tmp_path):
    args = parse("beats", str(tmp_path), "--records", "100,101")
    with pytest.raises(RecordError, match="lacks 100, 101"):
        train_command.main(args, Settings())


@needs_torch
def test_missing_noise_says_where_to_get_it(tmp_path):
    (tmp_path / "100.hea").touch()
    args = parse("beats", str(tmp_path), "--records", "100", "--noise", str(tmp_path))
    with pytest.raises(RecordError, match="data fetch nstdb"):
        train_command.main(args, Settings())


@needs_torch
def test_missing_databases_are_named(tmp_path):
    (tmp_path / "mitdb").mkdir()
    with pytest.raises(RecordError, match="lacks nstdb, ludb, vfdb"):
        train_command.main(parse("qrs", str(tmp_path)), Settings())


@needs_torch
def test_options_of_the_autoencoder_are_checked(tmp_path):
    with pytest.raises(SettingsError, match="--steps"):
        train_command.main(parse("autoencoder", str(tmp_path), "--steps", "1"), Settings())


@pytest.mark.parametrize("model", train_command.MODELS)
def test_without_torch_it_says_how_to_get_it(model, tmp_path, monkeypatch):
    monkeypatch.setattr(train_command, "NEEDED", ("no_such_module",))
    with pytest.raises(SettingsError, match="no_such_module not installed; run `make setup-train`"):
        train_command.main(parse(model, str(tmp_path)), Settings())


@pytest.mark.parametrize("model", train_command.MODELS)
def test_each_model_has_its_own_folder_and_an_example(model, capsys):
    assert parse(model, "mitdb").out.name == model
    with pytest.raises(SystemExit):
        parse(model, "--help")
    assert f"ecg-monitor train {model} " in capsys.readouterr().out


def test_unknown_model_is_refused(capsys):
    with pytest.raises(SystemExit):
        parse("horoscope", "mitdb")
    assert "beats" in capsys.readouterr().err
