"""What is noted of the form of packets, and how often."""

from __future__ import annotations

from typing import Any

from ecg_monitor.ward.devices.roster import WRITE_EVERY_S
from ingest.forms import AT_MOST_EVERY_S, BOOTS, Forms
from ingest.judge import AcceptedPacket

T0 = 1_700_000_000.0
FS = 250.0
SAMPLES = 125


def packet(n: int = 0, device: str = "bed-1", **more: Any) -> AcceptedPacket:
    """The n-th packet of half a second, of a device whose clock is right."""
    known = {"boot": "b1", "leads": ("II", "V1"), "fs": FS, "t0": T0 + n * SAMPLES / FS}
    return AcceptedPacket(device, b"", n0=n * SAMPLES, n1=(n + 1) * SAMPLES, **(known | more))


def test_a_new_device_is_noted_at_once_and_then_every_few_seconds() -> None:
    forms = Forms()
    written = []
    for n in range(round(2 * WRITE_EVERY_S / 0.5)):
        forms.take(packet(n), T0 + n / 2 + 0.6)
        written += [(n, form) for form in forms.due().values()]
    assert [n for n, _ in written] == [0, round(WRITE_EVERY_S / 0.5)]
    (_, first), (n, last) = written
    assert (first.boot, first.since, first.fs, first.leads) == ("b1", T0 + 0.6, FS, ("II", "V1"))
    assert (first.samples, first.stored) == (SAMPLES, SAMPLES)
    assert (last.since, last.stored) == (T0 + 0.6, (n + 1) * SAMPLES)


def test_the_clock_is_judged_by_the_packet_that_came_soonest() -> None:
    """What a device has kept for a while comes late, whatever its clock says."""
    forms = Forms()
    forms.take(packet(0), T0 + 0.5 + 20)
    forms.take(packet(1), T0 + 1.0 + 0.2)
    forms.take(packet(2), T0 + 1.5 + 9)
    assert forms.due()["bed-1"].clock_off_s == 0.2
    forms.take(packet(60, t0=T0 + 30 + 3600), T0 + 30.5 + 0.1)
    assert forms.due()["bed-1"].clock_off_s == -3599.9


def test_a_change_is_noted_sooner_but_a_flickering_one_not_with_each_packet() -> None:
    forms = Forms()
    count = 0
    for i in range(200):  # two devices under one id, a hundredth of a second apart
        forms.take(packet(i, boot=f"b{i % 2}"), T0 + i / 100)
        count += len(forms.due())
    assert count == 2 / AT_MOST_EVERY_S
    forms.take(packet(201, leads=("II",), boot="b1"), T0 + 5)
    assert forms.due()["bed-1"].leads == ("II",)


def test_a_boot_that_comes_back_began_when_it_began() -> None:
    forms = Forms()
    for i, boot in enumerate(("a", "b", "a")):
        forms.take(packet(i, boot=boot), T0 + 2 * i)
    assert forms.due()["bed-1"].since == T0
    for i in range(3 * BOOTS):
        forms.take(packet(i, boot=f"n{i}"), T0 + 100 + 2 * i)
    assert forms.due()["bed-1"].since == T0 + 100 + 2 * (3 * BOOTS - 1)


def test_a_boot_that_was_there_before_ingest_began_when_it_began() -> None:
    former = Forms()
    former.take(packet(0), T0)
    written = former.due()
    forms = Forms()
    forms.load({**written, "gone": written["bed-1"]})
    forms.keep({"bed-1"})
    forms.take(packet(9), T0 + 900)
    assert forms.due()["bed-1"].since == T0
    forms.take(packet(0, boot="b2"), T0 + 960)
    assert forms.due()["bed-1"].since == T0 + 960
    forms.take(packet(0, device="gone"), T0 + 960)
    assert forms.due()["gone"].since == T0 + 960


def test_only_devices_that_are_known_are_remembered() -> None:
    forms = Forms()
    for i in range(100):
        forms.take(packet(device=f"bed-{i}"), T0)
    forms.keep({"bed-7"})
    assert forms.due().keys() == {"bed-7"}, "nothing is written of who is gone"
    forms.take(packet(1, device="bed-8"), T0 + 60)
    assert forms.due()["bed-8"].since == T0 + 60


def test_a_clock_of_ours_that_is_put_back_stops_nothing() -> None:
    forms = Forms()
    forms.take(packet(0), T0)
    forms.due()
    forms.take(packet(1), T0 - 86_400)
    assert forms.due().keys() == {"bed-1"}
