"""A synthetic patient: an endless, reproducible signal with its ground truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from ecg_monitor.core.errors import ScenarioError
from ecg_monitor.core.types import Int16Array
from simulator.synthetic.beats.templates import Body, Template
from simulator.synthetic.beats.timeline import PlacedSegment, Timeline
from simulator.synthetic.leads import FloatArray, check_leads, dipole_matrix
from simulator.synthetic.marks import BeatMark, Block, EpisodeMark, LeadoffSpan, RhythmMark
from simulator.synthetic.physiology import Physiology
from simulator.synthetic.scenario import Scenario, load_scenario
from simulator.synthetic.sources import Fibrillation, Flutter, VentricularFibrillation

_CHUNK_S = 1.0
"""Length of what is computed at once, s: long enough that numpy's overhead does not count."""
_LOOKAHEAD_S = 2.5
"""How far beyond a chunk its rhythm is played: a P wave comes well before what places it."""
_RAMP_S = 0.2
"""How long one segment's continuous activity takes to turn into the next one's, s."""
_HUM_MV = 2.0

_Mark = TypeVar("_Mark", BeatMark, RhythmMark, EpisodeMark, LeadoffSpan)


class SyntheticPatient:
    """A patient who follows a scenario.

    The signal depends on scenario, ``fs``, ``leads`` and ``seed`` only, never on how it is cut
    into reads; the rhythm does not even depend on ``fs`` and ``leads``. Memory is bounded.

    Args:
        scenario: a scenario, or the name or path of one.
        fs: sampling rate in Hz, 50 .. 2000.
        leads: names of the leads, see `LEAD_NAMES`. Beats are annotated at the peak on the first.
        seed: which patient, 0 or more: the same seed gives the same body, rhythm and noise.
        gain: ADC units per mV.
        baseline: ADC value at 0 mV.
        rail_mv: end of the input range, mV: beyond it the signal is cut off.

    Raises:
        ScenarioError: the scenario or an argument is wrong; names it.

    Example:
        >>> patient = SyntheticPatient("sinus", fs=250, leads=("II", "V1"), seed=3)
        >>> block = patient.read(125)
        >>> block.samples.shape
        (2, 125)
    """

    def __init__(
        self,
        scenario: Scenario | str | Path,
        fs: float = 360.0,
        leads: tuple[str, ...] = ("II", "V1"),
        seed: int = 0,
        *,
        gain: float = 200.0,
        baseline: int = 0,
        rail_mv: float = 10.0,
    ) -> None:
        # Loads scipy.signal, longer than all else: whoever replays recordings need not wait for it.
        from simulator.synthetic.background import Background  # noqa: PLC0415

        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario)
        _check_leads(fs, leads)
        _check_range(gain, baseline, rail_mv)
        if seed < 0:
            raise ScenarioError(f"seed: must not be negative, got {seed}")
        self.scenario = scenario
        self.fs = fs
        self.leads = leads
        self.gain = gain
        self.baseline = baseline
        self._rail = rail_mv
        body, slow, rhythm, atria, ventricles, noise = np.random.SeedSequence(seed).spawn(6)
        physiology = Physiology(np.random.default_rng(slow), scenario.respiration_rate)
        self._physiology = physiology
        self._body = Body(np.random.default_rng(body), leads, fs, scenario.variety)
        self._timeline = Timeline(scenario, physiology, np.random.default_rng(rhythm))
        self._fibrillation = Fibrillation(np.random.default_rng(atria))
        self._flutter = Flutter()
        self._vf = VentricularFibrillation(np.random.default_rng(ventricles))
        self._background = Background(noise, leads, fs, physiology, scenario.mains_hz)
        self._projection = dipole_matrix(leads)
        self._templates: dict[tuple[int, str], Template] = {}
        self._chunk = round(_CHUNK_S * fs)
        self._made = 0
        self._position = 0
        self._buffer: Int16Array = np.zeros((len(leads), 0), np.int16)
        self._beats: list[BeatMark] = []
        self._rhythms: list[RhythmMark] = []
        self._episodes: list[EpisodeMark] = []
        self._leadoff: list[LeadoffSpan] = []
        self._pulses: list[int] = []

    @property
    def position(self) -> int:
        """Index of the next sample to be read."""
        return self._position

    def read(self, n: int) -> Block:
        """Return the next ``n`` samples with their truth.

        Raises:
            ValueError: ``n`` is less than 1.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        n0, n1 = self._position, self._position + n
        chunks = [self._buffer]
        while self._made < n1:
            chunks.append(self._next_chunk())
        buffer = np.concatenate(chunks, axis=1) if len(chunks) > 1 else chunks[0]
        # A copy, lest a short rest keep a long buffer alive.
        self._buffer = buffer[:, n:].copy() if len(chunks) > 1 else buffer[:, n:]
        self._position = n1
        return Block(
            n0=n0,
            samples=np.ascontiguousarray(buffer[:, :n]),
            beats=_take(self._beats, lambda mark: mark.sample < n1),
            rhythms=_take(self._rhythms, lambda mark: mark.sample < n1),
            episodes=_take(self._episodes, lambda mark: mark.end <= n1),
            leadoff=self._take_leadoff(n0, n1),
            pulses=self._take_pulses(n1),
        )

    def generate(self, duration_s: float) -> Block:
        """Return the next ``duration_s`` seconds; episodes still open end with the block.

        For tests and analysis: the patient can be read on from there.
        """
        block = self.read(round(duration_s * self.fs))
        start, kind = self._timeline.open_episode
        going_on = [*self._episodes, EpisodeMark(round(start * self.fs), block.n1, kind)]
        cut = (replace(mark, end=block.n1) for mark in going_on if mark.start < block.n1)
        return replace(block, episodes=tuple(sorted((*block.episodes, *cut))))

    def _next_chunk(self) -> Int16Array:
        n0, n1 = self._made, self._made + self._chunk
        times = np.arange(n0, n1) / self.fs
        self._timeline.advance(n1 / self.fs + _LOOKAHEAD_S)
        self._forget(times[0])
        signal = self._noise(times) + self._projection @ self._continuous(times)
        self._add_beats(signal, n0)
        self._collect_truth()
        self._disturb(signal, times, n0)
        np.clip(signal, -self._rail, self._rail, out=signal)
        self._made = n1
        return np.rint(signal * self.gain + self.baseline).astype(np.int16)

    def _forget(self, time: float) -> None:
        """Drop segments and activations that end before ``time`` (s): memory stays bounded."""
        timeline = self._timeline
        timeline.placed = [placed for placed in timeline.placed if placed.end > time - 2]
        timeline.activations = [pair for pair in timeline.activations if pair[0].time > time - 3]

    def _noise(self, times: FloatArray) -> FloatArray:
        levels = np.zeros((3, len(times)))
        for placed in self._timeline.placed:
            segment = placed.segment
            size = np.array([segment.wander_mv, segment.muscle_mv, segment.mains_mv])
            levels += np.outer(size, placed.weight(times, _RAMP_S))
        return self._background.draw(times, *levels)

    def _continuous(self, times: FloatArray) -> FloatArray:
        total = np.zeros((3, len(times)))
        for placed in self._timeline.placed:
            rhythm = placed.segment.rhythm
            if rhythm not in {"af", "flutter", "vf"}:
                continue
            weight = placed.weight(times, _RAMP_S)
            if not weight.any():
                continue
            if rhythm == "af":
                total += weight * self._fibrillation.dipole(times, placed.segment)
            elif rhythm == "flutter":
                total += weight * self._flutter.dipole(times - placed.start, placed.segment)
            else:
                total += weight * self._vf.dipole(times, placed.segment)
        return total

    def _add_beats(self, signal: FloatArray, n0: int) -> None:
        n = signal.shape[1]
        for activation, placed in self._timeline.activations:
            template = self._template(activation.shape, placed)
            first, last = template.span(activation)
            i0 = max(0, math.ceil(first * self.fs) - n0)
            i1 = min(n, math.floor(last * self.fs) - n0 + 1)
            if i0 >= i1:
                continue
            times = np.arange(n0 + i0, n0 + i1) / self.fs - activation.time
            part = template.draw(times, activation.rr_s)
            depth = placed.segment.respiration_depth
            if template.breathes and depth:
                part *= 1 + depth * self._physiology.breathing(np.array([activation.time]))[0]
            signal[:, i0:i1] += part

    def _template(self, shape: str, placed: PlacedSegment) -> Template:
        key = (placed.index, shape)
        if key not in self._templates:
            self._templates[key] = self._body.template(shape, placed.segment)
        return self._templates[key]

    def _collect_truth(self) -> None:
        """Turn what the timeline has played since into marks, sorted for the reads to come."""
        timeline, fs = self._timeline, self.fs
        fresh = timeline.fresh_beats()
        self._beats += [BeatMark(round(self._body.r_time(a) * fs), a.symbol) for a in fresh]
        self._rhythms += [RhythmMark(round(time * fs), aux) for time, aux in timeline.rhythms]
        self._episodes += [
            EpisodeMark(round(a * fs), round(b * fs), k) for a, b, k in timeline.episodes
        ]
        starts = (self._body.pulse_start(time) * fs for time in timeline.pulses)
        self._pulses = sorted({*self._pulses, *(max(0, math.ceil(n)) for n in starts)})
        timeline.rhythms, timeline.episodes, timeline.pulses = [], [], []
        for marks in (self._beats, self._rhythms, self._episodes):
            marks.sort()

    def _disturb(self, signal: FloatArray, times: FloatArray, n0: int) -> None:
        """Swap, saturate and detach leads where the segments say so, in place."""
        n = signal.shape[1]
        for placed in self._timeline.placed:
            i0 = max(0, round(placed.start * self.fs) - n0)
            i1 = n if placed.end == math.inf else min(n, round(placed.end * self.fs) - n0)
            if i0 >= i1:
                continue
            segment = placed.segment
            for row, lead in enumerate(self.leads):
                part = signal[row, i0:i1]
                if _named(lead, segment.inverted):
                    part *= -1
                if _named(lead, segment.saturated):
                    part[:] = self._rail
                if _named(lead, segment.leadoff):
                    part[:] = self._detached(segment.leadoff_shape, times[i0:i1])
                    if segment.leadoff_flag:
                        self._leadoff.append(LeadoffSpan(n0 + i0, n0 + i1, lead))

    def _detached(self, shape: str, times: FloatArray) -> FloatArray:
        if shape == "hum":
            return _HUM_MV * self._background.hum(times)
        return np.full(len(times), self._rail if shape == "rail" else 0.0)

    def _take_pulses(self, n1: int) -> tuple[int, ...]:
        due = tuple(n for n in self._pulses if n < n1)
        self._pulses = self._pulses[len(due) :]
        return due

    def _take_leadoff(self, n0: int, n1: int) -> tuple[LeadoffSpan, ...]:
        self._leadoff = [span for span in self._leadoff if span.end > n0]
        inside = [span for span in self._leadoff if span.start < n1]
        merged: dict[str, list[LeadoffSpan]] = {}
        for span in inside:
            start, end = max(span.start, n0), min(span.end, n1)
            spans = merged.setdefault(span.lead, [])
            if spans and spans[-1].end == start:
                start = spans.pop().start
            spans.append(LeadoffSpan(start, end, span.lead))
        return tuple(sorted(span for spans in merged.values() for span in spans))


def _take(marks: list[_Mark], is_due: Callable[[_Mark], bool]) -> tuple[_Mark, ...]:
    """Remove and return the marks that are due."""
    due = tuple(mark for mark in marks if is_due(mark))
    if due:
        marks[:] = [mark for mark in marks if not is_due(mark)]
    return due


def _named(lead: str, names: tuple[str, ...]) -> bool:
    return lead in names or "all" in names


def _check_leads(fs: float, leads: tuple[str, ...]) -> None:
    if not 50 <= fs <= 2000:
        raise ScenarioError(f"fs: must be 50 .. 2000 Hz, got {fs:g}")
    check_leads("leads", leads)


def _check_range(gain: float, baseline: int, rail_mv: float) -> None:
    if not gain > 0:
        raise ScenarioError(f"gain: must be greater than 0, got {gain:g}")
    if not (rail_mv > 0 and gain * rail_mv + abs(baseline) <= 32767):
        raise ScenarioError(
            f"rail_mv: must be greater than 0 and fit int16 with gain and baseline, got {rail_mv:g}"
        )
