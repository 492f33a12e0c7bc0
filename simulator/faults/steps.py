"""Faults of devices and networks, each a pure function from events to events.

All randomness comes from the ``random.Random`` handed in, so that a seed repeats a run exactly.
Each keeps the events in order of ``due`` and counts its actions in ``counts``. Truth is never lost
or changed: it is about what the patient did, not about what arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

import numpy as np

from simulator.events import Event, Offline, Send, SendRaw, Truth
from simulator.faults.bad_packets import KINDS, corrupt

RAIL_MV = 5.0
"""End of an ordinary monitor's input range, mV: a detached electrode drives the amplifier there."""

Counts = Counter[str]


def lose(events: Iterable[Event], share: float, rng: Random, counts: Counts) -> Iterator[Event]:
    """Drop each packet with probability ``share``."""
    for event in events:
        if isinstance(event, Send) and rng.random() < share:
            counts["lost"] += 1
            continue
        yield event


def duplicate(
    events: Iterable[Event], share: float, rng: Random, counts: Counts
) -> Iterator[Event]:
    """Send each packet a second time with probability ``share``."""
    for event in events:
        yield event
        if isinstance(event, Send) and rng.random() < share:
            counts["duplicated"] += 1
            yield event


def reorder(
    events: Iterable[Event], share: float, places: int, rng: Random, counts: Counts
) -> Iterator[Event]:
    """Hold each packet back with probability ``share`` until ``places`` others have gone."""
    held: list[tuple[int, Send]] = []
    sent = 0
    due = 0.0
    for event in events:
        due = event.due
        if not isinstance(event, Send):
            yield event
            continue
        if rng.random() < share:
            counts["reordered"] += 1
            held.append((sent + places, event))
            continue
        yield event
        sent += 1
        while held and held[0][0] <= sent:
            yield replace(held.pop(0)[1], due=due)
    for _, event in held:
        yield replace(event, due=due)


def delay(events: Iterable[Event], mean_s: float, rng: Random, counts: Counts) -> Iterator[Event]:
    """Delay each packet by an exponential time; on one connection none overtakes another."""
    last = 0.0
    for event in events:
        due = event.due
        if isinstance(event, Send):
            counts["delayed"] += 1
            due += rng.expovariate(1.0 / mean_s)
        last = max(last, due)
        yield replace(event, due=last)


def drop_out(
    events: Iterable[Event], every_s: float, length_s: float, rng: Random, counts: Counts
) -> Iterator[Event]:
    """Lose the connection once every ``every_s`` for ``length_s``; the backlog follows at once."""
    start = rng.uniform(0.0, every_s)
    announced = False
    for event in events:
        while event.due >= start + length_s:
            start, announced = start + every_s, False
        if event.due < start:
            yield event
            continue
        if not announced:
            counts["offline"] += 1
            announced = True
            yield Offline(event.due, start + length_s)
        yield replace(event, due=start + length_s)


def drift(events: Iterable[Event], ppm: float) -> Iterator[Event]:
    """Let the device's crystal run fast by ``ppm``: it samples sooner than it thinks.

    ``t0`` counts the device's own seconds and so moves away from true time, as it does for a real
    device, whose clock and ADC share one crystal.
    """
    pace = 1.0 / (1.0 + ppm * 1e-6)
    for event in events:
        if isinstance(event, Offline):
            yield Offline(event.due * pace, event.until * pace)
        else:
            yield replace(event, due=event.due * pace)


