from pathlib import Path

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from models.scoring import read_beats
from models.scoring.databases import DE_CHAZAL, EC57


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"100\.atr does not exist"):
        read_beats(tmp_path / "100")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "100.atr").write_bytes(b"\xff")

    with pytest.raises(RecordError, match=r"100\.atr: is not a WFDB annotation file"):
        read_beats(tmp_path / "100")


def test_flutter_shutdown_and_labels_come_through(mitdb: Path) -> None:
    assert len(read_beats(mitdb / "207").flutter) == 6
    assert read_beats(mitdb / "101").shutdown == ((115_124, 115_478),)


def test_the_label_map_decides_on_escape_beats(mitdb: Path) -> None:
    record = mitdb / "222"
    supra = [
        np.sum(read_beats(record, "atr", labels).labels == "S") for labels in (EC57, DE_CHAZAL)
    ]

    assert supra == [421, 209]
