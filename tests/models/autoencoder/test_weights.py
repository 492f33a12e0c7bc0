from __future__ import annotations

import json

import pytest

from ecg_monitor.core.errors import SettingsError
from models.autoencoder import weights


def test_written_weights_are_read_back(tmp_path):
    weights.write(tmp_path, "live", b"model", {"version": "7"})
    release = weights.read("live", tmp_path)
    assert release.model == b"model"
    assert release.manifest["version"] == "7"


def test_changed_file_is_refused(tmp_path):
    weights.write(tmp_path, "live", b"model", {})
    (tmp_path / "live.onnx").write_bytes(b"modem")
    with pytest.raises(SettingsError, match=r"live\.onnx: does not match the SHA-256"):
        weights.read("live", tmp_path)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(SettingsError, match=r"live\.json"):
        weights.read("live", tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}'])
def test_broken_manifest_is_refused(tmp_path, text):
    (tmp_path / "live.json").write_text(text)
    with pytest.raises(SettingsError):
        weights.read("live", tmp_path)


def test_other_format_is_refused(tmp_path):
    path = weights.write(tmp_path, "live", b"model", {})
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(SettingsError, match="train again"):
        weights.read("live", tmp_path)


def test_released_weights_are_small_and_sound():
    release = weights.read("live")
    assert len(release.model) < 2_000_000
