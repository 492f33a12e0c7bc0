"""What is wrong with single leads, while another still shows the heart.

A bed with one of two electrodes off goes on monitoring, and says which. Each fault names its leads;
when others join, or some are mended, it is told anew with the names as they are. What all leads
have is no fault of a lead but of the bed: ``leadoff``, ``noise``, or an asystole. A detached
electrode is told within 3 s; IEC 60601-2-27 asks for a technical alarm within 10 s.

Limitation: of a device with more than two leads, flat lines, saturation and noise are looked for on
the first two, detached electrodes on all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detector.rhythm.conditions import Conditions
from detector.rhythm.waveform.quality import FLAT, GOOD, JUMP, MAINS, NOISE, SATURATED
from ecg_monitor.core.checkpoint.fields import Configuration, Derived

FAULTS: Mapping[str, tuple[int, int]] = {
    "electrode_off": (2, 2),
    "lead_flat": (5, 5),
    "lead_saturated": (5, 10),
    "lead_unsteady": (10, 20),
    "lead_noisy": (20, 30),
}
"""Each fault begins when so many of the last so many seconds show it, and ends below half of that.
The noise of a lead is told by the rule by which noise of all suspends the analysis."""

NONE: frozenset[int] = frozenset()
"""No lead."""


@dataclass(slots=True)
class LeadFaults:
    """Faults of one device's leads.

    Attributes:
        names: of the leads.
        history: of each fault and lead one bit per second, the newest lowest.
        present: the leads that have each fault.
        told: the leads that it was told of; none while all have it.
        clear: nothing has been wrong for as long as is remembered, as far as is known.
    """

    names: Configuration[tuple[str, ...]] = ()
    history: dict[str, list[int]] = field(default_factory=dict)
    present: dict[str, list[int]] = field(default_factory=dict)
    told: dict[str, list[int]] = field(default_factory=dict)
    clear: Derived[bool] = False

    def on_second(
        self, n: int, states: Sequence[int], leadoff: int, out: Conditions, wrong: int = 0
    ) -> None:
        """Take a second.

        Args:
            n: sample index one past it.
            states: of the leads that are looked at (`detector.rhythm.waveform.quality.STATES`), in
                order.
            leadoff: bit mask of detached leads.
            out: takes the conditions.
            wrong: bit mask of leads that have the fault of `detector.rhythm.rules.amplitude`, and
                so no
                other.
        """
        calm = not leadoff and not any(states)  # all are `GOOD`
        if calm and self.clear:
            return
        faults = [
            _fault(
                states[lead] if lead < len(states) and not (wrong >> lead) & 1 else GOOD,
                off=bool((leadoff >> lead) & 1),
            )
            for lead in range(len(self.names))
        ]
        for kind, (enough, within) in FAULTS.items():
            if kind not in faults and not any(self.history.get(kind, ())):
                continue
            bits = self.history.setdefault(kind, [0] * len(self.names))
            faulty = self.present.setdefault(kind, [])
            for lead, fault in enumerate(faults):
                bits[lead] = ((bits[lead] << 1) | (fault == kind)) & ((1 << within) - 1)
                count = bits[lead].bit_count()
                if count >= enough and lead not in faulty:
                    faulty.append(lead)
                elif 2 * count < enough and lead in faulty:
                    faulty.remove(lead)
            self._tell(kind, n, out)
        self.clear = not any(map(any, self.history.values()))

    @property
    def faulty(self) -> frozenset[int]:
        """Rows of the leads that show nothing, while others do; a noisy one still shows beats."""
        if not any(self.told.values()):  # nearly always
            return NONE
        told = (leads for kind, leads in self.told.items() if kind != "lead_noisy")
        return frozenset(lead for leads in told for lead in leads)

    def forget(self) -> None:
        """A stretch ends."""
        self.history.clear()
        self.clear = False
        self.present.clear()
        self.told.clear()

    def _tell(self, kind: str, n: int, out: Conditions) -> None:
        faulty = sorted(self.present[kind])
        leads = faulty if len(faulty) < len(self.names) else []
        if leads != self.told.get(kind, []):
            self.told[kind] = leads
            out.end(kind, n)
        if leads:
            back_s = max(self.history[kind][lead].bit_length() for lead in leads)
            names = ", ".join(self.names[lead] for lead in leads)
            out.begin(kind, max(0, n - round(back_s * out.fs)), n, lead=names)


def _fault(state: int, *, off: bool) -> str | None:
    """Return the fault that a second of a lead shows; one that is detached has no other."""
    if off:
        return "electrode_off"
    if state == FLAT:
        return "lead_flat"
    if state == SATURATED:
        return "lead_saturated"
    if state >= JUMP:
        return "lead_unsteady"
    return "lead_noisy" if state in (NOISE, MAINS) else None
