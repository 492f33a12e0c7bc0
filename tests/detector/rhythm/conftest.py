"""Labelled beats for the rhythm rules, without a signal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from detector.engine.state import GOOD, POOR
from detector.rhythm.alarms import AlarmRules
from detector.rhythm.beats import Holes
from detector.rhythm.rules.ventricular import VentricularRules
from detector.rhythm.waveform.quality import measure
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm, Event
from ecg_monitor.ward.limits.model import Limits

FS = 360.0
LAG_S = 0.3


class Heart:
    """Drives `AlarmRules` beat by beat, with the ticks in between."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.rules = AlarmRules(FS, limits)
        self.limits = limits
        self.events: list[Event] = []
        self.at_s = 0.0
        self.last_s = 0.0
        self.ticks = 0
        self.poor = False
        self.joined = True

    def hole(self) -> Heart:
        """A hole ahead of the next beat may hide one."""
        self.joined = False
        return self

    def beats(self, labels: str, rr_s: float) -> Heart:
        """One beat per letter, each ``rr_s`` after the last.

        ``?``: a hole hides its class; ``n``: it is called N, and V is not unlikely.
        """
        for label in labels:
            self.beat(label, rr_s)
        return self

    def beat(self, label: str, rr_s: float) -> None:
        due = self.at_s + rr_s
        self._ticks_until(due + LAG_S)
        self.at_s = self.last_s = due
        n = round(due * FS)
        hidden, joined, self.joined = label == "?", self.joined, True
        label, perhaps = "Q" if hidden else label.upper(), label == "n"
        known = n + round(LAG_S * FS)
        self.events += self.rules.on_peak(n, known, joined=joined)
        holes = Holes(joined, hidden, perhaps=perhaps)
        self.events += self.rules.on_beat(n, known, label, holes=holes)

    def silence(self, seconds: float) -> Heart:
        self.at_s += seconds
        self._ticks_until(self.at_s)
        return self

    def cycle(self, bpm: float) -> Heart:
        """The waveform repeats at this rate (0: it does not)."""
        now = round((self.at_s + LAG_S) * FS)
        out = self.rules.moment.out
        self.rules.rule(VentricularRules).on_cycle(bpm, now, out)
        self.events += out.take()
        return self

    def shake(self) -> Heart:
        """The baseline of every lead jumps in the second after the last beat."""
        for level in (0.0, 3.0):
            raw = np.full((1, 250), level, np.float32)
            raw[0, ::2] += 0.1
            n = round((self.at_s + 1.0) * FS)
            self.events += self.rules.on_second(n, measure(raw), raw - raw.mean())
        return self

    def reload(self) -> None:
        """Go on from a checkpoint in another process."""
        saved = codec.pack(self.rules)
        self.rules = AlarmRules(FS, self.limits)
        codec.unpack(self.rules, saved)

    def end(self) -> Heart:
        self.events += self.rules.on_stretch_end(round(self.at_s * FS))
        return self

    def raised(self) -> list[str]:
        """Kinds of the alarms that began, in order."""
        return [e.kind for e in self.events if isinstance(e, Alarm) and e.present]

    def alarms(self, kind: str) -> list[Alarm]:
        return [e for e in self.events if isinstance(e, Alarm) and e.kind == kind]

    def episodes(self, kind: str) -> list[tuple[float, float]]:
        """From when to when, s."""
        return [
            (round(e.n / FS, 2), round(e.end_n / FS, 2))
            for e in self.events
            if not isinstance(e, Alarm) and e.kind == kind
        ]

    def _ticks_until(self, at_s: float) -> None:
        while (self.ticks + 1) * 0.5 <= at_s:
            self.ticks += 1
            now = self.ticks * 0.5
            quality = POOR if self.poor else GOOD
            self.events += self.rules.on_tick(round(now * FS), now - self.last_s, quality)


@pytest.fixture
def heart() -> Heart:
    """A heart with the adult limits."""
    return Heart()


@pytest.fixture
def heart_with() -> Callable[[Limits], Heart]:
    """Maker of a heart with other limits."""
    return Heart