def take_leads_off(
    events: Iterable[Event], every_s: float, length_s: float, rng: Random, counts: Counts
) -> Iterator[Event]:
    """Detach one lead, or all of them, once every ``every_s`` for ``length_s``."""
    start = rng.uniform(0.0, every_s)
    chosen: tuple[str, ...] = ()
    for event in events:
        if not isinstance(event, Send) or event.due < start:
            yield event
            continue
        if event.due >= start + length_s:
            chosen = ()
            while event.due >= start + length_s:
                start += every_s
        if event.due < start:
            yield event
            continue
        packet = event.packet
        if not chosen:
            counts["leadoff"] += 1
            chosen = rng.choice([packet.leads, (rng.choice(packet.leads),)])
        samples = packet.samples.copy()
        for row, lead in enumerate(packet.leads):
            if lead in chosen:
                rail = packet.baseline[row] + RAIL_MV * packet.gain[row]
                samples[row] = np.int16(min(32767, max(-32767, round(rail))))
        off = tuple(x for x in packet.leads if x in chosen or x in packet.leadoff)
        pulses = None if packet.pacer is None else () if off == packet.leads else packet.pacer
        yield replace(event, packet=replace(packet, samples=samples, leadoff=off, pacer=pulses))


def insert_bad(
    events: Iterable[Event], share: float, rng: Random, counts: Counts
) -> Iterator[Event]:
    """Follow each packet with a broken copy with probability ``share``."""
    for event in events:
        yield event
        if isinstance(event, Send) and rng.random() < share:
            counts["bad"] += 1
            kind = rng.choice(sorted(KINDS))
            yield SendRaw(event.due, corrupt(event.packet, kind))


def reboot(events: Iterable[Event], every_s: float, rng: Random, counts: Counts) -> Iterator[Event]:
    """Start a new boot about every ``every_s``: sample indices and counters begin again at 0.

    It happens between a truth message and the next packet, so that none spans two boots.
    """
    boot: str | None = None
    n_base = seq_base = 0
    next_at = every_s
    between = False
    for event in events:
        if isinstance(event, Send):
            if between and event.due > next_at:
                counts["rebooted"] += 1
                boot = f"{rng.getrandbits(64):016x}"
                n_base, seq_base = event.packet.n0, event.packet.seq
                next_at += every_s
            between = False
            if boot is None:
                yield event
                continue
            packet = event.packet
            moved = replace(packet, boot=boot, n0=packet.n0 - n_base, seq=packet.seq - seq_base)
            yield replace(event, packet=moved)
        elif isinstance(event, Truth):
            between = True
            yield (
                event
                if boot is None
                else replace(
                    event,
                    boot=boot,
                    n0=event.n0 - n_base,
                    n1=event.n1 - n_base,
                    beats=tuple((n - n_base, symbol) for n, symbol in event.beats),
                    rhythms=tuple((n - n_base, aux) for n, aux in event.rhythms),
                )
            )
        else:
            yield event


def change_leads(events: Iterable[Event], at_s: float, counts: Counts) -> Iterator[Event]:
    """From ``at_s`` on send the first lead only (of a single-lead device: under a new name)."""
    for event in events:
        if not isinstance(event, Send) or event.due <= at_s:
            yield event
            continue
        counts["leads_changed"] += 1
        packet = event.packet
        name = packet.leads[0] if len(packet.leads) > 1 else "X"
        yield replace(
            event,
            packet=replace(
                packet,
                leads=(name,),
                gain=packet.gain[:1],
                baseline=packet.baseline[:1],
                samples=packet.samples[:1],
                leadoff=(name,) if packet.leads[0] in packet.leadoff else (),
            ),
        )


def change_rate(events: Iterable[Event], at_s: float, counts: Counts) -> Iterator[Event]:
    """From ``at_s`` on claim half the rate and send every other sample, in the same boot.

    Sample indices go on counting by one per sample sent. The device does what it must not: a
    receiver has to treat it as a new stream.
    """
    n: int | None = None
    for event in events:
        if not isinstance(event, Send) or event.due <= at_s or event.packet.n_samples < 2:
            yield event
            continue
        counts["rate_changed"] += 1
        packet = event.packet
        n = packet.n0 if n is None else n
        samples = packet.samples[:, ::2]
        pacer = packet.pacer
        if pacer is not None:
            pacer = tuple(dict.fromkeys(i // 2 for i in pacer))
        slow = replace(packet, fs=packet.fs / 2, n0=n, samples=samples, pacer=pacer)
        yield replace(event, packet=slow)
        n += samples.shape[1]
