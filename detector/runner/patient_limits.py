"""Limits that staff change while patients are monitored: when the detector takes them over.

What replay after a crash finds must not depend on when limits were changed. So a change takes
effect between two ticks, at a definite sample of the bed; the limits that are in force are part of
the bed's checkpoint; and the first commit with signal that was judged under new limits contains a
checkpoint. All signal between a checkpoint and what is committed has therefore been judged under
the checkpoint's limits, and a bed whose signal is analysed again keeps them until it has caught up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from detector.analyzer.analyzer import Analyzer
from detector.runner.desk import Desk, Errand, PartitionState
from detector.runner.fence import Commit, Word
from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.store import Store, read_hash
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.limits.check import checked_bed, checked_patient
from ecg_monitor.ward.limits.model import SECTIONS, LimitBook, Limits
from ecg_monitor.ward.patients.actions import LOG_LENGTH
from ecg_monitor.ward.patients.model import Bed, bed_from_json
from ecg_monitor.ward.patients.trail import DETECTOR, ChangeKind, Entry

log = logging.getLogger("detector")

POLL_S = 0.5
"""How often it is asked whether anything has changed: a change holds within a second."""


@dataclass(frozen=True, slots=True)
class _BedLimits:
    """What somebody has set for a bed."""

    version: int
    limits: Limits
    stay: str


@dataclass(frozen=True, slots=True)
class _NewLimits:
    """Limits that hold from a sample on, which no commit has told yet."""

    version: int
    boot: str
    n: int | None


class PatientLimits:
    """The limits of a partition's devices: of the patients admitted, else of the files.

    Attributes:
        version: number of the last change that has been read and holds for all beds.
        moved: devices whose stay may have changed since somebody took them out of it.
    """

    def __init__(self, partition: int, book: LimitBook) -> None:
        self.version = 0
        self.moved: set[str] = set()
        self._partition = partition
        self._book = book
        self._followed: dict[str, _BedLimits] = {}
        self._read = -1
        self._polled_at = 0.0
        self._unsettled: set[str] = set()
        self._applied: dict[str, _NewLimits] = {}

    def of(self, device: str) -> Limits:
        """Return the limits that a device should be judged by."""
        followed = self._followed.get(device)
        return self._book.of(device) if followed is None else followed.limits

    def stay_of(self, device: str) -> str:
        """Return the identity of the stay at a device; empty: nobody is admitted."""
        followed = self._followed.get(device)
        return "" if followed is None else followed.stay

    def is_due(self, now: float) -> bool:
        """Return whether it is time to ask what has changed; then it is for a while no more."""
        if abs(now - self._polled_at) < POLL_S:
            return False
        self._polled_at = now
        return True

    async def changes(self, store: Store) -> tuple[int, Mapping[str, bytes]]:
        """Return the number of the newest change, and all beds if it has not been taken yet.

        Raises:
            StoreError: Redis does not answer.
        """
        newest: Any = await store.get(keys.patients_version(self._partition))
        if int(newest or 0) == self._read:
            return self._read, {}
        # The number is older than the hash or as old: what comes between is read again.
        return int(newest or 0), await read_hash(store, keys.patients(self._partition))

    def take(self, number: int, beds: Mapping[str, bytes]) -> None:
        """Take over what `changes` has returned."""
        self._read = number
        for device, text in beds.items():
            self._take(device, text)

    def look_at(self, device: str) -> None:
        """Compare a device's limits with those it is judged by: it was restored."""
        self._unsettled.add(device)

    def settle(self, analyzer: Analyzer, is_current: Callable[[str], bool]) -> Iterator[str]:
        """Put new limits in force; yield the devices whose limits have changed.

        Args:
            analyzer: judges the signals.
            is_current: tells whether all of a device's committed signal has been analysed.
        """
        known = set(analyzer.devices) if self._unsettled else set()
        for device in sorted(self._unsettled):
            if device in known and not is_current(device):
                continue
            self._unsettled.discard(device)
            if device not in known or analyzer.limits_of(device) == self.of(device):
                continue
            analyzer.change_limits(device, self.of(device))
            followed = self._followed.get(device)
            version = 0 if followed is None else followed.version
            self._applied[device] = _NewLimits(version, *analyzer.position(device))
            yield device
        if not self._unsettled:
            self.version = max(0, self._read)

    def opened(self, device: str, boot: str, n: int) -> None:
        """Note that a device is judged for the first time, from sample ``n`` on."""
        followed = self._followed.get(device)
        if followed is not None:
            self._applied[device] = _NewLimits(followed.version, boot, n)

    def tell(self, commit: Commit, device: str, now: float) -> None:
        """Add to the audit trail since when new limits hold, with the device's checkpoint."""
        applied = self._applied.pop(device, None)
        if applied is None:
            return
        entry = Entry(
            ChangeKind.APPLIED,
            DETECTOR,
            now,
            device,
            applied.version,
            boot=applied.boot,
            n=applied.n,
        )
        commit.add(
            "XADD",
            keys.patientlog(self._partition),
            "MAXLEN",
            "~",
            LOG_LENGTH,
            "*",
            "d",
            device,
            "e",
            orjson.dumps(entry.to_map()),
        )

    def _take(self, device: str, text: bytes) -> None:
        try:
            bed = bed_from_json(text)
        except PatientError as error:
            log.error("%s keeps its limits: %s", device, error)
            return
        former = self._followed.get(device)
        if former is not None and former.version == bed.version:
            return
        limits = self._limits_of(device, bed)
        stay = "" if bed.admission is None else bed.admission.stay
        self._followed[device] = _BedLimits(bed.version, limits, stay)
        self._unsettled.add(device)
        self.moved.add(device)

    def _limits_of(self, device: str, bed: Bed) -> Limits:
        """Limits of a bed. What another version of the program has set may be unknown here."""
        stay, own = bed.admission, bed.own
        if stay is not None:
            checked, problems = checked_patient(self._book, stay.table())
        elif own is not None:
            checked, problems = checked_bed(self._book, device, own.table())
        else:
            return self._book.of(device)
        for problem in problems:
            log.error("%s: %s; the default holds", stay.patient if stay else device, problem)
            if problem.field in SECTIONS:  # values that are right, but not beside each other
                checked.pop(problem.field, None)
        return (
            self._book.of_bed(device, checked) if stay is None else self._book.of_patient(checked)
        )


