"""Scores the beats of some seconds of signal with the engine and the networks that run live."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.labelling import Labelling, ReadyBeat, Verdict
from detector.engine.resample import FS
from ecg_monitor.core import wire
from ecg_monitor.core.errors import SignalError
from ecg_monitor.core.types import Beat, Packet
from gateway.scoring.score import BeatScore, TimedScore
from models.autoencoder.inference import Autoencoder, BeatScores
from models.autoencoder.inputs import Inputs

NAME = "beats+autoencoder"
"""The two networks that label and score beats live."""
SHORTEST_S, LONGEST_S = 3.0, 30.0
"""The engine needs the signal around a beat (1.3 s of it after the R peak) to label it."""
LARGEST_MV = 32.0
"""What int16 holds at 1 microvolt a step, as devices send it."""
THRESHOLD = 0.5
_STEPS_PER_MV = 1000.0
_PACKET_S = 0.5
_DEVICE, _BOOT = "window", "window"

Signal = npt.NDArray[np.float64]


class _RecordingAutoencoder(Autoencoder):
    """Passes beats on to the autoencoder, and keeps what it rebuilt."""

    def __init__(self, inner: Autoencoder) -> None:
        self.fusion = inner.fusion
        self.version = inner.version
        self.rebuilt: list[tuple[float, ...]] = []
        self._inner = inner

    def score(self, inputs: Inputs) -> BeatScores:
        """Score beats; keeps their reconstructions in order."""
        scored = self._inner.score(inputs)
        self.rebuilt += [tuple(row) for row in np.round(scored.reconstruction, 4).tolist()]
        return scored


class _RecordingLabelling(Labelling):
    """Labels beats as live, and keeps the reconstruction of each by its R peak.

    Attributes:
        reconstructions: mV at 250 Hz, by the engine's sample of the R peak.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reconstructions: dict[int, tuple[float, ...]] = {}
        self._recorder = _RecordingAutoencoder(self._autoencoder)
        self._autoencoder = self._recorder

    def label(self, beats: Sequence[ReadyBeat], windows: npt.NDArray[np.float32]) -> list[Verdict]:
        """Label the beats; see `Labelling.label`."""
        self._recorder.rebuilt.clear()
        verdicts = super().label(beats, windows)
        scored = [beat.peak for beat in beats if beat.usable & 1]
        self.reconstructions |= zip(scored, self._recorder.rebuilt, strict=True)
        return verdicts


def score_window(samples: Signal, fs: float, lead: str) -> list[TimedScore]:
    """Find the beats of some seconds of one lead, label and score them.

    Args:
        samples: mV, shape (n,).
        fs: sampling rate, Hz.
        lead: name of the lead.

    Returns:
        the beats in order of time. The engine begins to know the patient with the first of them.

    Raises:
        SignalError: the rate, the length or a sample is out of range, the signal is flat, or no
            heartbeat is found; names the argument.
    """
    _check(samples, fs)
    labelling = _RecordingLabelling()
    analyzer = Analyzer(labelling=labelling)
    outputs = analyzer.feed(_packets(samples, fs, lead)) + analyzer.finish(_DEVICE)
    rebuilt = {round(peak * fs / FS): row for peak, row in labelling.reconstructions.items()}
    beats = [e for output in outputs for e in output.events if isinstance(e, Beat)]
    if not beats:
        raise SignalError("window", "holds no heartbeat that could be found")
    return [TimedScore(beat.n / fs, _scored(beat, rebuilt.get(beat.n, ()))) for beat in beats]


def leading(beats: Sequence[TimedScore]) -> TimedScore:
    """Return the beat that stands for a window: the most unusual one."""
    return max(beats, key=lambda one: -1.0 if one.beat.score is None else one.beat.score)


def _scored(beat: Beat, reconstruction: tuple[float, ...]) -> BeatScore:
    return BeatScore(
        model=NAME,
        score=beat.anomaly,
        threshold=None if beat.anomaly is None else THRESHOLD,
        label=beat.label,
        probabilities=beat.probabilities,
        reconstruction=reconstruction,
    )


def _check(samples: Signal, fs: float) -> None:
    if not wire.FS_MIN_HZ <= fs <= wire.FS_MAX_HZ:
        raise SignalError("fs", f"must be {wire.FS_MIN_HZ:g} .. {wire.FS_MAX_HZ:g} Hz, got {fs:g}")
    seconds = len(samples) / fs
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise SignalError(
            "window",
            f"must last {SHORTEST_S:g} .. {LONGEST_S:g} s; {len(samples)} samples at {fs:g} Hz "
            f"last {seconds:.3g} s",
        )
    if not np.isfinite(samples).all() or np.abs(samples).max() > LARGEST_MV:
        raise SignalError("window", f"must hold mV from -{LARGEST_MV:g} to {LARGEST_MV:g}")
    if np.ptp(samples) == 0.0:
        raise SignalError("window", "is flat: all samples are equal")


def _packets(samples: Signal, fs: float, lead: str) -> Iterator[Packet]:
    steps = np.rint(samples * _STEPS_PER_MV).astype(np.int16)[None]
    length = max(1, int(_PACKET_S * fs))
    for seq, n0 in enumerate(range(0, steps.shape[1], length)):
        yield Packet(
            device=_DEVICE, boot=_BOOT, seq=seq, n0=n0, t0=n0 / fs, fs=fs, leads=(lead,),
            gain=(_STEPS_PER_MV,), baseline=(0.0,), samples=steps[:, n0 : n0 + length], leadoff=(),
        )  # fmt: skip


def warm_window() -> None:
    """Score a made-up window once: what is loaded at first use is there then."""
    time_s = np.arange(0.0, 5.0, 1 / FS)
    pulses = np.exp(-(((time_s % 0.8) - 0.4) ** 2) / (2 * 0.012**2))
    with contextlib.suppress(SignalError):  # whether these are heartbeats does not matter
        score_window(pulses, FS, "II")
