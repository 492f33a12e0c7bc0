"""Plays a scenario out in time: activations of the heart, rhythms and episodes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.synthetic.beats.heart import Activation, Cycle, Heart
from simulator.synthetic.beats.rhythms import GENERATORS
from simulator.synthetic.leads import FloatArray
from simulator.synthetic.physiology import Physiology
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment


@dataclass(frozen=True, slots=True)
class PlacedSegment:
    """A segment at its place in time.

    Attributes:
        segment: the segment.
        index: its place in the scenario.
        start: its begin, s.
        end: its end, s; may be infinite.
    """

    segment: Segment
    index: int
    start: float
    end: float

    def weight(self, times: FloatArray, ramp_s: float) -> FloatArray:
        """Return how much the segment holds at the times, 0 .. 1.

        It fades in over ``ramp_s`` from its start, while the segment before fades out, so that
        the weights of all segments add up to 1.
        """
        begin = self.start if self.start > 0 else -math.inf
        rise = np.clip((times - begin) / ramp_s, 0, 1)
        return rise - np.clip((times - self.end) / ramp_s, 0, 1)


class Timeline:
    """The activations of a scenario in time, a little further at each call of `advance`.

    The caller empties the lists as it uses them; each holds what came since.

    Args:
        scenario: what to play.
        physiology: breathing and rate variability.
        rng: source of chance for the rhythms.

    Attributes:
        placed: segments that have begun, oldest first.
        activations: activations with their segments, nearly by time.
        pulses: times of the pacemaker pulses, s.
        rhythms: changes of rhythm: time in s and WFDB rhythm string.
        episodes: episodes that ended: start and end in s, kind.
        open_episode: start in s and kind of the rhythm that goes on.
    """

    def __init__(
        self, scenario: Scenario, physiology: Physiology, rng: np.random.Generator
    ) -> None:
        self._physiology = physiology
        self._rng = rng
        self._segments = _placed(scenario)
        self._last_r = -math.inf
        self._aux = ""
        self._played = 0.0
        self.placed: list[PlacedSegment] = []
        self.activations: list[tuple[Activation, PlacedSegment]] = []
        self.pulses: list[float] = []
        self.rhythms: list[tuple[float, str]] = []
        self.episodes: list[tuple[float, float, str]] = []
        self.open_episode: tuple[float, str] = (0.0, scenario.segments[0].rhythm)
        self._fresh: list[Activation] = []
        self._begin()

    def fresh_beats(self) -> list[Activation]:
        """Return the beats played since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def advance(self, until: float) -> None:
        """Play on, at least until all activations that begin before ``until - 1`` (s) are known."""
        while self._played < until:
            current = self.placed[-1]
            cycle = next(self._cycles, None)
            if cycle is None or cycle.time >= current.end:
                self._played = current.end
                if current.end < math.inf:
                    self._begin()
                continue
            self._take(cycle, current)
            self._played = cycle.time

    def _begin(self) -> None:
        placed = next(self._segments)
        segment = placed.segment
        start, kind = self.open_episode
        if kind != segment.rhythm:
            self.episodes.append((start, placed.start, kind))
            self.open_episode = (placed.start, segment.rhythm)
        self.placed.append(placed)
        self._turn(placed.start, segment.aux)
        heart = Heart(segment, placed.start, placed.end, self._last_r, self._physiology, self._rng)
        self._cycles: Iterator[Cycle] = GENERATORS[segment.rhythm](heart)

    def _take(self, cycle: Cycle, placed: PlacedSegment) -> None:
        for activation in cycle.activations:
            self.activations.append((activation, placed))
            if activation.shape == "spike":
                self.pulses.append(activation.time)
            if activation.symbol:
                self._last_r = max(self._last_r, activation.time)
                self._fresh.append(activation)
        for time, aux in cycle.rhythms:
            if time < placed.end:
                self._turn(time, aux)
        self.episodes += [(start, end, kind) for kind, start, end in cycle.episodes]

    def _turn(self, time: float, aux: str) -> None:
        if aux != self._aux:
            self.rhythms.append((time, aux))
            self._aux = aux


def _placed(scenario: Scenario) -> Iterator[PlacedSegment]:
    start = 0.0
    while start < math.inf:
        for index, segment in enumerate(scenario.segments):
            last = index == len(scenario.segments) - 1
            endless = last and not scenario.loop
            end = math.inf if endless else start + segment.duration_s
            yield PlacedSegment(segment, index, start, end)
            start = end