class LimitsDesk(Desk):
    """Puts limits in force that have changed, between two ticks, and says so."""

    def __init__(self, state: PartitionState, limits: PatientLimits) -> None:
        self._state = state
        self._limits = limits
        self._asking: Errand[tuple[int, Mapping[str, bytes]]] = Errand()
        self.errands = (self._asking,)

    async def before(self, commit: Commit, now: float) -> None:  # noqa: ARG002 (as of `Desk`)
        """Take over what has changed; with a bed's next signal comes a checkpoint."""
        changed = self._asking.take()
        if changed is not None:
            self._limits.take(*changed)
        if not self._asking.under_way and self._limits.is_due(now):
            self._asking.send(self._limits.changes(self._state.store))
        for device in self._limits.settle(self._state.analyzer, self._is_current):
            self._state.beds[device].save_due = True

    def opened(self, packet: Packet) -> None:
        """Note since when a device is judged."""
        self._limits.opened(packet.device, packet.boot, packet.n0)

    def saved(self, commit: Commit, device: str, now: float) -> None:
        """Add to the audit trail since when new limits hold."""
        self._limits.tell(commit, device, now)

    def figures(self) -> Mapping[str, Word]:
        """Return the number of the last change that holds for all beds."""
        return {"patients": self._limits.version}

    def resumed(self, device: str, now: float) -> None:  # noqa: ARG002 (as of `Desk`)
        """Limits may have changed while there was no detector."""
        self._limits.look_at(device)

    def _is_current(self, device: str) -> bool:
        return self._state.beds[device].is_current
