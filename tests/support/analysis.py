"""The whole analysis of stretches of records as JSON; a command, so that it can run uncompiled.

``python -m tests.support.analysis FOLDER/RECORD:START:SECONDS ...`` prints a JSON list with one
analysis for each stretch, in order.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import wfdb

import heartbeats


def analyze_stretch(stretch: str) -> dict[str, Any]:
    """Analyse ``FOLDER/RECORD:START:SECONDS`` and return what `heartbeats.analyze` found."""
    path, start, seconds = stretch.rsplit(":", 2)
    fs = wfdb.rdheader(path).fs
    first = int(float(start) * fs)
    record = wfdb.rdrecord(path, sampfrom=first, sampto=first + int(float(seconds) * fs))
    return json.loads(json.dumps(heartbeats.analyze(record.p_signal.T, record.fs).as_dict()))


if __name__ == "__main__":
    json.dump([analyze_stretch(stretch) for stretch in sys.argv[1:]], sys.stdout)
