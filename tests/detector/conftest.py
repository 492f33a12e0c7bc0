"""Signals for the detector's tests: real when the data is here, plain pulses otherwise."""

from collections.abc import Awaitable, Callable, Iterable
from itertools import pairwise

import numpy as np
import pytest

from ecg_monitor.core import keys, wire
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet

START = 1_700_000_000.0
"""Unix time of sample 0 in tests that have a clock."""


class Clock:
    """Wall clock that the test turns."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at `START`."""
    return Clock()


@pytest.fixture
def publish(redis_client: Store) -> Callable[..., Awaitable[None]]:
    """Do as ingest does: append packets to partition 0, each as arrived at its last sample."""

    async def append(packets: Iterable[Packet], start: float = START, dated: bool = False) -> None:
        """Append packets; ``dated`` gives the entries their arrival as id, as in real time."""
        for packet in packets:
            arrival = start + packet.n1 / packet.fs
            fields = {"d": packet.device, "t": f"{arrival:.4f}", "p": wire.encode_cbor(packet)}
            entry = f"{round(arrival * 1000)}-{packet.seq + 1}" if dated else "*"
            await redis_client.xadd(keys.wave(0), fields, id=entry)

    return append


def pulse_train(fs: float, seconds: float, bpm: float, mv: float = 1.0) -> np.ndarray:
    """QRS-like pulses (R 40 ms wide, T wave of a fifth) on the given beats, shape (1, n), mV."""
    t = np.arange(round(fs * seconds)) / fs
    phase = np.mod(t * bpm / 60 - 0.5, 1.0) * 60 / bpm
    phase = np.where(phase > 30 / bpm, phase - 60 / bpm, phase)
    qrs = np.exp(-0.5 * (phase / 0.012) ** 2) - 0.2 * np.exp(-0.5 * ((phase - 0.03) / 0.012) ** 2)
    wave = 0.2 * np.exp(-0.5 * ((phase - 0.25) / 0.04) ** 2) if bpm < 150 else 0.0
    return (mv * (qrs + wave))[None, :]


def make_packets(
    samples: np.ndarray,
    fs: float,
    cuts: list[int] | int,
    *,
    device: str = "bed-01",
    boot: str = "boot-1",
    leads: tuple[str, ...] | None = None,
    gain: float = 200.0,
    start: int = 0,
) -> list[Packet]:
    """Cut int16 samples of shape (n_leads, n) into packets, at indices or every so many."""
    total = samples.shape[1]
    if isinstance(cuts, int):
        cuts = list(range(cuts, total, cuts))
    edges = [0, *cuts, total]
    leads = leads or tuple(f"L{i}" for i in range(len(samples)))
    return [
        Packet(
            device,
            boot,
            seq,
            start + a,
            1.7e9 + (start + a) / fs,
            fs,
            leads,
            (gain,) * len(leads),
            (0.0,) * len(leads),
            samples[:, a:b],
        )
        for seq, (a, b) in enumerate(pairwise(edges))
        if b > a
    ]


@pytest.fixture
def pulses() -> Callable[..., np.ndarray]:
    """Maker of int16 pulse trains at 200 units/mV."""

    def make(fs: float, seconds: float, bpm: float, mv: float = 1.0) -> np.ndarray:
        return np.round(200 * pulse_train(fs, seconds, bpm, mv)).astype(np.int16)

    return make


@pytest.fixture
def packetize() -> Callable[..., list[Packet]]:
    """`make_packets`."""
    return make_packets
