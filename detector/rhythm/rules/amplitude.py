"""A device that sends another unit than it says: nothing is said of the heart from such a signal.

Which leads span what no ECG does is found where the samples come in (`detector.engine.scale`). Here
it becomes a technical condition that names them and what they span. While others can be used, the
analysis goes on with those; where all leads are concerned it rests, and says so: every rule that
speaks of mV would be wrong, and so would silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from detector.rhythm.conditions import Conditions
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.records.plausible import LARGEST_MV, SMALLEST_MV

KIND = "amplitude"
SECONDS = 4
"""It has lasted for about so long when it is told."""


@dataclass(slots=True)
class Amplitude:
    """Leads of one device whose voltages cannot be those of an ECG.

    Attributes:
        names: of the leads.
        wrong: bit mask of those whose voltages are impossible now.
        told: the mask that was told.
        rests: all that are attached are wrong: the analysis rests.
    """

    names: Configuration[tuple[str, ...]] = ()
    wrong: int = 0
    told: int = field(default=0)
    rests: bool = False

    def on_second(self, n: int, wrong: int, span_mv: float, leadoff: int, out: Conditions) -> None:
        """Take a second.

        Args:
            n: sample index one past it.
            wrong: bit mask of the leads of wrong scale.
            span_mv: what the worst of them spans, mV.
            leadoff: bit mask of detached leads.
            out: takes the condition.
        """
        if not (wrong or self.told):  # nearly always
            self.wrong, self.rests = 0, False
            return
        attached = ((1 << len(self.names)) - 1) & ~leadoff
        self.wrong = wrong & attached
        self.rests = self.wrong != 0 and self.wrong == attached
        if self.wrong != self.told:
            out.end(KIND, n)
            self.told = self.wrong
        if self.wrong:
            leads = [name for i, name in enumerate(self.names) if (self.wrong >> i) & 1]
            limit = LARGEST_MV if span_mv > SMALLEST_MV else SMALLEST_MV
            onset = max(0, n - round(SECONDS * out.fs))
            out.begin(KIND, onset, n, span_mv, limit, lead=", ".join(leads))

    @property
    def faulty(self) -> frozenset[int]:
        """Rows of the leads that are wrong."""
        return frozenset(i for i in range(len(self.names)) if (self.wrong >> i) & 1)

    def forget(self) -> None:
        """A stretch ends."""
        self.wrong, self.told, self.rests = 0, 0, False
