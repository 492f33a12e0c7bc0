"""What is remembered per device: the patient's template, and how large errors are for them.

The state is an array of records, one per device, advanced for a batch of beats of any devices. It
is pure arithmetic in order of the beats, so how they were batched does not matter, and a
checkpoint is the record's bytes. Everything runs over the batch at once; beats of one device in
one batch are taken one round after another.

Limitations:
    A rhythm that is abnormal throughout (bigeminy with every second beat ectopic, a run that
    outlasts a minute) becomes the patient's own: the score tells change, not disease.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.checkpoint.records import RecordState
from ecg_monitor.core.errors import CheckpointError
from models.autoencoder import inputs as seen
from models.autoencoder.inference import BeatScores, Fusion
from models.autoencoder.inputs import Inputs

MEMORY = 60
"""Beats that template and levels remember (about a minute); until then they are plain means."""
TOLERANCE = 1.5
"""A beat farther from the template than this many usual distances moves it less (Huber)."""
EARLY = -0.12
"""Log ratio (11 % early) from which a beat hardly moves the template: it may be ectopic."""
EARLY_WEIGHT = 0.2
USUAL_DISTANCE = 0.2
"""Distance to the template, relative to its size, expected before the patient is known."""
USUAL_SPREAD = 0.1
USUAL_IRREGULARITY = 0.05
SPREAD_FLOOR = 0.03
"""Errors steadier than this are as good as noise-free: smaller spreads would magnify nothings."""
STEP_LIMIT = 0.1
"""Largest pull of one beat on a level: what makes the running means robust."""
IRREGULARITY_LIMIT = 0.3
POWER_FLOOR = 1e-3
"""Summand of a template's power, mV^2, so that nothing is divided by a flat one's zero."""

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
    for now in _rounds(rows):
        _meet(states, rows[now], beats[now], ratios[now, 0], templates, rhythm, now)
    scale = np.sqrt((templates**2).mean(axis=1) + POWER_FLOOR)
    return Inputs(
        beats=(beats / scale[:, None]).astype(np.float32),
        templates=(templates / scale[:, None]).astype(np.float32),
        rhythm=rhythm.astype(np.float32),
        scale=scale.astype(np.float32),
    )


def _meet(
    states: npt.NDArray[np.void],
    rows: npt.NDArray[np.integer],
    beats: npt.NDArray[np.float64],
    early: npt.NDArray[np.float64],
    templates: npt.NDArray[np.float64],
    rhythm: npt.NDArray[np.float64],
    at: npt.NDArray[np.integer],
) -> None:
    """Advance devices by one beat each; write what was known before it at ``at``."""
    state = states[rows]
    first = state["beats"] == 0
    template = np.where(first[:, None], beats, state["template"])
    templates[at] = template
    rhythm[at, 3] = state["irregularity"]
    rhythm[at, 4] = state["before"]
    apart = beats - template
    size = np.sqrt((template**2).mean(axis=1) + POWER_FLOOR)
    distance = np.sqrt((apart**2).mean(axis=1)) / size
    weight = np.minimum(1.0, TOLERANCE * state["distance"] / (distance + 1e-6))
    weight = np.where(early < EARLY, EARLY_WEIGHT * weight, weight)
    count = state["beats"] + 1
    share = 1.0 / np.minimum(count + 1, MEMORY)
    state["template"] = template + apart * (weight * share)[:, None]
    state["distance"] += share * np.clip(distance - state["distance"], -STEP_LIMIT, STEP_LIMIT)
    change = np.minimum(np.abs(early - state["before"]), IRREGULARITY_LIMIT)
    state["irregularity"] += share * (change - state["irregularity"])
    state["before"] = early
    state["beats"] = count
    states[rows] = state


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
    errors = np.asarray(errors, dtype=np.float64)
    for now in _rounds(rows):
        state = states[rows[now]]
        off = errors[now] - state["level"]
        found[now] = off / (state["spread"] + SPREAD_FLOOR)
        share = 1.0 / np.minimum(state["judged"] + 2, MEMORY)
        state["level"] += share * np.clip(off, -STEP_LIMIT, STEP_LIMIT)
        far = np.clip(np.abs(off) - state["spread"], -STEP_LIMIT, STEP_LIMIT)
        state["spread"] += share * far
        state["judged"] += 1
        states[rows[now]] = state
    return found


def _rounds(rows: npt.NDArray[np.integer]) -> Iterator[npt.NDArray[np.intp]]:
    """Split a batch so that no device comes twice in a round; each keeps its order."""
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)])
    turn = np.arange(len(ordered)) - np.repeat(starts, np.diff(np.r_[starts, len(ordered)]))
    for number in range(int(turn.max(initial=-1)) + 1):
        yield order[turn == number]
