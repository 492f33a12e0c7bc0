"""Diagnoses of twelve leads on a real Redis: the same however cut and killed, and none twice."""

from __future__ import annotations

import orjson
import pytest

from detector.runner.partition import PartitionRunner
from detector.runner.twelve_lead_desk import load_network
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.patients.desk import PatientDesk
from ecg_monitor.ward.signal.diagnosis import newest_diagnosis, parse_finding
from simulator.synthetic import SyntheticPatient
from simulator.synthetic.leads import LEADS
from tests.support.ticking import tick
from tests.support.twelve_beds import packets
from tests.support.twelve_leads import millivolts

FS = 250.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0


@pytest.fixture(autouse=True)
def network():
    """Loaded ahead, as after the first windows of a process."""
    return load_network()


async def run(store, publish, clock, sent, step=None):
    """Feed packets, with a new owner after every ``step`` of them; judge all that is due."""
    for i in range(0, len(sent), step or len(sent)):
        part = sent[i : i + (step or len(sent))]
        await publish(part)
        clock.time = START + max(packet.n1 for packet in part) / FS
        runner = await PartitionRunner.open(store, 0, SETTINGS, clock)
        while await tick(runner):
            clock.time += 0.01
    while runner.figures()["diagnoses_due"]:
        await tick(runner)
    return runner


async def told(store):
    """All that was committed: the newest diagnosis without its time, and the findings."""
    newest = await newest_diagnosis(store, 0, "one")
    found = [parse_finding(fields[b"j"]) for _, fields in await store.xrange(keys.findings(0))]
    return newest, [(f.label, f.present, f.n, f.number, f.ended) for f in found]


async def test_a_bed_is_judged_every_ten_seconds(redis_client, clock, publish):
    await run(redis_client, publish, clock, packets(millivolts(33, FS), FS))
    newest, findings = await told(redis_client)
    assert (newest.number, newest.n, newest.end_n) == (2, 5000, 7500)
    assert newest.at == pytest.approx(START + 30, abs=0.6)
    assert newest.reason is None
    assert set(newest.leads.values()) == {"good"}
    assert set(newest.probabilities) == set(newest.thresholds)
    assert set(newest.findings) == set(newest.decisions), "each window shows the same heart"
    assert sorted(label for label, *_ in findings) == sorted(newest.decisions)
    assert all((n, number) == (0, 1) for _, _, n, number, _ in findings), "two windows of three"


async def test_other_beds_see_the_same_with_twelve_leads_beside_them(redis_client, clock, publish):
    patient = SyntheticPatient("pvc", FS, ("II", "V1"), seed=1, gain=1000.0, rail_mv=10.0)
    other = packets(patient.generate(33).samples / 1000.0, FS, ("II", "V1"), device="other")
    beside = packets(millivolts(33, FS), FS)

    async def events_of_other():
        entries = await redis_client.xrange(keys.events(0))
        batches = [fields[b"j"] for _, fields in entries if fields[b"d"] == b"other"]
        return [event for batch in batches for event in orjson.loads(batch)]

    await run(redis_client, publish, clock, other)
    alone = await events_of_other()
    assert len(alone) > 60, "there is something to compare"
    await redis_client.flushall()
    both = [packet for pair in zip(other, beside, strict=True) for packet in pair]
    await run(redis_client, publish, clock, both)
    assert await redis_client.hkeys(keys.diagnoses(0)) == [b"one"], "twelve leads were judged"
    assert await events_of_other() == alone


async def test_the_strip_of_st_elevation_waits_for_no_later_packet(redis_client, clock, publish):
    patient = SyntheticPatient("stemi-inferior", FS, LEADS, seed=1, gain=1000.0, rail_mv=10.0)
    sent = packets(patient.generate(33).samples / 1000.0, FS)
    runner = await run(redis_client, publish, clock, sent)
    await tick(runner)
    alerts = map(orjson.loads, await redis_client.hvals(keys.alerts(0)))
    (alert,) = (one for one in alerts if one["kind"] == "st_elevation")
    assert alert["evidence"]


def disturbed(sent):
    """Each pair of packets in the wrong order, and every third twice."""
    pairs = [p for i in range(0, len(sent), 2) for p in sent[i : i + 2][::-1]]
    return [again for i, p in enumerate(pairs) for again in [p] * (1 + (i % 3 == 0))]


