"""Adds noise of a given signal-to-noise ratio to any patient."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.records import find_database, read_record
from simulator.faults.noise import (
    FloatArray,
    NoiseKind,
    NoiseMixer,
    noise_factors,
    noise_rms,
    qrs_amplitude,
    synthetic_noise,
)
from simulator.packets import Source, per_lead
from simulator.synthetic.marks import Block

KINDS: tuple[NoiseKind, ...] = ("bw", "em", "ma")
_PROBE_S = 60.0
"""Length of signal from which the height of a patient's QRS complexes is measured, s."""
_SYNTHETIC_S = 300.0


@dataclass(frozen=True, slots=True)
class NoiseSpec:
    """``KIND:SNR``: which noise, and how far below the signal, in dB."""

    kind: NoiseKind
    snr_db: float


def parse_noise(text: str) -> NoiseSpec:
    """Read ``em:6``: electrode motion at 6 dB.

    Raises:
        SettingsError: the kind is unknown or the ratio is no number.
    """
    name, _, ratio = text.partition(":")
    for kind in KINDS:
        if kind == name:
            try:
                return NoiseSpec(kind, float(ratio))
            except ValueError:
                break
    raise SettingsError(f"--noise {text}: write KIND:SNR_DB with KIND one of {', '.join(KINDS)}")


def load_noise(kind: NoiseKind, fs: float, settings: Settings) -> tuple[FloatArray, str]:
    """Return noise at ``fs`` Hz in mV, and where it comes from.

    It is the NSTDB record if that is on this machine, else synthetic.

    Returns:
        Noise, shape (n_channels, n), and the reason in words.
    """
    # The user's own data folder is for patients; noise is looked for beside it.
    found = find_database(replace(settings, data=""), [kind], database="nstdb", download=False)
    if found.folder is None:
        return synthetic_noise(kind, _SYNTHETIC_S, fs), f"synthetic {kind} noise ({found.reason})"
    record = read_record(found.path(kind))
    noise = record.samples / np.array(record.gain)[:, None]
    if record.fs != fs:
        n = round(record.n_samples * fs / record.fs)
        at = np.arange(n) * (record.fs / fs)
        noise = np.stack([np.interp(at, np.arange(record.n_samples), row) for row in noise])
    return noise, f"noise {kind}: {found.reason}"


class Noisy:
    """A patient with noise added, sample by sample the same however it is read.

    A sample that leaves the range of int16 is clipped; a detached lead keeps what it has.

    Attributes:
        fs: sampling rate in Hz.
        leads: lead names.
        gain: ADC units per mV, one per lead.
        baseline: ADC value at 0 mV, one per lead.
    """

    def __init__(self, source: Source, probe: Source, noise: FloatArray, snr_db: float) -> None:
        """Add ``noise`` (mV, shape (n_channels, n)) to ``source``.

        Args:
            source: the patient.
            probe: the same patient once more: it is read to measure the QRS complexes.
            noise: noise at the patient's sampling rate.
            snr_db: signal-to-noise ratio in dB.

        Raises:
            ScenarioError: the patient has no annotated beats in the first minute.
        """
        self.fs = source.fs
        self.leads = source.leads
        self.gain = per_lead(source.gain, source.leads)
        self.baseline = per_lead(source.baseline, source.leads)
        block = probe.read(round(_PROBE_S * source.fs))
        self._gain = np.array(self.gain)[:, None]
        beats = [beat.sample - block.n0 for beat in block.beats]
        amplitude = qrs_amplitude(block.samples / self._gain, beats, source.fs)
        factors = noise_factors(amplitude, noise_rms(noise, source.fs), snr_db)
        self._mixer = NoiseMixer(noise, factors, source.fs)
        self._source = source

    def read(self, n: int) -> Block:
        """Return the next ``n`` samples, fewer when the signal is over."""
        block = self._source.read(n)
        noise = self._mixer.noise_at(block.n0, block.samples.shape[1]) * self._gain
        mixed = np.clip(np.rint(block.samples + noise), -32767, 32767).astype(np.int16)
        for span in block.leadoff:
            row = self.leads.index(span.lead)
            part = slice(span.start - block.n0, span.end - block.n0)
            mixed[row, part] = block.samples[row, part]
        return replace(block, samples=mixed)
