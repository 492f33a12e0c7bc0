"""Beats of 187 samples at 125 Hz with their AAMI class, of recordings or of tables.

A folder with ``mitbih_train.csv`` is read as the tables that Kachuee 2018 distributes
(`models.zoo.data.tables`), any other as WFDB records of MIT-BIH (`models.zoo.data.mitbih`).
"""

from __future__ import annotations

from pathlib import Path

from ecg_monitor.core.errors import RecordError
from models.zoo.data import mitbih, tables
from models.zoo.data.examples import DataOptions, SplitData, refuse_signal_options
from models.zoo.network import Network


def load(folder: Path, network: Network, options: DataOptions) -> SplitData:
    """Build the examples of a folder.

    Raises:
        RecordError: the folder or a file is missing or damaged.
        ExamplesError: a table has other columns or holds what is no number.
        SettingsError: the split cannot be made of what is there; leads or a rate were chosen.
    """
    if not folder.is_dir():
        raise RecordError(f"{folder}: there is no such folder; `ecg-monitor data fetch` gets mitdb")
    refuse_signal_options(options, "these beats are of one lead, MLII, at 125 Hz")
    if any((folder / name).is_file() for name in tables.FILES):
        return tables.load(folder, options)
    del network
    return mitbih.load(folder, options)
