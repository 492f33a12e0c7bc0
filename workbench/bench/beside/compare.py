"""Compares what a patient costs here with other ways of following one, in the same run.

All ways follow the same recordings in turn on one core, the round that took least of each counts,
and what is counted is CPU time per patient and second of signal. Ours takes both leads of many
patients and does all that it does live: beats, classes, anomaly, rhythm, waves, alarms. The others
take one lead of one patient, and most of them find beats alone: the table says what each does.
*One beat at a time* is what our own beats would cost in the networks of a framework, asked as a
notebook asks them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ecg_monitor.records import Recording
from workbench.bench import engine
from workbench.bench.beside.others import lead_of, quiet, ways

OURS = "ecg-monitor"
EAGER = "our autoencoder in torch"
BEDS = 200
"""Patients whose beats share calls here."""
ROUNDS = 3
START_S = 60.0
"""Where in a recording the stretch begins, s."""


def eager_torch(beats: int) -> float | None:
    """Return the CPU time of one beat in the autoencoder as torch runs it, s; None: no torch.

    Args:
        beats: how many go through, one by one.
    """
    try:
        import torch  # noqa: PLC0415
    except ImportError:
        return None
    from models.autoencoder.inputs import POINTS, RHYTHM_FIELDS  # noqa: PLC0415
    from models.autoencoder.network import BeatModel, Shape  # noqa: PLC0415
    from models.autoencoder.training.loop import SIZES  # noqa: PLC0415

    torch.set_num_threads(1)
    model = BeatModel(Shape(**SIZES)).eval()
    one = torch.zeros(1, POINTS), torch.zeros(1, POINTS), torch.zeros(1, len(RHYTHM_FIELDS))
    with torch.no_grad():
        model(*one)
        began = time.thread_time()
        for _ in range(beats):
            model(*one)
    return (time.thread_time() - began) / beats


def measure(
    recordings: Sequence[Recording],
    seconds: float,
    rounds: int = ROUNDS,
    beds: int = BEDS,
    progress: Callable[[str, float], None] = lambda _what, _rounds: None,
) -> dict[str, Any]:
    """Follow the recordings in all ways, in turn.

    Args:
        recordings: at least two minutes long each.
        seconds: signal of each that is followed, s.
        rounds: how often; the least of each way counts.
        beds: patients that ours follows at once.
        progress: is told what is being measured, and how many rounds are over.

    Returns:
        ``us`` per patient and second by way, ``per_core`` patients of a core, ``times_ours``,
        ``beats`` found, and the ``table`` of them.

    Raises:
        SettingsError: a package that a way needs is missing.
    """
    others = ways()
    taken: dict[str, list[float]] = {}
    beats: dict[str, int] = {}
    does = {OURS: f"beats, classes, anomaly, rhythm, waves, alarms; {beds} at once, two leads"}
    for number in range(rounds):
        progress(OURS, float(number))
        ours = engine.measure(recordings, beds, seconds, networks=True)
        taken.setdefault(OURS, []).append(ours.us_per_bed_second)
        beats[OURS] = ours.beats
        for place, way in enumerate(others, start=1):
            progress(way.name, number + place / (len(others) + 1))
            does[way.name] = way.does
            spent, found = 0.0, 0
            for recording in recordings:
                begins = START_S - way.window_s
                signal = lead_of(recording, begins, way.window_s + seconds)
                with quiet():
                    began = time.thread_time()
                    found += way.follow(signal, recording.fs)
                    spent += time.thread_time() - began
            taken.setdefault(way.name, []).append(1e6 * spent / len(recordings) / seconds)
            beats[way.name] = found
        rate = ours.beats / beds / seconds
        beat_s = eager_torch(round(rate * seconds * len(recordings)))
        if beat_s is not None:
            does[EAGER] = "anomaly, one beat at a time"
            taken.setdefault(EAGER, []).append(1e6 * beat_s * rate)
    least = {name: min(us) for name, us in taken.items()}
    return {
        "seconds": seconds,
        "rounds": rounds,
        "beds": beds,
        "us": {name: round(us, 1) for name, us in least.items()},
        "per_core": {name: int(1e6 / us) for name, us in least.items()},
        "times_ours": {name: round(us / least[OURS], 2) for name, us in least.items()},
        "beats": beats,
        "table": {
            "columns": ["way", "does", "µs per patient and second", "patients a core", "× ours"],
            "rows": [
                [name, does[name], f"{us:,.0f}", f"{1e6 / us:,.0f}", f"{us / least[OURS]:.2f}"]
                for name, us in sorted(least.items(), key=lambda one: -one[1])
            ],
        },
    }
