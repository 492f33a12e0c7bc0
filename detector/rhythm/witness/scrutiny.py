"""Whether what the QRS detector found, or did not find, may be believed.

Beats that are more likely noise (`detector.rhythm.witness.disorder`), beats that only a single lead
shows (`detector.rhythm.witness.witness`), P waves without complexes
(`detector.rhythm.waveform.standstill`), silences in which no lead was still, and those in which
noise would have hidden a beat (`detector.rhythm.witness.activity`): of these the rules ask before
they speak of a high rate, of a low one, or of no beat at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detector.rhythm.waveform import standstill
from detector.rhythm.waveform.fibrillation import FibrillationRules
from detector.rhythm.waveform.quality import FLAT, GOOD, JUMP, MAINS, NOISE, Second
from detector.rhythm.waveform.standstill import Standstill
from detector.rhythm.witness import activity
from detector.rhythm.witness.activity import Activity
from detector.rhythm.witness.disorder import Disorder
from detector.rhythm.witness.likeness import MARGIN, find_newest
from detector.rhythm.witness.witness import LATE, SECOND, Witness
from ecg_monitor.core.checkpoint.fields import Derived

Samples = npt.NDArray[np.float32]
RATE = 250


@dataclass(slots=True)
class Scrutiny:
    """Doubts about one device's beats.

    Attributes:
        disorder: of the beats found.
        witness: what each lead shows by itself.
        standstill: whether what is found are P waves.
        activity: when noise as steep as QRS complexes covered all leads.
        window: the last seconds without baseline wander, useless leads flat, mV at 250 Hz, shape
            (n_leads, m); no part of a checkpoint: `see` gives it again.
        end_n: sample index one past them.
        shaken_n: sample index one past the last second in which no lead was still: its baseline
            jumped, it was useless, or it moved as beats do, in noise or after beats that are not
            believed.
        fibrillation: the waveform may be one; then disorder is not noise.
    """

    disorder: Disorder = field(default_factory=Disorder)
    witness: Witness = field(default_factory=Witness)
    standstill: Standstill = field(default_factory=Standstill)
    activity: Activity = field(default_factory=Activity)
    window: Derived[Samples] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    end_n: int = 0
    shaken_n: int = 0
    fibrillation: Derived[bool] = False

    @classmethod
    def of(cls, leads: tuple[str, ...]) -> Scrutiny:
        """Start with no signal; ``leads`` are their names."""
        return cls(witness=Witness(leads))

    @property
    def doubted_n(self) -> int | None:
        """Sample index since which the beats are more likely noise; None: they are not."""
        return None if self.fibrillation else self.disorder.since_n

    @property
    def stands_still(self) -> bool:
        """Whether the beats that are found are P waves: the ventricles stand still."""
        return self.standstill.onset_n is not None

    def on_second(
        self,
        n: int,
        second: Second,
        seen: FibrillationRules,
        last_n: int | None,
        fs: float,
        faulty: frozenset[int] = frozenset(),
    ) -> None:
        """Take a second of signal.

        Args:
            n: sample index one past it.
            second: its quality.
            seen: has the last seconds up to it.
            last_n: R peak of the last beat, None if there is none.
            fs: sampling rate of the device, Hz.
            faulty: rows of leads that are no witnesses (`detector.rhythm.rules.lead_faults`).
        """
        self.end_n = n
        self.see(seen)
        if self._unquiet(second.states, n, last_n, fs):
            self.shaken_n = n
        known = self.disorder.sizes, self.disorder.counts
        self.activity.on_second(n, self.window, second.states, known, fs)
        self.witness.on_second(n, self.window, self.disorder, fs, faulty)
        self.disorder.follow(n, fs)

    def _unquiet(self, states: Sequence[int], n: int, last_n: int | None, fs: float) -> bool:
        """Return whether no lead that is not flat was still in the newest second."""
        doubtful = self.disorder.doubtful
        if not doubtful and GOOD in states:
            return False
        restless = self.disorder.restless(self.window, n, last_n, fs)
        unquiet = [
            # Fibrillation moves as well; but it makes no noise of high frequency.
            state >= JUMP or (moves and (doubtful or state in (NOISE, MAINS)))
            for state, moves in zip(states, restless, strict=True)
            if state != FLAT
        ]
        return bool(unquiet) and all(unquiet)

    def on_beat(self, n: int, fs: float) -> None:
        """Take a beat whose R peak is at sample index ``n``, after the second that holds it."""
        window = self.window
        length = window.shape[1]
        peak = length - round((self.end_n - n) * RATE / fs)
        if MARGIN <= peak <= length - MARGIN:
            familiar = self.disorder.on_beat(n, fs, window, peak)
            self.witness.on_beat(self.disorder.likeness)
            self.standstill.on_beat(n, window, peak, familiar=familiar)

    def denies(self, n: int, fs: float) -> bool:
        """Tell of a beat, after the second that holds it, whether it is a P wave.

        It is looked at once more: if its whole cycle shows a QRS complex after all, no beat is
        denied any longer.

        Args:
            n: sample index of its R peak.
            fs: sampling rate of the device, Hz.
        """
        if not self.standstill.denies(n):
            return False
        peak = self.window.shape[1] - round((self.end_n - n) * RATE / fs)
        return not self.standstill.reconsider(n, self.window, peak)

    def look_for_standstill(
        self, n: int, peaks: Sequence[int], fs: float, asystole_s: float
    ) -> int | None:
        """Ask after each second whether beats are denied that were not; arguments as there.

        Returns:
            the R peak after which they are none; None: nothing has changed.
        """
        changed = self.standstill.on_second(
            n, self.window, peaks, fs, asystole_s, fibrillates=self.fibrillation
        )
        return self.standstill.onset_n if changed else None

    def forget(self) -> None:
        """A stretch ends."""
        self.disorder.forget()
        self.witness.forget()
        self.standstill.forget()
        self.activity.forget()
        self.window = np.zeros((0, 0), np.float32)
        self.shaken_n = 0

    def see(self, seen: FibrillationRules) -> None:
        """Take the last seconds of signal; of leads that are useless now, nothing."""
        self.fibrillation = seen.onset is not None or seen.streak > 0
        self.window = seen.window
        if not all(seen.usable):
            useful = np.array(seen.usable)[:, None] > 0
            self.window = np.where(useful, seen.window, np.float32(0.0))


def warm() -> None:
    """Compile what is compiled."""
    standstill.warm()
    activity.warm()
    known = Disorder()
    known.on_beat(0, RATE, np.zeros((1, 2 * RATE), np.float32), RATE)
    shapes = known.shapes, known.sizes, known.counts
    find_newest(np.zeros((1, 2 * RATE), np.float32), 1, SECOND, LATE, *shapes)
