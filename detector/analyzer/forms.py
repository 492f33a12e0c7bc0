"""How packets whose form changes become samples of one stream. Pure.

Within one power-up a device may plug leads in and out, and change their gain and baseline. None of
this ends the stream: a lead that a packet lacks counts as detached, a new gain holds from its first
sample on. What has been learnt stays, and a contact that flickers costs nothing. Only a lead that
has been new for `ADMIT_S`, or gone for `FORGET_S`, begins the analysis anew with the leads that
are there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from detector.engine.reassembly import Chunk, Form
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.core.format.ranges import scale_problem

ADMIT_S = 5.0
"""A lead that is new is taken in after so long, s: to begin anew costs the two seconds in which the
QRS levels are learnt, so a contact that comes and goes must not do it again and again."""
FORGET_S = 30.0
"""A lead that is gone is told as detached for so long, s; then the device has others."""


@dataclass(slots=True)
class Leads:
    """The leads of one stream, and how long its packets have had others.

    Attributes:
        names: those that are analysed.
        fs: sampling rate, Hz.
        since: index of the first sample since which packets have had others; None: they have not.
    """

    names: Configuration[tuple[str, ...]]
    fs: Configuration[float]
    since: int | None = None

    def change_due(self, chunk: Chunk, form: Form) -> int | None:
        """Return the index in a chunk from which other leads are to be analysed, None if none is.

        It does not depend on where the signal was cut into packets.
        """
        known, there = set(self.names), set(form.leads)
        if known == there:
            self.since = None
            return None
        if known.isdisjoint(there):
            return chunk.n0
        if self.since is None:
            self.since = chunk.n0
        due_s = FORGET_S if there <= known else ADMIT_S
        at = max(chunk.n0, self.since + math.ceil(due_s * self.fs))
        return at if at < chunk.n1 else None


def split(chunk: Chunk, at: int) -> tuple[Chunk, Chunk]:
    """Cut a chunk in two at a sample index within it."""
    head = replace(chunk.part(chunk.n0, at), after_gap=chunk.after_gap, hole=chunk.hole)
    return head, chunk.part(at, chunk.n1)


def scales(
    names: tuple[str, ...], form: Form, gain: tuple[float, ...], baseline: tuple[float, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return gain and baseline of each lead of a stream as a form has them, or else as before."""
    gains, baselines = list(gain), list(baseline)
    for i, name in enumerate(names):
        row = _row(form, name)
        if row is not None:
            gains[i], baselines[i] = form.gain[row], form.baseline[row]
    return tuple(gains), tuple(baselines)


def fitted(names: tuple[str, ...], chunk: Chunk, form: Form) -> Chunk:
    """Return a chunk with the leads of its stream, in their order.

    Those that it lacks count as detached, and so do those whose scale no ECG can have.
    """
    samples = np.zeros((len(names), chunk.samples.shape[1]), np.int16)
    off = 0
    for i, name in enumerate(names):
        row = _row(form, name)
        if row is None:
            off |= 1 << i
        else:
            samples[i] = chunk.samples[row]
            off |= ((chunk.leadoff >> row) & 1) << i
    return replace(chunk, samples=samples, leadoff=off)


def is_plain(names: tuple[str, ...], form: Form) -> bool:
    """Return whether chunks of a form can be taken as they are."""
    return form.leads == names and all(_row(form, name) is not None for name in names)


@lru_cache(maxsize=4096)
def _row(form: Form, name: str) -> int | None:
    """Return the row of a lead, None if it is not there or its scale is impossible."""
    if name not in form.leads:
        return None
    row = form.leads.index(name)
    return row if scale_problem(form.gain[row], form.baseline[row]) is None else None