async def test_cuts_order_repeats_and_deaths_change_nothing(redis_client, clock, publish):
    signal = millivolts(33, FS)
    hole = [p for p in packets(signal, FS) if p.n0 != 3000]  # half a second that never comes
    await run(redis_client, publish, clock, hole)
    wanted = await told(redis_client)
    assert wanted[0].number == 2
    assert wanted[1], "there is something to compare"
    fine = [p for p in packets(signal, FS, packet_s=0.1) if not 3000 <= p.n0 < 3125]
    for sent, step in ((disturbed(hole), 17), (fine, 111)):
        await redis_client.flushall()
        await run(redis_client, publish, clock, sent, step)
        newest, findings = await told(redis_client)
        assert findings == wanted[1]
        assert newest.probabilities == wanted[0].probabilities
        assert (newest.number, newest.n, newest.leads) == (2, 5000, wanted[0].leads)


async def test_no_window_reaches_over_a_gap(redis_client, clock, publish):
    # A ten-second recording played in a loop with 1.2 s between: each window is the recording.
    signal = millivolts(10, FS)
    sent = [p for i in range(4) for p in packets(signal, FS, n0=i * 2800)]
    await run(redis_client, publish, clock, sent)
    newest, findings = await told(redis_client)
    assert (newest.number, newest.n, newest.gaps) == (2, 2 * 2800, {})
    assert {number for *_, number, _ in findings} == {1}


async def test_another_source_ends_what_was_found(redis_client, clock, publish):
    sent = packets(millivolts(25, FS), FS) + packets(millivolts(13, FS), FS, boot="boot-2")
    await run(redis_client, publish, clock, sent)
    newest, findings = await told(redis_client)
    assert (newest.boot, newest.number) == ("boot-2", 3), "the change counts as one"
    begun = [label for label, present, *_ in findings if present]
    assert begun
    assert [(f[0], f[4]) for f in findings if not f[1]] == [(label, "source") for label in begun]


async def test_another_patient_ends_what_was_found(redis_client, clock, publish):
    sent = packets(millivolts(40, FS), FS)
    before, after = sent[:50], sent[50:]
    runner = await run(redis_client, publish, clock, before)
    found = (await told(redis_client))[0].findings
    assert found
    desk = PatientDesk(redis_client, SETTINGS)
    await desk.admit("one", "A. Nurse", patient="1", name="", category="adult")
    clock.time += 1.0
    await tick(runner)
    newest, findings = await told(redis_client)
    assert (newest.reason, newest.findings, newest.decisions) == ("stay", {}, ())
    assert {(label, why) for label, present, *_, why in findings if not present} == {
        (label, "stay") for label in found
    }
    await run(redis_client, publish, clock, after)  # by another owner, from the checkpoint
    newest, _ = await told(redis_client)
    assert newest.stay
    assert (newest.n, newest.end_n) == (50 * 125, 50 * 125 + 2500), "none of another's signal"


async def test_st_elevation_is_one_alert_whoever_judges_it(redis_client, clock, publish):
    patient = SyntheticPatient("stemi-inferior", FS, LEADS, seed=1, gain=1000.0)
    sent = packets(patient.generate(33).samples / 1000.0, FS)
    await run(redis_client, publish, clock, sent, 23)
    newest, findings = await told(redis_client)
    assert newest.st_elevated == ("II", "III", "aVF")
    assert not {"NORM", "SNR"} & {label for label, *_ in findings}
    alerts = [orjson.loads(text) for text in await redis_client.hvals(keys.alerts(0))]
    (alert,) = [one for one in alerts if one["kind"] == "st_elevation"]
    assert (alert["n"], alert["lead"], alert["present"]) == (0, "III", True)


async def test_a_network_that_fails_does_not_stop_the_detector(
    redis_client, clock, publish, monkeypatch
):

    class Broken:
        manifest = load_network().manifest

        def answers(self, *_):
            raise RuntimeError("out of memory")

    monkeypatch.setattr("detector.runner.twelve_lead_desk.load_network", Loaded(Broken()))
    await run(redis_client, publish, clock, packets(millivolts(13, FS), FS))
    newest, findings = await told(redis_client)
    assert (newest.reason, newest.decisions, findings) == ("network", (), [])


class Loaded:
    """Stands for a network that has been loaded."""

    def __init__(self, network):
        self._network = network

    def __call__(self):
        return self._network

    def cache_info(self):
        return load_network.cache_info()
