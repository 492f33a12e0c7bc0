"""Findings of the twelve leads, where a recording has enough of them."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.records import Recording
from gateway.export.excerpt import cut
from models.diagnosis.labels import TITLES
from models.diagnosis.leads import INDEPENDENT, standard_lead

log = logging.getLogger("jobs")

LONGEST_S = 600.0
"""Beginning of a recording that is judged, s: findings of a resting electrocardiogram, which lasts
ten seconds, and not of a day."""


def twelve_leads(recording: Recording) -> dict[str, Any] | None:
    """Return what `detector.twelve_lead.diagnose` says of a recording.

    Args:
        recording: any.

    Returns:
        its outcome without the single windows, with ``titles`` of its labels and ``thresholds``;
        None if the recording lacks one of the eight leads that an electrocardiograph records; a map
        with ``error`` alone if they cannot be judged.
    """
    present = {lead[0] for name in recording.leads if (lead := standard_lead(name)) is not None}
    if not set(INDEPENDENT) <= present:
        return None
    from detector.twelve_lead.diagnose import diagnose  # noqa: PLC0415 - loads a network
    from models.diagnosis.inference import DiagnosisNetwork  # noqa: PLC0415

    judged = cut(recording, 0, min(recording.n_samples, round(LONGEST_S * recording.fs)))
    try:
        network = DiagnosisNetwork.load()
        found = diagnose(replace(judged, name="the recording"), network)
    except EcgMonitorError as error:
        log.info("twelve leads are not judged: %s", error)
        return {"error": str(error)}
    manifest = network.manifest
    return {
        "model": found["model"],
        "labels": found["labels"],
        "decisions": found["decisions"],
        "quality": found["quality"],
        "judged_s": judged.duration_s,
        "titles": {label: TITLES[label] for label in manifest.labels},
        "thresholds": dict(zip(manifest.labels, map(float, manifest.thresholds), strict=True)),
    }
