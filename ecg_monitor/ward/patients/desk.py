"""The staff's desk for patients: what can be asked and done, over all partitions.

What a page or the command line calls; `ecg_monitor.ward.patients.actions` does it per partition.
Who changes something names the ``version`` of the bed that was shown, so that nothing is
overwritten unseen; at the command line it is None, and the bed as it is now is meant.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.limits.check import Problems, checked_bed, checked_patient
from ecg_monitor.ward.limits.file import load_limits
from ecg_monitor.ward.limits.model import SECTIONS, LimitBook, Limits
from ecg_monitor.ward.patients import actions, transfer
from ecg_monitor.ward.patients.labels import told_label
from ecg_monitor.ward.patients.model import (
    MAX_ID,
    MAX_LABEL,
    MAX_NAME,
    MAX_NOTE,
    MAX_PLACE,
    Admission,
    Bed,
    BedLimits,
    Note,
    checked_category,
    checked_text,
)
from ecg_monitor.ward.patients.trail import Change, ChangeKind, Entry, differences

MAX_BY = 64


class PatientDesk:
    """Patients of the whole system.

    Args:
        store: client.
        settings: number of partitions, configuration file.
        now: clock, Unix s.

    Raises:
        SettingsError: the configuration file is wrong.
    """

    def __init__(
        self, store: Store, settings: Settings, now: Callable[[], float] = time.time
    ) -> None:
        self.book: LimitBook = load_limits(settings.config)
        self._ward = transfer.Ward(store, settings.partitions)
        self._now = now

    async def bed(self, device: str) -> Bed:
        """Return the state of a bed.

        Raises:
            PatientError: ``device`` is no device id.
            StoreError: Redis does not answer.
        """
        return await self._ward.bed(_device(device))

    async def beds(self) -> dict[str, Bed]:
        """Return all beds that ever had a patient, by device."""
        found: dict[str, Bed] = {}
        for partition in range(self._ward.partitions):
            found |= await actions.read_beds(self._ward.store, partition)
        return dict(sorted(found.items()))

    async def notes(self, device: str) -> list[Note]:
        """Return the notes on a device's patient, oldest first."""
        partition = self._ward.partition_of(_device(device))
        return await actions.read_notes(self._ward.store, partition, device)

    async def trail(self, device: str | None = None, since: float = 0.0) -> list[Entry]:
        """Return the audit trail of a device, or of all, oldest first.

        Args:
            device: device id.
            since: Unix time; earlier entries are left out, s.
        """
        partitions = (
            range(self._ward.partitions)
            if device is None
            else [self._ward.partition_of(_device(device))]
        )
        found: list[Entry] = []
        for partition in partitions:
            since_ms = int(since * 1000)
            found += await actions.read_trail(self._ward.store, partition, device, since_ms)
        return sorted(found, key=lambda entry: entry.at)

    async def admit(
        self, device: str, by: str, *, patient: str, name: str, category: str,
        version: int | None = None,
    ) -> Bed:  # fmt: skip
        """Admit a patient to a device that has none.

        Args:
            device: device id.
            by: who does it.
            patient: the hospital's number of the patient, at most `MAX_ID` characters.
            name: name as shown on the bed, at most `MAX_NAME` characters; may be empty.
            category: ``adult``, ``paediatric`` or ``neonatal``.
            version: of the bed that was shown.

        Raises:
            PatientError: an argument is wrong, the bed is taken, or was changed meanwhile.
            StoreError: Redis does not answer.
        """
        old = await self._seen(device, version)
        if old.admission is not None:
            raise PatientError(
                "{device}: there is a patient already; discharge or transfer first", device=device
            )
        admission = Admission(
            stay=secrets.token_hex(8),
            patient=checked_text("patient", patient, MAX_ID),
            name=checked_text("name", name, MAX_NAME, least=0),
            category=checked_category(category),
            admitted_at=round(self._now(), 3),
            admitted_by=_by(by),
        )
        new = replace(old, by=_by(by), admission=admission, arrival="", own=None)
        bed = await self._write(device, old, new, ChangeKind.ADMITTED, notes=[])
        await self._ward.make_ready(device, new.by)
        return bed

    async def change(
        self,
        device: str,
        by: str,
        *,
        name: str | None = None,
        category: str | None = None,
        limits: Mapping[str, Mapping[str, float | str]] | None = None,
        alarms: Mapping[str, str] | None = None,
        version: int | None = None,
    ) -> Bed:
        """Change a stay, or the limits of a bed without one; what is None stays as it is.

        Args:
            device: device id.
            by: who does it.
            name: name as shown.
            category: category of the patient.
            limits: all values that are set for this patient, by section and key.
            alarms: all priorities that are set for this patient, by kind of alarm.
            version: of the bed that was shown.

        Raises:
            PatientError: an argument is wrong, a name is given to a bed without a patient, or the
                bed was changed meanwhile.
            StoreError: Redis does not answer.
        """
        old = await self._seen(device, version)
        new, problems = self._changed(device, old, by, name, category, limits, alarms)
        if problems:
            raise PatientError(str(problems[0]))
        if not differences(old, new):
            return old
        return await self._write(device, old, new, ChangeKind.CHANGED)

    async def preview(
        self,
        device: str,
        *,
        name: str | None = None,
        category: str | None = None,
        limits: Mapping[str, Mapping[str, float | str]] | None = None,
        alarms: Mapping[str, str] | None = None,
        version: int | None = None,
    ) -> tuple[tuple[Change, ...], Problems]:
        """Return what `change` would change, and all that is wrong with it; it writes nothing.

        Args:
            device: device id.
            name: as in `change`, like the rest.
            category: category of the patient.
            limits: all values that are set for this patient, by section and key.
            alarms: all priorities that are set for this patient, by kind of alarm.
            version: of the bed that was shown.

        Raises:
            PatientError: a name is given to a bed without a patient, name or category are wrong, or
                the bed was changed meanwhile.
            StoreError: Redis does not answer.
        """
        old = await self._shown(device, version)
        new, problems = self._changed(device, old, "nobody", name, category, limits, alarms)
        if old.admission is None:  # the configured category is none that somebody sets
            old = replace(old, own=own_limits(self.book, device, old))
        return (() if problems else differences(old, new)), problems

    async def name_bed(
        self, device: str, by: str, *, label: str, place: int | None, version: int | None = None
    ) -> Bed:
        """Give a bed its name, and its place on the wall.

        Args:
            device: device id.
            by: who does it.
            label: at most `MAX_LABEL` characters, which no other bed has.
            place: 1 .. `MAX_PLACE`; None: by its name, after the beds that have a place.
            version: of the bed that was shown.

        Raises:
            PatientError: an argument is wrong, another bed has the name, or the bed was changed
                meanwhile.
            StoreError: Redis does not answer.
        """
        old = await self._seen(device, version)
        label = checked_text("label", label, MAX_LABEL)
        if place is not None and (type(place) is not int or not 1 <= place <= MAX_PLACE):
            raise PatientError("{field} must be a whole number 1 .. {most}, or empty",
                               field="place", most=MAX_PLACE)  # fmt: skip
        for other, name in (await self._labels()).items():
            if other != device and name.casefold() == label.casefold():
                raise PatientError("{device}: {other} has this name already", device=device,
                                   other=other)  # fmt: skip
        own = old.own
        if old.admission is None and not old.is_vacated:
            own = own_limits(self.book, device, old)  # it goes on believing its device
        new = replace(old, by=_by(by), label=label, place=place, own=own)
        if (new.label, new.place) == (old.label, old.place):
            return old
        return await self._write(device, old, new, ChangeKind.NAMED)

    async def _labels(self) -> dict[str, str]:
        """Return what beds are called, by device: by staff, else by their devices."""
        found: dict[str, str] = {}
        for partition in range(self._ward.partitions):
            told: Any = await self._ward.store.hgetall(keys.devices(partition))
            for name, text in told.items():
                device = name.decode()
                found[device] = told_label(text) or device
            for device, bed in (await actions.read_beds(self._ward.store, partition)).items():
                found[device] = bed.label or found.get(device, device)
        return found

    async def discharge(self, device: str, by: str, *, version: int | None = None) -> Bed:
        """End a stay, and with it the alerts about the heart that belong to it.

        The device is monitored on, under the limits of the configuration.

        Raises:
            PatientError: there is no patient, or the bed was changed meanwhile.
            StoreError: Redis does not answer.
        """
        old = await self._seen(device, version)
        _stay(device, old)
        new = replace(old, by=_by(by), admission=None)
        return await self._write(device, old, new, ChangeKind.DISCHARGED, notes=[])

    async def transfer(self, device: str, to: str, by: str, *, version: int | None = None) -> None:
        """Move a stay, with its limits and notes, to another device; its alerts end here.

        Raises:
            PatientError: there is no patient, the other device has one, an alert of high priority
                has not been acknowledged, or the bed was changed meanwhile.
            StoreError: Redis does not answer: it may have begun, and is then carried through.
        """
        old = await self._seen(device, version)
        await transfer.begin(self._ward, device, old, _device(to), _by(by))
        await transfer.finish(self._ward, device)

    async def note(self, device: str, by: str, text: str, *, stay: str | None = None) -> None:
        """Append a note on a device's patient.

        Args:
            device: device id.
            by: who writes it.
            text: at most `MAX_NOTE` characters.
            stay: the stay that was shown; None: the one there is.

        Raises:
            PatientError: an argument is wrong, or the patient is no longer there.
            StoreError: Redis does not answer.
        """
        text = checked_text("text", text, MAX_NOTE, lines=True)
        admission = _stay(device, await self.bed(device))
        partition = self._ward.partition_of(device)
        mine = admission.stay if stay is None else stay
        await actions.add_note(
            self._ward.store, partition, device, mine, _by(by), admission.patient, text
        )

    def _changed(
        self,
        device: str,
        old: Bed,
        by: str,
        name: str | None,
        category: str | None,
        limits: Mapping[str, Mapping[str, float | str]] | None,
        alarms: Mapping[str, str] | None,
    ) -> tuple[Bed, Problems]:
        """Return the state with the changes, as far as they are right, and what is wrong."""
        if old.admission is None:
            if name:
                _stay(device, old)
            return self._changed_bed(device, old, by, category, limits, alarms)
        stay = old.admission
        if name is not None:
            stay = replace(stay, name=checked_text("name", name, MAX_NAME, least=0))
        if category is not None:
            stay = replace(stay, category=checked_category(category))
        if limits is not None:
            stay = replace(stay, limits=limits)
        if alarms is not None:
            stay = replace(stay, alarms=alarms)
        checked, problems = checked_patient(self.book, stay.table())
        own = {name: checked[name] for name in SECTIONS if checked.get(name)}
        stay = replace(stay, limits=own, alarms=checked["alarms"])
        return replace(old, by=_by(by), admission=stay), problems

    def _changed_bed(
        self,
        device: str,
        old: Bed,
        by: str,
        category: str | None,
        limits: Mapping[str, Mapping[str, float | str]] | None,
        alarms: Mapping[str, str] | None,
    ) -> tuple[Bed, Problems]:
        """Return the state with other limits of the bed itself, and what is wrong."""
        own = own_limits(self.book, device, old)
        if category is not None:
            own = replace(own, category=checked_category(category))
        if limits is not None:
            own = replace(own, limits=limits)
        if alarms is not None:
            own = replace(own, alarms=alarms)
        checked, problems = checked_bed(self.book, device, own.table())
        said = {name: checked[name] for name in SECTIONS if checked.get(name)}
        own = replace(own, limits=said, alarms=checked["alarms"], after_stay=old.is_vacated)
        if own == own_limits(self.book, device, old):
            return old, problems
        return replace(old, by=_by(by), own=own), problems

    async def _shown(self, device: str, version: int | None) -> Bed:
        """Return the bed if it still is as it was shown."""
        bed = await self.bed(device)
        if version is not None and version != bed.version:
            raise actions.conflict(device, bed.by)
        return bed

    async def _seen(self, device: str, version: int | None) -> Bed:
        """Return the bed if it still is as it was shown; first ends a transfer that lingers."""
        bed = await self._shown(device, version)
        if bed.leaving is not None:
            await transfer.finish(self._ward, device)
            raise PatientError(
                "{device}: the patient has been transferred to {to}",
                device=device,
                to=bed.leaving.to,
            )
        return bed

    async def _write(
        self, device: str, old: Bed, new: Bed, what: ChangeKind, notes: list[Note] | None = None
    ) -> Bed:
        partition = self._ward.partition_of(device)
        return await actions.write(self._ward.store, partition, device, old, new, what, notes=notes)


def limits_in_force(book: LimitBook, device: str, bed: Bed) -> Limits:
    """Return the `Limits` under which a device is monitored."""
    if bed.admission is not None:
        return book.of_patient(bed.admission.table())
    return book.of(device) if bed.own is None else book.of_bed(device, bed.own.table())


def own_limits(book: LimitBook, device: str, bed: Bed) -> BedLimits:
    """Return what has been set for a bed to which nobody is admitted."""
    return bed.own or BedLimits(book.of(device).category, after_stay=bed.is_vacated)


def _stay(device: str, bed: Bed) -> Admission:
    if bed.admission is None:
        raise PatientError("{device}: there is no patient", device=device)
    return bed.admission


def _device(device: Any) -> str:
    if not isinstance(device, str) or not keys.DEVICE_ID.fullmatch(device):
        raise PatientError(f"device must be a device id, got {device!r:.70}")
    return device


def _by(by: str) -> str:
    return checked_text("by", by, MAX_BY)
