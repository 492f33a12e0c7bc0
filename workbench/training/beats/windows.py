"""Builds the beat classifier's training data from recordings, as the live engine would see them.

The signal goes through the engine's own resampling table and baseline filter, here over the whole
recording at once; the result equals the engine's ring (`detector.engine.state.LANE`, ``wide``) to
float precision. Each recording is taken in several `Variant` copies, so that the network meets
other leads, other heart rates, noise, and R peaks where a detector puts them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.command import choose_leads
from detector.analyzer.offline import DEVICE, packets_of
from detector.engine import filters
from detector.engine.resample import FS, PHASES, half_width, table
from ecg_monitor.core.types import BeatLabel, RPeak
from ecg_monitor.records import Recording
from models.beats.columns import FEATURES
from models.beats.context import BeatContexts, Floats, Indices
from models.beats.dataset import CLASSES, NOT_A_BEAT, OTHERS, SPLICED, BeatSet
from models.beats.features.state import PRE, WINDOW
from models.beats.training import regimes
from models.scoring.matching import MATCH_WINDOW_S

CLOSEST = 20
"""R peaks closer than this many samples (80 ms) after jittering are one."""
USUAL_WIDTH, USUAL_SHAPE = 0.35, 0.8
"""Log of the QRS width against the prevailing one, and correlation with it, beyond which a beat of
a recording without beat labels may be ventricular."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to take a recording.

    Attributes:
        lead: row of the recording; a recording without it is skipped.
        sign: -1 turns the lead upside down.
        speed: 1.2 makes all 1.2 times faster: heart rate and waves alike.
        noise: True adds recorded noise.
        jitter: most samples, at 250 Hz, by which R peaks are moved.
        own: True takes the engine's own R peaks, labelled by the reference within 150 ms.
    """

    lead: int = 0
    sign: int = 1
    speed: float = 1.0
    noise: bool = False
    jitter: int = 0
    own: bool = False


REFERENCE = Variant()
OWN = Variant(own=True)
VARIANTS: tuple[Variant, ...] = (
    REFERENCE,
    OWN,
    Variant(jitter=4),
    Variant(sign=-1, jitter=4),
    Variant(noise=True, jitter=4),
    Variant(speed=1.2, jitter=4),
    Variant(speed=0.83, jitter=4),
    Variant(speed=0.72, jitter=4),
    Variant(lead=1),
    Variant(lead=1, own=True),
    Variant(lead=1, speed=1.25, jitter=4),
    Variant(lead=1, speed=0.78, jitter=4),
)
"""What the network is trained on. On DS1 folds, fewer copies cost 3 to 9 points of S F1."""


def engine_signal(values: npt.NDArray[np.float64], fs: float) -> Floats:
    """Bring a signal to the engine's rate and take its baseline away, as the engine does.

    Args:
        values: one lead in mV, shape (n,), without a gap.
        fs: its sampling rate, Hz.

    Returns:
        Signal at `FS` Hz in mV; sample 0 lies at input sample 0.
    """
    half, taps = half_width(fs), table(fs).astype(np.float64)
    position = np.arange(int((len(values) - 1) * FS / fs) + 1) * fs / FS
    whole = np.floor(position).astype(np.int64)
    row = ((position - whole) * PHASES + 0.5).astype(np.int64)
    out = np.zeros(len(position))
    for tap in range(2 * half):  # one tap at a time: little memory
        at = np.clip(whole - half + 1 + tap, 0, len(values) - 1)
        out += taps[row, tap] * values[at]
    filtered, _ = signal.sosfilt(filters.HIGH, out, zi=filters.HIGH_REST * values[0])
    result: Floats = filtered.astype(np.float32)
    return result


def cut(wide: Floats, peaks: Indices) -> Floats:
    """Cut a window per beat; zeros where the signal has ended or not begun.

    Returns:
        shape (n, WINDOW), R peak at `PRE`.
    """
    padded = np.concatenate([np.zeros(PRE, np.float32), wide, np.zeros(WINDOW, np.float32)])
    windows: Floats = padded[np.asarray(peaks)[:, None] + np.arange(WINDOW)]
    return windows


def build(
    recording: Recording,
    classes: Mapping[str, BeatLabel],
    variants: Sequence[Variant] = VARIANTS,
    *,
    noise: Sequence[Recording] = (),
    seed: int = 0,
) -> BeatSet:
    """Make the training data of one recording.

    Args:
        recording: with reference beats; must have no gap.
        classes: WFDB symbol -> AAMI class; other symbols are no beats.
        variants: the copies to make.
        noise: recordings of noise, needed by variants with noise (others are made without them).
        seed: seed of jitter and noise; the recording's name goes into it too.

    Returns:
        The beats of all variants, one variant after the other.
    """
    rng = np.random.default_rng([seed, zlib.crc32(recording.name.encode())])
    return BeatSet.join(
        _variant(recording, classes, number, variant, noise, rng)
        for number, variant in enumerate(variants)
        if variant.lead < len(recording.leads) and (noise or not variant.noise)
    )


def _variant(
    recording: Recording,
    classes: Mapping[str, BeatLabel],
    number: int,
    variant: Variant,
    noise: Sequence[Recording],
    rng: np.random.Generator,
) -> BeatSet:
    lead = variant.lead
    values = variant.sign * millivolts(recording, lead)
    if variant.noise:
        values = values + _noise_like(values, noise, rng)
    fs = recording.fs * variant.speed
    wide = engine_signal(values, fs)
    samples, labels = _reference(recording, classes)
    if variant.own:
        found = own_peaks(recording, lead)
        samples, labels = found, label_found(found, samples, labels, recording.fs)
    peaks = np.rint(samples * FS / fs).astype(np.int64)
    peaks = peaks + rng.integers(-variant.jitter, variant.jitter + 1, len(peaks))
    keep = np.concatenate([[True], np.diff(peaks) > CLOSEST]) & (peaks >= 0) & (peaks < len(wide))
    peaks, labels = peaks[keep], labels[keep]
    return described(wide, peaks, labels, recording.name, number)


def described(
    wide: Floats, peaks: Indices, labels: npt.NDArray[np.int8], name: str, variant: int
) -> BeatSet:
    """Describe the beats of one lead from its first to its last, as happens live.

    Args:
        wide: baseline-free signal at `FS`, mV.
        peaks: R peaks, samples.
        labels: their classes.
        name: of the record.
        variant: which copy of it.
    """
    contexts = BeatContexts(1)
    features = contexts.describe(
        np.full(len(peaks), contexts.add()),
        cut(wide, peaks),
        peaks,
        np.concatenate([[-1], peaks[:-1]]),
        np.concatenate([peaks[1:], [-1]]),
    )
    n = len(peaks)
    return BeatSet(features, labels, np.full(n, name), np.full(n, variant, np.int16))


def made_rhythms(
    recording: Recording, classes: Mapping[str, BeatLabel], seed: int = 0
) -> Iterator[BeatSet]:
    """Yield the rhythms that `regimes` makes from each of the first two leads."""
    samples, labels = _reference(recording, classes)
    peaks = np.rint(samples * FS / recording.fs).astype(np.int64)
    key = zlib.crc32(recording.name.encode())
    for lead in range(min(len(recording.leads), 2)):
        wide = engine_signal(millivolts(recording, lead), recording.fs)
        made = regimes.tracks(wide, peaks, labels, (seed, key, lead))
        for rhythm, signal_mv, beats, classes_of in made:
            variant = SPLICED + regimes.NAMES.index(rhythm)
            yield described(signal_mv, beats, classes_of, recording.name, variant)


def without_ectopy(recording: Recording) -> BeatSet:
    """Take the beats of a recording known to have hardly any ectopic ones, on its first lead.

    Beats that look ventricular are left out; nothing but "not S" is learnt from the others.
    """
    found = own_peaks(recording, 0)
    wide = engine_signal(millivolts(recording, 0), recording.fs)
    peaks = np.rint(found * FS / recording.fs).astype(np.int64)
    beats = described(wide, peaks, np.zeros(len(peaks), np.int8), recording.name, OTHERS)
    wider = beats.features[:, FEATURES.index("log_width_normal")]
    alike = beats.features[:, FEATURES.index("qrs_corr")]
    return beats[(wider <= USUAL_WIDTH) & (alike > USUAL_SHAPE)]


def mean_beats(recording: Recording, classes: Mapping[str, BeatLabel]) -> npt.NDArray[np.float64]:
    """Mean beat of N, S, V, F on the first lead, shape (4, WINDOW).

    In parts of the largest deflection of all; nan for a class of which there is no beat.
    """
    samples, labels = _reference(recording, classes)
    wide = engine_signal(millivolts(recording, 0), recording.fs)
    windows = cut(wide, np.rint(samples * FS / recording.fs).astype(np.int64))
    means = np.full((4, WINDOW), np.nan)
    for label in range(4):
        if (labels == label).any():
            means[label] = windows[labels == label].mean(axis=0)
    scaled: npt.NDArray[np.float64] = means / np.nanmax(np.abs(means))
    return scaled


def millivolts(recording: Recording, lead: int) -> npt.NDArray[np.float64]:
    """Return one lead in mV."""
    counts = recording.samples[lead].astype(np.float64)
    values: npt.NDArray[np.float64] = (counts - recording.baseline[lead]) / recording.gain[lead]
    return values


def _reference(
    recording: Recording, classes: Mapping[str, BeatLabel]
) -> tuple[Indices, npt.NDArray[np.int8]]:
    beats = [mark for mark in recording.beats if mark.symbol in classes]
    samples = np.array([mark.sample for mark in beats], np.int64)
    labels = np.array([CLASSES.index(classes[mark.symbol]) for mark in beats], np.int8)
    return samples, labels


def own_peaks(recording: Recording, lead: int) -> Indices:
    """Return the R peaks that the live engine finds on one lead, samples of the recording."""
    analyzer = Analyzer(networks=False)
    outputs = analyzer.feed(packets_of(choose_leads(recording, recording.leads[lead]), 500.0))
    outputs += analyzer.finish(DEVICE)
    peaks = (event.n for out in outputs for event in out.events if isinstance(event, RPeak))
    return np.array(list(peaks), np.int64)


def label_found(
    found: Indices, reference: Indices, labels: npt.NDArray[np.int8], fs: float
) -> npt.NDArray[np.int8]:
    """Give each detected beat the label of the reference beat it stands for.

    Args:
        found: detected R peaks, rising.
        reference: reference R peaks, rising.
        labels: their classes.
        fs: sampling rate of both, Hz.

    Returns:
        Classes of the detected beats; `NOT_A_BEAT` where no reference beat lies within 150 ms that
        is nearest to it and to no other.
    """
    result = np.full(len(found), NOT_A_BEAT, np.int8)
    taken: set[int] = set()
    for sample, label, nearest in zip(reference, labels, _nearest(found, reference), strict=True):
        if nearest in taken or abs(int(found[nearest]) - int(sample)) > MATCH_WINDOW_S * fs:
            continue
        result[nearest] = label
        taken.add(nearest)
    return result


def _nearest(found: Indices, reference: Indices) -> Iterator[int]:
    """Index of the detected beat nearest to each reference beat."""
    right = np.clip(np.searchsorted(found, reference), 1, len(found) - 1)
    left = right - 1
    closer = np.abs(found[left] - reference) <= np.abs(found[right] - reference)
    yield from np.where(closer, left, right).tolist()


def _noise_like(
    values: npt.NDArray[np.float64], noise: Sequence[Recording], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Recorded noise, 3 to 16 dB below the lead's large deflections."""
    source = noise[int(rng.integers(len(noise)))]
    row = source.samples[rng.integers(len(source.leads))].astype(np.float64)
    row = np.resize(np.roll(row - row.mean(), int(rng.integers(len(row)))), len(values))
    size = np.percentile(np.abs(values - np.median(values)), 99)
    loudness = np.percentile(np.abs(row), 95) * 10 ** (rng.uniform(3, 16) / 20)
    scaled: npt.NDArray[np.float64] = row * size / loudness
    return scaled
