"""Short recordings made of those of a database."""

from __future__ import annotations

from pathlib import Path

import wfdb


def write_beginning(source: Path, record: str, seconds: float, folder: Path) -> None:
    """Write the first ``seconds`` of a WFDB record and its reference beats to ``folder``."""
    head = wfdb.rdheader(str(source / record))
    n = round(seconds * head.fs)
    signal = wfdb.rdrecord(str(source / record), sampto=n, physical=False)
    wfdb.wrsamp(
        record, fs=signal.fs, units=signal.units, sig_name=signal.sig_name,
        d_signal=signal.d_signal, fmt=signal.fmt, adc_gain=signal.adc_gain,
        baseline=signal.baseline, write_dir=str(folder),
    )  # fmt: skip
    marks = wfdb.rdann(str(source / record), "atr", sampto=n)
    wfdb.wrann(
        record, "atr", marks.sample, symbol=marks.symbol, aux_note=marks.aux_note,
        write_dir=str(folder),
    )  # fmt: skip
