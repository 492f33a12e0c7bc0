"""A partition's diagnoses of twelve leads: windows are cut, judged in turn, and committed once.

The desk takes the signal in order as the analysis does (`Analyzer.listener`), and cuts it into
windows. A window that is due is judged after the tick's alarms are in the commit, a few at a tick:
a ward whose windows end at the same moment must not hold the alarms up. Windows that wait, and what
the last ones have shown, are part of a device's checkpoint. Each window has a number; what a
restarted owner judges again it drops by the number of the newest diagnosis in Redis.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import cache
from typing import ClassVar

from detector.analyzer.analyzer import Output
from detector.analyzer.signature import Signature
from detector.engine.reassembly import Chunk
from detector.runner.alert_desk import AlertDesk
from detector.runner.desk import FIRST, KeepingDesk, PartitionState
from detector.runner.fence import Commit, Word
from detector.twelve_lead.bed import BedTwelve, diagnosis, findings
from detector.twelve_lead.judge import rehearse
from detector.twelve_lead.windows import Cutter, is_twelve
from ecg_monitor.core import keys
from ecg_monitor.core.errors import DiagnosisError, SettingsError
from ecg_monitor.core.store import read_hash
from ecg_monitor.core.types import Beat, Event, Vitals
from ecg_monitor.ward.signal.diagnosis import pack, parse_diagnosis
from models.diagnosis.inference import DiagnosisNetwork

log = logging.getLogger("detector")

PER_TICK = 2
"""Windows judged in a tick at most: about 30 ms on a busy machine, by which alarms may come later.
With 20 ms between ticks they are some 40 a second, and 200 beds have 20 a second."""


@cache
def load_network() -> DiagnosisNetwork | None:
    """Return the network, once a process, ready to judge; None if it cannot be, which is logged.

    Whatever is wrong with it, the alarms go on without it.
    """
    try:
        network = DiagnosisNetwork.load()
        rehearse(network)
        return network
    except SettingsError as error:
        log.error("twelve leads are not judged: %s", error)
    except Exception:
        log.exception("twelve leads are not judged: the network cannot be loaded")
    return None


class TwelveLeadDesk(KeepingDesk[BedTwelve]):
    """Diagnoses of the devices of one partition."""

    PART: ClassVar[str] = "twelve_lead"
    KEEPS: ClassVar[type[BedTwelve]] = BedTwelve

    def __init__(self, state: PartitionState, alerts: AlertDesk) -> None:
        """Serve one partition.

        Args:
            state: of the partition.
            alerts: takes ST elevation.
        """
        super().__init__()
        self._state = state
        self._alerts = alerts
        self._partition = state.number
        self._committed: dict[str, int] = {}
        self._has_read = False
        self._loading: asyncio.Task[DiagnosisNetwork | None] | None = None
        state.analyzer.listener = self._listen

    async def before(self, commit: Commit, now: float) -> None:  # noqa: ARG002 (as of `Desk`)
        """Read which windows are committed, once; end what was found of patients who have gone."""
        if not self._has_read:
            self._committed, self._has_read = await self._read_committed(), True
        for device, twelve in self.kept.items():
            bed = self._state.beds.get(device)
            if bed is not None and bed.is_current and bed.stay != twelve.cutter.stay:
                twelve.cutter.leave(bed.stay)
                bed.save_due, bed.saved_entry = True, FIRST  # a replay must not leave it twice

    def take(
        self,
        commit: Commit,  # noqa: ARG002 (as of `Desk`)
        output: Output,
        news: Sequence[Event],  # noqa: ARG002 (as of `Desk`)
        now: float,  # noqa: ARG002 (as of `Desk`)
    ) -> None:
        """Take the beats, and how far the analysis has come."""
        twelve = self.kept.get(output.device)
        if twelve is None:
            return
        boot, fs = output.signature.boot, output.signature.fs
        for event in output.events:
            if isinstance(event, Beat) and event.label == "N":
                twelve.cutter.beat(boot, event.n)
            elif isinstance(event, Vitals):
                twelve.cutter.reach(boot, fs, event.n)

    async def after(self, commit: Commit, now: float, *, caught_up: bool) -> None:  # noqa: ARG002
        """Judge a few windows that are due."""
        due = [device for device, twelve in self.kept.items() if twelve.cutter.due]
        if not due:
            return
        if not load_network.cache_info().currsize:
            # Seconds, most of them to import onnxruntime and scipy: the windows wait, the alarms
            # do not.
            if self._loading is None:
                self._loading = asyncio.create_task(asyncio.to_thread(load_network))
            return
        network = load_network()
        for device in due[:PER_TICK]:
            self._judge(commit, device, network, now)
            # To the end of the line, so that each bed gets its turn.
            self.kept[device] = self.kept.pop(device)

    def figures(self) -> Mapping[str, Word]:
        """Return how many windows are still to be judged."""
        return {"diagnoses_due": sum(len(one.cutter.due) for one in self.kept.values())}

    def forget(self, device: str) -> None:
        """Drop what is known of a device that is gone."""
        super().forget(device)
        self._committed.pop(device, None)

    def _listen(self, device: str, signature: Signature, chunk: Chunk) -> None:
        """Take samples in order."""
        form = chunk.form or signature.form
        twelve = self.kept.get(device)
        if twelve is None:
            if not is_twelve(form.leads):
                return
            twelve = BedTwelve(Cutter(self._state.beds[device].stay))
            # Of a bed whose checkpoint could not be used, windows have been committed already.
            twelve.cutter.number = self._committed.get(device, -1) + 1
            self.kept[device] = twelve
        twelve.cutter.take(signature.boot, signature.fs, chunk, form)

    async def _read_committed(self) -> dict[str, int]:
        found = {}
        kept = await read_hash(self._state.store, keys.diagnoses(self._partition))
        for device, text in kept.items():
            try:
                found[device] = parse_diagnosis(text).number
            except DiagnosisError as error:
                log.warning("%s: its last diagnosis cannot be read: %s", device, error)
        return found

    def _judge(
        self, commit: Commit, device: str, network: DiagnosisNetwork | None, now: float
    ) -> None:
        """Judge a device's next window, and add what it brings if that is news."""
        bed = self._state.beds[device]
        limits = self._state.analyzer.limits_of(device)
        outcome = self.kept[device].judge(network, limits)
        window = outcome.window
        if window.number <= self._committed.get(device, -1):
            return
        self._committed[device] = window.number
        for alarm in outcome.alarms:
            self._alerts.alarm(commit, device, window.boot, alarm, now)
        # The clock is that of the newest power-up: of a former one's last window there is none.
        at = bed.clock.time_of(window.end_n) if bed.boot == window.boot else None
        at = now if at is None else at
        told = diagnosis(device, outcome, network, at)
        commit.add("HSET", keys.diagnoses(self._partition), device, pack(told))
        oldest = int((now - self._state.settings.event_retention_s) * 1000)
        for finding in findings(device, outcome, network, at):
            stream = keys.findings(self._partition)
            commit.add("XADD", stream, "MINID", "~", oldest, "*", "d", device, "j", pack(finding))
