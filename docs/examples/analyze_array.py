"""Beats, rhythm and alarms of an array: ``python docs/examples/analyze_array.py [RECORD]``.

RECORD is a WFDB record, such as ``mitdb/208``. Without one, a synthetic patient has a PVC now and
then, and goes into ventricular tachycardia.
"""

from __future__ import annotations

import sys

import wfdb

import heartbeats
from simulator.synthetic.patient import SyntheticPatient


def main() -> None:
    """Analyse the record, or the synthetic patient, and print what comes back."""
    if len(sys.argv) > 1:
        record = wfdb.rdrecord(sys.argv[1])
        result = heartbeats.analyze(record.p_signal, record.fs, leads=record.sig_name)
    else:
        patient = SyntheticPatient("vt-run", fs=250, leads=("II", "V1"), seed=1)
        counts = patient.generate(60).samples  # shape (2, 15000), int16, 200 units per mV
        result = heartbeats.analyze(counts, fs=250, leads=["II", "V1"], gain=200)
    print(result)
    for beat in result.beats:
        if beat.label != "N":
            print(
                f"{beat.n / result.fs:8.2f} s  {beat.label}  {beat.probabilities[beat.label]:.0%}"
            )
    for episode in result.rhythm:
        start_s, end_s = episode.n / result.fs, episode.end_n / result.fs
        print(f"{start_s:8.2f} s to {end_s:.2f} s  {episode.kind}")
    for alarm in result.alarms:
        print(f"{alarm.onset_s:8.2f} s  {alarm.kind}, {alarm.priority} priority")


if __name__ == "__main__":
    main()
