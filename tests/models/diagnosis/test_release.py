"""Weights are what their manifest says, or are refused."""

import json

import pytest

from ecg_monitor.core.errors import SettingsError
from models.diagnosis import release
from models.diagnosis.labels import NAMES


@pytest.fixture
def manifest() -> release.Manifest:
    return release.Manifest("mine", 1, ("A", "B"), (0.4, 0.6), ("I",))


def test_what_is_written_is_read(tmp_path, manifest):
    release.write(tmp_path, manifest, b"network")
    found, network = release.read("mine", tmp_path)
    assert network == b"network"
    assert (found.labels, found.thresholds, found.needs) == (("A", "B"), (0.4, 0.6), ("I",))
    assert release.names(tmp_path) == ("mine",)


def test_damage_is_noticed(tmp_path, manifest):
    path = release.write(tmp_path, manifest, b"network")
    (tmp_path / "mine.onnx").write_bytes(b"netword")
    with pytest.raises(SettingsError, match="does not match the SHA-256"):
        release.read("mine", tmp_path)
    path.write_text("{}")
    with pytest.raises(SettingsError, match="format None"):
        release.read("mine", tmp_path)
    path.write_text(json.dumps({"format": release.FORMAT}))
    with pytest.raises(SettingsError, match="is not a manifest"):
        release.read("mine", tmp_path)
    path.write_text("[")
    with pytest.raises(SettingsError, match="is not a manifest"):
        release.read("mine", tmp_path)
    path.unlink()
    with pytest.raises(SettingsError, match="reinstall or train again"):
        release.read("mine", tmp_path)


def test_an_unknown_name_gets_those_that_there_are(tmp_path, manifest):
    release.write(tmp_path, manifest, b"network")
    with pytest.raises(SettingsError, match="did you mean mine"):
        release.read("mimes", tmp_path)
    with pytest.raises(SettingsError, match="there are mine"):
        release.read("zzz", tmp_path)


def test_the_released_networks_are_sound_and_small():
    sizes = {name: len(release.read(name)[1]) for name in release.names()}
    assert {"ecg-diagnosis", "ptbxl-cnn", "ptbxl-lstm", "ptbxl-hybrid"} <= set(sizes)
    assert sizes["ecg-diagnosis"] < 2_000_000
    assert sum(sizes.values()) < 4_000_000
    for name in sizes:
        labels = release.read(name)[0].labels
        assert set(labels) <= set(NAMES)
        assert name != release.DEFAULT or labels == NAMES
