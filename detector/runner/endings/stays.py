"""A patient goes, another comes: the heart is forgotten, and the alerts that were theirs end."""

from __future__ import annotations

from detector.runner.alert_desk import AlertDesk
from detector.runner.desk import FIRST, Deliver, Desk, PartitionState
from detector.runner.fence import Commit
from detector.runner.patient_limits import PatientLimits


class StayDesk(Desk):
    """Ends stays.

    Between two ticks, at a definite sample, like a change of limits. The commit contains a
    checkpoint, so that a replay neither forgets twice nor judges by what was forgotten.
    """

    def __init__(
        self, state: PartitionState, limits: PatientLimits, alerts: AlertDesk, deliver: Deliver
    ) -> None:
        """Serve one partition.

        Args:
            state: of the partition.
            limits: knows who is admitted.
            alerts: has the alerts.
            deliver: hands on what ends in a bed when its patient is forgotten.
        """
        self._state = state
        self._limits = limits
        self._alerts = alerts
        self._deliver = deliver

    async def before(self, commit: Commit, now: float) -> None:
        """End the stays that have ended, where all committed signal has been analysed."""
        for device in sorted(self._limits.moved):
            bed = self._state.beds.get(device)
            if bed is not None and not bed.is_current:
                continue
            self._limits.moved.discard(device)
            stay = self._limits.stay_of(device)
            over = self._alerts.of_other_stays(device, stay)
            if bed is not None:
                if over or bed.stay not in ("", stay):
                    for output in self._state.analyzer.begin_anew(device):
                        self._deliver(commit, output, now)
                    bed.save_due, bed.saved_entry = True, FIRST
                bed.stay = stay
            await self._alerts.end_stays(commit, over, now)
