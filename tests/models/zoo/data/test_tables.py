from __future__ import annotations

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError, SettingsError
from models.zoo import registry
from models.zoo.data import heartbeats, tables
from models.zoo.data.examples import DataOptions, ExamplesError

NETWORK = registry.network("cnn-1d")


def write(path, rows=50, classes=5, columns=188):
    table = np.random.default_rng(0).random((rows, columns))
    table[:, -1] = np.arange(rows) % classes
    np.savetxt(path, table, delimiter=",", fmt="%.18e")
    return table


def test_the_arrhythmia_tables_keep_their_own_test_half(tmp_path) -> None:
    write(tmp_path / "mitbih_train.csv")
    test = write(tmp_path / "mitbih_test.csv", rows=20)
    data = heartbeats.load(tmp_path, NETWORK, DataOptions())
    assert data.labels == ("N", "S", "V", "F", "Q")
    assert (len(data.train), len(data.validation), len(data.test)) == (45, 5, 20)
    assert data.test.inputs[:, 0] == pytest.approx(test[:, :-1].astype(np.float32))
    assert data.test.targets.tolist() == test[:, -1].tolist()


def test_the_infarction_tables_are_divided_by_the_seed(tmp_path) -> None:
    write(tmp_path / "ptbdb_normal.csv", classes=1)
    abnormal = np.random.default_rng(1).random((50, 188))
    abnormal[:, -1] = 1
    np.savetxt(tmp_path / "ptbdb_abnormal.csv", abnormal, delimiter=",")
    data = heartbeats.load(tmp_path, NETWORK, DataOptions(seed=2))
    assert data.labels == ("normal", "abnormal")
    assert (len(data.train), len(data.validation), len(data.test)) == (72, 8, 20)
    seen = {row.tobytes() for part in (data.train, data.validation) for row in part.inputs}
    assert not seen & {row.tobytes() for row in data.test.inputs}


def test_wrong_tables_are_named_with_what_is_wrong(tmp_path) -> None:
    path = tmp_path / "mitbih_train.csv"
    with pytest.raises(RecordError, match=r"mitbih_train.csv"):
        tables.read(path, 5)
    write(path, columns=141)
    with pytest.raises(ExamplesError, match="has 141 columns, a beat has 187 values and a class"):
        tables.read(path, 5)
    table = write(path)
    table[[6, 9], 3] = np.nan
    np.savetxt(path, table, delimiter=",")
    with pytest.raises(ExamplesError, match=r"2 rows hold values that are no numbers.* is row 7"):
        tables.read(path, 5)
    write(path, classes=6)
    with pytest.raises(ExamplesError, match="classes 0 to 4"):
        tables.read(path, 5)
    path.write_text("time,value\n1,2\n", encoding="ascii")
    with pytest.raises(RecordError, match="not a table of numbers"):
        tables.read(path, 5)


def test_tables_cannot_be_split_by_patients(tmp_path) -> None:
    write(tmp_path / "mitbih_train.csv")
    with pytest.raises(SettingsError, match="do not name patients"):
        heartbeats.load(tmp_path, NETWORK, DataOptions(split="patients"))


def test_a_folder_that_is_not_there_says_so(tmp_path) -> None:
    with pytest.raises(RecordError, match="no such folder"):
        heartbeats.load(tmp_path / "none", NETWORK, DataOptions())


def test_leads_and_rates_cannot_be_chosen(tmp_path) -> None:
    write(tmp_path / "mitbih_train.csv")
    with pytest.raises(SettingsError, match="--leads: these beats are of one lead"):
        heartbeats.load(tmp_path, NETWORK, DataOptions(leads=("V1",)))
    with pytest.raises(SettingsError, match="--fs: these beats"):
        heartbeats.load(tmp_path, NETWORK, DataOptions(fs=250.0))
