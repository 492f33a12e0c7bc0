"""An electrode that comes off, from the packet to the alert in a real Redis."""

import dataclasses

import numpy as np

from detector.runner.partition import PartitionRunner
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.alerts.evidence import evidence_of
from ecg_monitor.ward.alerts.handling import actions
from tests.support.ticking import tick

FS = 360.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0
LEADS = ("II", "V1")


async def drain(publish, store, clock, packets):
    """Feed packets in their time."""
    runner = await PartitionRunner.open(store, 0, SETTINGS, clock)
    for packet in packets:
        await publish([packet], dated=True)
        clock.time = max(clock.time, START + packet.n1 / FS)
        await tick(runner)


async def alerts_of(store):
    """The alerts of the bed by kind, the newest of each."""
    board = await actions.read_board(store, 0)
    return {record.alert.kind: record.alert for record in board.of_device("bed-01")}


def off(packet, *names):
    """The packet as a device sends it that has noticed."""
    samples = packet.samples.copy()
    for name in names:
        samples[packet.leads.index(name)] = 0
    return dataclasses.replace(packet, samples=samples, leadoff=names)


async def test_one_lead_off_is_told_by_name_and_the_heart_is_still_watched(
    redis_client, clock, pulses, packetize, publish
):
    ecg = np.hstack([pulses(FS, 20, 70), 0 * pulses(FS, 7, 70), pulses(FS, 13, 70)])
    packets = packetize(np.vstack([ecg, 0.6 * ecg]), FS, 180, leads=LEADS)
    packets = [off(p, "V1") if 10 <= p.n0 / FS < 35 else p for p in packets]
    await drain(publish, redis_client, clock, packets)

    alerts = await alerts_of(redis_client)
    alert = alerts["electrode_off"]
    assert (alert.lead, alert.priority) == ("V1", "low")
    assert abs(alert.n / FS - 10) <= 1
    assert alert.decided_n / FS - 10 <= 3
    assert not alert.present
    assert abs(alerts["asystole"].n / FS - 19.7) < 0.5  # on the lead that is left
    assert "leadoff" not in alerts

    evidence = await evidence_of(redis_client, 0, alert.id)
    assert evidence["lead"] == "V1"
    assert evidence["rule"] == "lead detached; the others are analysed"
    assert {one["lead"] for one in evidence["leadoff"]} == {"V1"}


async def test_all_leads_off_take_the_place_of_one(redis_client, clock, pulses, packetize, publish):
    ecg = pulses(FS, 40, 70)
    packets = packetize(np.vstack([ecg, 0.6 * ecg]), FS, 180, leads=LEADS)
    packets = [
        off(p, *LEADS) if 20 <= p.n0 / FS < 30 else off(p, "II") if 10 <= p.n0 / FS < 20 else p
        for p in packets
    ]
    await drain(publish, redis_client, clock, packets)
    alerts = await alerts_of(redis_client)
    assert alerts["electrode_off"].lead == "II"
    assert not alerts["electrode_off"].present
    assert (alerts["leadoff"].lead, alerts["leadoff"].priority) == (None, "technical")
    assert "asystole" not in alerts
