"""What is remembered per device: the patient's template, and how large errors are for them.

The state is an array of records, one per device, advanced for a batch of beats of any devices. It
is pure arithmetic in order of the beats (`models.autoencoder.steps`), so how they were batched does
not matter, and a checkpoint is the record's bytes.

Limitations:
    A rhythm that is abnormal throughout (bigeminy with every second beat ectopic, a run that
    outlasts a minute) becomes the patient's own: the score tells change, not disease.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.checkpoint.records import RecordState
from ecg_monitor.core.errors import CheckpointError
from models.autoencoder import inputs as seen
from models.autoencoder import steps
from models.autoencoder.inference import BeatScores, Fusion
from models.autoencoder.inputs import Inputs

USUAL_DISTANCE = 0.2
"""Distance to the template, relative to its size, expected before the patient is known."""
USUAL_SPREAD = 0.1
USUAL_IRREGULARITY = 0.05

CALIBRATION = np.dtype(
    [
        ("beats", "i8"),  # beats that moved the template
        ("judged", "i8"),  # beats that moved the levels
        ("template", "f8", (seen.POINTS,)),  # mV, 125 Hz
        ("distance", "f8"),  # running median of the distance to it
        ("irregularity", "f8"),  # running mean change of the log ratio
        ("before", "f8"),  # log ratio of the beat before
        ("level", "f8"),  # running median of the reconstruction error
        ("spread", "f8"),  # running mean deviation from it
    ]
)
"""One record per device, 856 bytes."""
_STATE = RecordState("calibration", CALIBRATION)


def fresh(devices: int) -> npt.NDArray[np.void]:
    """State of devices of which no beat has been seen; also for a device after a long gap."""
    states = np.zeros(devices, dtype=CALIBRATION)
    states["distance"] = states["level"] = USUAL_DISTANCE
    states["spread"] = USUAL_SPREAD
    states["irregularity"] = USUAL_IRREGULARITY
    return states


def to_bytes(state: np.void) -> bytes:
    """Return a device's record for a checkpoint."""
    return _STATE.pack(state)


def from_bytes(saved: bytes) -> npt.NDArray[np.void]:
    """Inverse of `to_bytes`: an array of one record.

    Raises:
        CheckpointError: the record was written by another version or is damaged.
    """
    state = _STATE.unpack(saved, 1)[0].copy()
    numbers = [state[name] for name in CALIBRATION.names or ()]
    if not all(np.isfinite(n).all() for n in numbers) or state["beats"][0] < 0:
        raise CheckpointError("calibration: holds numbers that cannot be; begin afresh")
    return state


def prepare(
    states: npt.NDArray[np.void],
    rows: npt.NDArray[np.integer],
    windows: npt.NDArray[np.floating],
    rr: npt.NDArray[np.floating],
) -> Inputs:
    """Compare beats with their patients' templates, and let them move the templates.

    Args:
        states: records of all devices, changed in place.
        rows: index into ``states`` per beat, shape (B,); a device's beats in order of time.
        windows: mV, baseline-free, 250 Hz, R - 0.28 s to R + 0.52 s, shape (B, 200).
        rr: intervals around the beats, shape (B, 4), see `seen.RR_FIELDS`.
    """
    beats = seen.condense(windows)
    ratios = seen.ratios(rr)
    templates = np.empty_like(beats)
    rhythm = np.empty((len(beats), len(seen.RHYTHM_FIELDS)))
    rhythm[:, :3] = ratios
    steps.meet(states, rows.astype(np.int64), beats, ratios[:, 0], templates, rhythm)
    scale = np.sqrt((templates**2).mean(axis=1) + steps.POWER_FLOOR)
    return Inputs(
        beats=(beats / scale[:, None]).astype(np.float32),
        templates=(templates / scale[:, None]).astype(np.float32),
        rhythm=rhythm.astype(np.float32),
        scale=scale.astype(np.float32),
    )


def judge(
    states: npt.NDArray[np.void],
    rows: npt.NDArray[np.integer],
    scored: BeatScores,
    fusion: Fusion,
) -> npt.NDArray[np.float32]:
    """Hold errors against those usual for the patient, and let them move the levels.

    Args:
        states: records of all devices, changed in place.
        rows: as for `prepare`, the same beats in the same order.
        scored: what the network said of them.
        fusion: how shape and rhythm join, from the weights' manifest.

    Returns:
        anomaly scores 0 .. 1, shape (B,); 0.5 is the label-free threshold.
    """
    return fusion.squash(fusion.raw(scored, excess(states, rows, scored.errors))).astype(np.float32)


def excess(
    states: npt.NDArray[np.void],
    rows: npt.NDArray[np.integer],
    errors: npt.NDArray[np.floating],
) -> npt.NDArray[np.float64]:
    """How far errors lie above the patient's usual ones, in usual deviations, shape (B,).

    Args:
        states: records of all devices; their levels are moved.
        rows: index into ``states`` per beat.
        errors: reconstruction errors, shape (B,).
    """
    found = np.empty(len(rows))
    steps.exceed(states, rows.astype(np.int64), np.asarray(errors, dtype=np.float64), found)
    return found


def warm() -> None:
    """Compile what is compiled ahead of its first use."""
    states, rows = fresh(1), np.zeros(1, np.int64)
    window = np.zeros((1, seen.BEFORE + seen.AFTER), np.float32)
    prepare(states, rows, window, np.ones((1, len(seen.RR_FIELDS))))
    excess(states, rows, np.zeros(1, np.float32))
