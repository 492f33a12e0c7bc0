"""ST deviation: a lead's ST level leaves its own reference, and stays away.

The reference is the median of the first minutes: what an infarct, a bundle branch block or the
electrodes' places have done to the ST segment before says nothing of now. A deviation must last a
minute (Drew et al., AHA practice standards, Circulation 110:2721-2746, 2004; Sandau et al.,
Circulation 136:e273-e344, 2017, doi:10.1161/CIR.0000000000000527, who set alarms 0.1 to 0.2 mV from
the patient's own level; the wider one is the default here).

ST levels follow the QRS complex: with a bundle branch block, a pacemaker or pre-excitation they
say nothing of ischaemia (Sandau et al.). They are left out while the QRS complex is wide, or not as
wide as when the references were learnt.

Limitations: a change of posture moves ST levels too. A deviation that was there when monitoring
began is not told; ``st_reference_min = 0`` holds the level against 0 mV instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import ClassVar

from detector.rhythm.moment import Moment, Rule
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.core.types import Measurement
from ecg_monitor.ward.limits.model import StLimits

KIND = "st_deviation"
BACK = 0.75
"""The alarm ends when every lead is back within this part of the limit."""
WIDE_MS = 120.0
CHANGED_MS = 20.0
"""Change of the QRS width after which the complex is another one, or its end was misjudged."""
LEAST = 5
"""Measurements that a reference is made of at least."""


@dataclass(slots=True)
class StRules(Rule):
    """ST levels of all leads against their references.

    Attributes:
        limits: of this patient.
        first_n: sample index of the first measurement.
        widths: of the QRS complex while the references are being learnt, ms.
        usual_ms: their median, None until it is known.
        learning: levels of each lead while its reference is being learnt, mV.
        reference: of each lead, mV.
        beyond: by lead, the sample index since when it has deviated, and to which side.
    """

    SECTION: ClassVar[str] = "st"

    limits: Configuration[StLimits]
    first_n: int | None = None
    widths: list[float] = field(default_factory=list)
    usual_ms: float | None = None
    learning: dict[str, list[float]] = field(default_factory=dict)
    reference: dict[str, float] = field(default_factory=dict)
    beyond: dict[str, tuple[int, int]] = field(default_factory=dict)

    def on_measurement(self, moment: Moment, measurement: Measurement) -> None:
        """Take the ST levels of an average."""
        decided_n, out = moment.n, moment.out
        if self.first_n is None:
            self.first_n = measurement.n
        learning = measurement.n - self.first_n < 60.0 * self.limits.st_reference_min * out.fs
        if not self._comparable(measurement.qrs_ms, learning=learning):
            self.beyond.clear()
            out.linger(KIND, decided_n)
            return
        worst: tuple[float, str] | None = None
        lasting: tuple[int, float, str] | None = None
        for lead, level in measurement.st_mv.items():
            reference = self._reference(lead, level, learning=learning)
            if reference is None:
                continue
            change = level - reference
            if worst is None or abs(change) > abs(worst[0]):
                worst = change, lead
            if (since := self._beyond(lead, change, measurement.n)) is None:
                continue
            lasts = measurement.n - since >= self.limits.st_delay_s * out.fs
            if lasts and (lasting is None or abs(change) > abs(lasting[1])):
                lasting = since, change, lead
        if lasting is not None:
            since, change, lead = lasting
            out.begin(KIND, since, decided_n, change, self.limits.st_mv, lead=lead)
        elif worst is not None and abs(worst[0]) < BACK * self.limits.st_mv:
            out.end(KIND, decided_n)

    def forget(self, moment: Moment) -> None:  # noqa: ARG002 (as of `Rule`)
        """Forget deviations; the references stay, the electrodes may be where they were."""
        self.beyond.clear()

    def _comparable(self, width: float, *, learning: bool) -> bool:
        """Tell whether the QRS complex is narrow, and as wide as that of the references."""
        if self.usual_ms is None:
            self.widths.append(width)
            if not learning and len(self.widths) >= LEAST:
                self.usual_ms = median(self.widths)
                self.widths = []
        usual = width if self.usual_ms is None else self.usual_ms
        return max(width, usual) < WIDE_MS and abs(width - usual) <= CHANGED_MS

    def _reference(self, lead: str, level: float, *, learning: bool) -> float | None:
        if self.limits.st_reference_min == 0:
            return 0.0
        if lead not in self.reference:
            levels = self.learning.setdefault(lead, [])
            levels.append(level)
            if learning or len(levels) < LEAST:
                return None
            self.reference[lead] = median(self.learning.pop(lead))
        return self.reference[lead]

    def _beyond(self, lead: str, change: float, n: int) -> int | None:
        """Return since when a lead has been beyond the limit on the same side; None: it is not."""
        side = 1 if change > 0 else -1
        if abs(change) <= self.limits.st_mv:
            self.beyond.pop(lead, None)
            return None
        since, before = self.beyond.get(lead, (n, side))
        if before != side:
            since = n
        self.beyond[lead] = since, side
        return since
