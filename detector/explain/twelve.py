"""What the network says of ten seconds in twelve leads, and what that hangs on. Pure.

=================  =================================================================================
field              content
=================  =================================================================================
``network``        its name
``labels``         of each label ``label``, ``probability``, ``threshold``, ``decided``; ``low`` and
                   ``high``: least and largest probability with one lead fewer; ``leads``: log odds
                   lost without each of the twelve leads; ``parts``: log odds lost without each half
                   second; ``test``: ``auc``, ``f1``, ``positives``, ``windows`` of the test part
``part_s``         length of such a part, s
``leads``          names of the leads that were looked at
``derived``, ``missing``, ``flat``   names of leads
``gaps``           share without a value, by lead
``contradictory``  limb leads contradict each other: names may be swapped
``voltage_known``  whether its mV can be believed
``st_mv``          ST level 60 ms after the J point by standard lead, mV; those that follow from
                   others included
``st_beats``       how many beats it is the average of; 0: it could not be measured
``st_limits_mv``   what the guideline calls abnormal there, by lead: depressed from .. on, elevated
                   from .. on (lowest and highest over age and sex)
``qrs_ms``         width of the QRS complex of that average; null if not measured
=================  =================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

import numpy as np

from detector.analyzer.analyzer import Analyzer
from detector.twelve_lead.diagnose import diagnose
from detector.twelve_lead.importance import PART_S, importance
from detector.twelve_lead.quality import look_over
from detector.twelve_lead.stemi import guideline_limits
from ecg_monitor.core.errors import ExplainError, RecordError
from ecg_monitor.core.types import Measurement, Packet
from ecg_monitor.records import Recording
from ecg_monitor.records.leads import FROM_I_AND_II, LIMB, STANDARD, standard_lead
from ecg_monitor.records.recording import INVALID_SAMPLE, stretches
from ecg_monitor.ward.signal import window
from models.diagnosis import inputs
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.scores import scores

CONTEXT_S = 20.0
"""Signal ahead of the window from which the engine learns the beat before it is averaged."""
FEW_BEATS = 3
"""An average of fewer beats is taken only where there is no other."""
_MICROVOLTS = 1000.0
_LARGEST_UV = 32_000
_ODDS_DIGITS = 2


@cache
def _network() -> DiagnosisNetwork:
    return DiagnosisNetwork.load()


def look(packets: Sequence[Packet], boot: str, n: int) -> dict[str, Any]:
    """Judge the ten seconds that begin at a sample.

    Args:
        packets: of the device, from `CONTEXT_S` before it on, in order of arrival.
        boot: power-up of the device.
        n: first sample index.

    Raises:
        ExplainError: the signal is not kept, or cannot be judged.
    """
    found = window.cut(packets, boot, n)
    if found is None:
        raise ExplainError("the signal of these ten seconds is no longer kept")
    recording = as_recording(found)
    network = _network()
    try:
        outcome = diagnose(recording, network)
        report = look_over(recording)
    except RecordError as error:
        raise ExplainError("these ten seconds cannot be judged: no lead shows enough") from error
    windows = inputs.windows(report.signal, recording.fs)
    about = inputs.about(None, None, voltage=report.voltage)
    why = importance(network, windows.ecg[0], windows.mask[0], about)
    manifest, told = network.manifest, scores()
    quality = outcome["quality"]
    return {
        "network": manifest.name,
        "labels": [
            {
                "label": label,
                "probability": outcome["labels"][label],
                "threshold": manifest.thresholds[i],
                "decided": label in outcome["decisions"],
                "low": round(float(why.low[i]), 3),
                "high": round(float(why.high[i]), 3),
                "leads": np.round(why.leads[i], _ODDS_DIGITS).tolist(),
                "parts": np.round(why.parts[i], _ODDS_DIGITS).tolist(),
                "test": asdict(told[label]),
            }
            for i, label in enumerate(manifest.labels)
        ],
        "part_s": PART_S,
        "leads": outcome["windows"][0]["leads"],
        **{name: quality[name] for name in ("derived", "missing", "flat", "gaps")},
        "contradictory": any("contradict" in note for note in quality["notes"]),
        "voltage_known": quality["voltage_known"],
        "st_limits_mv": guideline_limits(),
        **measured(packets, found),
    }


def as_recording(found: window.Window) -> Recording:
    """Return a window as a recording, in steps of 1 µV."""
    valid = np.isfinite(found.millivolts)
    steps = np.rint(np.nan_to_num(found.millivolts) * _MICROVOLTS)
    samples = np.where(valid, np.clip(steps, -_LARGEST_UV, _LARGEST_UV), INVALID_SAMPLE)
    count = len(found.names)
    return Recording(
        name="window",
        fs=found.fs,
        leads=found.names,
        gain=(_MICROVOLTS,) * count,
        baseline=(0.0,) * count,
        samples=samples.astype(np.int16),
        invalid=stretches(valid),
    )


def measured(packets: Sequence[Packet], found: window.Window) -> dict[str, Any]:
    """Return ``st_mv``, ``st_beats`` and ``qrs_ms``, by the code that measures live."""
    first = found.from_n - round(CONTEXT_S * found.fs)
    analyzer = Analyzer()
    mine = [
        one
        for one in packets
        if one.boot == found.boot and one.leads == found.names and first <= one.n0 < found.to_n
    ]
    outputs = [*analyzer.feed(mine), *analyzer.finish(mine[0].device)] if mine else []
    measurements = [
        event
        for output in outputs
        for event in output.events
        if isinstance(event, Measurement) and event.n >= found.from_n
    ]
    if not measurements:
        return {"st_mv": {}, "st_beats": 0, "qrs_ms": None}
    last = max(measurements, key=lambda one: (one.beats >= FEW_BEATS, one.n))
    return {"st_mv": standard_levels(last.st_mv), "st_beats": last.beats, "qrs_ms": last.qrs_ms}


def standard_levels(levels: Mapping[str, float]) -> dict[str, float]:
    """Return levels by standard lead, with those that follow from leads I and II.

    >>> standard_levels({"i": 0.1, "MLII": 0.3, "-aVR": 0.2})
    {'I': 0.1, 'II': 0.3, 'III': 0.2, 'aVR': -0.2, 'aVL': -0.05, 'aVF': 0.25}
    """
    found: dict[str, float] = {}
    for name, level in levels.items():
        if (lead := standard_lead(name)) is not None:
            found.setdefault(lead[0], lead[1] * level)
    if "I" in found and "II" in found:
        derived = FROM_I_AND_II @ np.array([found["I"], found["II"]])
        for name, level in zip(STANDARD[:LIMB], derived.tolist(), strict=True):
            found.setdefault(name, round(level, 3))
    return {name: found[name] for name in STANDARD if name in found}
