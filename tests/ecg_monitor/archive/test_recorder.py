"""What came is what is kept: in any order, after a crash, with a full disk, after an absence."""

import asyncio

import numpy as np
import orjson
import pytest

from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.reading import AlarmMark, read_interval, recordings
from ecg_monitor.archive.recorder import Lock
from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.records.recording import INVALID_SAMPLE
from tests.support.archive import (
    DEVICE,
    FS,
    T0,
    alarm,
    arrive,
    find_beats,
    packet,
    packets,
    recording,
    signal,
)
from tests.support.waiting import until


async def test_samples_beats_and_alarms_come_back(redis_client, tmp_path):
    made = signal(5000)
    await arrive(redis_client, packets(made[:, :2500]))
    await find_beats(redis_client, {200: "N", 400: "V"})
    await alarm(redis_client, "vt", 1000)
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        assert read_interval(tmp_path, DEVICE).recording.n_samples == 2500, "before it is sealed"
        await recorder.seal()
        # Found later, of what is sealed: two beats, and an alarm's end in what is not.
        await arrive(redis_client, packets(made[:, 2500:], n0=2500))
        await find_beats(redis_client, {2400: "S", 2600: "N"})
        await alarm(redis_client, "vt", 1000, ended_n=3000)
        await recorder.turn()
        fresh = read_interval(tmp_path, DEVICE)
        await recorder.seal()
    sealed = read_interval(tmp_path, DEVICE)
    for found in (fresh, sealed):
        assert np.array_equal(found.recording.samples, made)
        assert found.recording.beats == ((200, "N"), (400, "V"), (2400, "S"), (2600, "N"))
        assert found.recording.rhythms == ((1000, "(VT"), (3000, "(U"))
        assert found.alarms == (AlarmMark("vt", "high", 4.0, 12.0, f"{DEVICE}/boot-1/vt/1000"),)
        assert found.start == pytest.approx(T0 + 0.1, abs=1e-3)
        assert found.recording.invalid == ()
    part = read_interval(tmp_path, DEVICE, T0 + 2.1, T0 + 12.1)
    assert np.array_equal(part.recording.samples, made[:, 500:3000])
    assert part.alarms == (AlarmMark("vt", "high", 2.0, 10.0, found.alarms[0].id),)
    assert [one.device for one in recordings(tmp_path)] == [DEVICE]


async def test_order_gaps_repeats_and_late_packets(redis_client, tmp_path):
    made = signal(10_000)
    pieces = packets(made)
    lost, late = {3, 4}, 20
    first = [one for i, one in enumerate(pieces[:40]) if i not in {*lost, late}]
    first[5], first[6] = first[6], first[5]
    await arrive(redis_client, [*first, first[7]])
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        await recorder.seal()
        await arrive(redis_client, [pieces[late], pieces[7], *pieces[40:]])
        await recorder.turn()
        await recorder.seal()
    expected = made.copy()
    expected[:, 375:625] = INVALID_SAMPLE
    found = read_interval(tmp_path, DEVICE)
    assert np.array_equal(found.recording.samples, expected)
    assert found.recording.invalid == ((0, 375, 625), (1, 375, 625))


async def test_a_recorder_that_is_killed_loses_nothing(redis_client, tmp_path):
    made = signal(6000)
    for step, at in enumerate(range(0, 6000, 1000)):
        await arrive(redis_client, packets(made[:, at : at + 1000], n0=at))
        await find_beats(redis_client, {at + 500: "N"})
        with recording(redis_client, tmp_path) as recorder:  # takes up what the last has left
            await recorder.turn()
            if step in {1, 4}:
                await recorder.seal()
    found = read_interval(tmp_path, DEVICE)
    assert np.array_equal(found.recording.samples, made)
    assert [mark.sample for mark in found.recording.beats] == list(range(500, 6000, 1000))
    assert found.notes == ()


async def test_a_crash_in_the_middle_of_a_sealing_costs_nothing(redis_client, tmp_path):
    made = signal(4000)
    await arrive(redis_client, packets(made[:, :3000]))
    await alarm(redis_client, "af", 500)
    journal = tmp_path / "journal/0.log"
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        before = journal.read_bytes()
        await recorder.seal()
    journal.write_bytes(before)  # the index has moved on, the journal has not
    await arrive(redis_client, packets(made[:, 3000:], n0=3000))
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        await recorder.seal()
    index = Index.open(tmp_path)
    assert [(row.n0, row.n1) for row in index.segments(DEVICE)] == [(0, 3000), (3000, 4000)]
    index.close()
    assert np.array_equal(read_interval(tmp_path, DEVICE).recording.samples, made)


async def test_what_redis_let_go_is_a_hole_and_said(redis_client, tmp_path):
    made = signal(3000)
    some = packets(made)
    await arrive(redis_client, some[:8])
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
    await arrive(redis_client, some[8:16])
    await redis_client.xtrim(keys.wave(0), maxlen=3, approximate=False)
    await arrive(redis_client, some[16:])
    for _ in range(2):  # it is found once, whoever looks
        with recording(redis_client, tmp_path) as recorder:
            await recorder.turn()
            await recorder.seal()
    index = Index.open(tmp_path)
    (hole,) = index.holes(0, 1e12, 0)
    index.close()
    assert hole.why.startswith("5 packets are not recorded")
    expected = made.copy()
    expected[:, 1000:1625] = INVALID_SAMPLE
    assert np.array_equal(read_interval(tmp_path, DEVICE).recording.samples, expected)


async def test_a_recorder_that_stood_still_finds_what_redis_let_go(redis_client, tmp_path):
    some = packets(signal(3000))
    await arrive(redis_client, some[:8])
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        await arrive(redis_client, some[8:20])
        await redis_client.xtrim(keys.wave(0), maxlen=5, approximate=False)
        await recorder.turn()  # nothing has failed, and it was not started anew
        await recorder.turn()
        assert recorder.figures.to_map()["packets_lost"] == 7
        await recorder.seal()
    index = Index.open(tmp_path)
    (hole,) = index.holes(0, 1e12, 0)
    index.close()
    assert hole.why.startswith("7 packets are not recorded")


@pytest.mark.parametrize("sent_again", [0, 2])
async def test_a_redis_that_has_lost_its_newest_packets_is_no_gap(
    redis_client, tmp_path, sent_again
):
    """As after a crash of it: devices send again what it has lost, and the recorder has read."""
    made = signal(3000)
    some = packets(made)
    await arrive(redis_client, some[:8])
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        newest = await redis_client.xrevrange(keys.wave(0), count=4)
        await redis_client.xdel(keys.wave(0), *(name for name, _ in newest))
        kept = await redis_client.xrevrange(keys.wave(0), count=1)
        await redis_client.execute_command(
            "XSETID", keys.wave(0), kept[0][0], "ENTRIESADDED", 4, "MAXDELETEDID", "0-0"
        )
        await arrive(redis_client, some[4 : 4 + sent_again])
        await recorder.turn()
        await arrive(redis_client, some[4 + sent_again :])
        await recorder.turn()
        await redis_client.xtrim(keys.wave(0), maxlen=0, approximate=False)
        await recorder.turn()
        await arrive(redis_client, packets(made[:, :125], n0=3000))
        await recorder.turn()
        assert recorder.figures.to_map()["packets_lost"] == 0
        await recorder.seal()
    found = read_interval(tmp_path, DEVICE).recording
    assert np.array_equal(found.samples[:, :3000], made)


async def test_a_clock_that_is_fitted_better_later_cuts_nothing(redis_client, tmp_path):
    made = signal(3000)
    with recording(redis_client, tmp_path) as recorder:
        for at, late_s in ((0, 3.0), (1000, 0.5), (2000, 0.1)):
            await arrive(redis_client, packets(made[:, at : at + 1000], n0=at), late_s)
            await recorder.turn()
            await recorder.seal()
    assert np.array_equal(read_interval(tmp_path, DEVICE).recording.samples, made)


async def test_silence_is_no_loss(redis_client, tmp_path):
    await arrive(redis_client, packets(signal(500)))
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
    await redis_client.xtrim(keys.wave(0), maxlen=0, approximate=False)
    await arrive(redis_client, packets(signal(500), n0=90_000))
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
    index = Index.open(tmp_path)
    assert index.holes(0, 1e12, 0) == []
    index.close()


async def test_a_full_disk_is_waited_for(redis_client, tmp_path, small_files):
    made = signal(5000)
    await arrive(redis_client, packets(made[:, :2500]))
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        await arrive(redis_client, packets(made[:, 2500:], n0=2500))
        size = (tmp_path / "journal/0.log").stat().st_size
        with small_files(size + 50):
            await recorder.turn()
        assert "too large" in recorder.figures.to_map()["recording_held"]
        with small_files(1000), pytest.raises(OSError, match="too large"):
            await recorder.seal()
        await recorder.turn()
        assert recorder.figures.to_map()["recording_held"] == ""
        await recorder.seal()
    assert np.array_equal(read_interval(tmp_path, DEVICE).recording.samples, made)
    assert not [file for file in tmp_path.rglob("*") if "draft" in file.name]


async def test_a_partition_that_the_disk_does_not_take_leaves_the_others_alone(
    redis_client, tmp_path, small_files
):
    made = signal(20_000)
    beds = [f"bed-{number}" for number in range(3)]
    admitted = {"stay": "s-1", "patient": "4711", "name": "X", "category": "adult",
                "admitted_at": 1.0, "admitted_by": "a"}  # fmt: skip
    bed = orjson.dumps({"version": 1, "by": "a", "at": 1.0, "leaving": None, "admission": admitted})
    with recording(redis_client, tmp_path, partitions=3) as recorder:
        await recorder.turn()
        for number, (name, n) in enumerate(zip(beds, (1000, 20_000, 1000), strict=True)):
            await redis_client.hset(keys.patients(number), name, bed)
            await arrive(redis_client, packets(made[:, :n], device=name), partition=number)
        with small_files(60_000):
            await recorder.turn()
            assert recorder.figures.held.keys() == {1}
            assert recorder.figures.waiting == {0: 8, 1: 0, 2: 8}
        await recorder.turn()
        assert not recorder.figures.held
        await recorder.seal()
    for name, n in zip(beds, (1000, 20_000, 1000), strict=True):
        found = read_interval(tmp_path, name)
        assert np.array_equal(found.recording.samples, made[:, :n])
        assert found.stays == ("s-1",)  # of a partition that was held as well


async def test_what_waits_in_many_partitions_is_read_in_several_turns(redis_client, tmp_path):
    made = signal(5000)
    with recording(redis_client, tmp_path, partitions=4) as recorder:
        for number in (1, 3):
            named = packets(made, length=2, device=f"bed-{number}")
            await arrive(redis_client, named, partition=number)
        turns = [await recorder.turn()]
        while not turns[-1]:
            turns.append(await recorder.turn())
        assert len(turns) > 2
        await recorder.seal()
    for number in (1, 3):
        assert np.array_equal(read_interval(tmp_path, f"bed-{number}").recording.samples, made)


async def test_space_is_left_to_others(redis_client, tmp_path):
    full = recording(redis_client, tmp_path, free_bytes=1 << 60)
    with full as recorder, pytest.raises(ArchiveError, match="which others need, are left in"):
        await recorder.turn()


async def test_leads_gains_pulses_and_electrodes(redis_client, tmp_path):
    made = signal(2000, leads=3)
    two, three = made[:2], made
    coarse = (three / 2).round().astype(np.int16)
    await arrive(
        redis_client,
        [
            *packets(two[:, :1000], pacer=(7,)),
            packet(two[:, 1000:1100], 1000, leadoff=("L2",)),
            *packets(coarse[:, 1100:], n0=1100, gain=(100.0,) * 3),
        ],
    )
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        await recorder.seal()
    found = read_interval(tmp_path, DEVICE)
    assert found.recording.leads == ("L1", "L2", "L3")
    assert found.recording.gain == (200.0, 200.0, 100.0)
    assert found.pulses == tuple(range(7, 1000, 125))
    assert np.array_equal(found.recording.samples[0, :1100], made[0, :1100])
    assert np.abs(found.recording.samples[0, 1100:] - made[0, 1100:]).max() <= 1
    assert [tuple(one) for one in found.recording.invalid] == [(1, 1000, 1100), (2, 0, 1100)]
    assert found.notes == (
        "lead L1 came with 2 gains; all is shown at one of them",
        "lead L2 came with 2 gains; all is shown at one of them",
    )


async def test_restarts_and_stays(redis_client, tmp_path):
    made = signal(2000)
    admitted = {"stay": "s-1", "patient": "4711", "name": "X", "category": "adult",
                "admitted_at": 1.0, "admitted_by": "a"}  # fmt: skip
    await arrive(redis_client, packets(made[:, :1000]))
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        bed = orjson.dumps(
            {"version": 1, "by": "a", "at": 1.0, "leaving": None, "admission": admitted}
        )
        await redis_client.hset(keys.patients(0), DEVICE, bed)
        await arrive(redis_client, packets(made[:, 1000:], boot="boot-2"), late_s=10.0)
        await recorder.turn()
    with recording(redis_client, tmp_path) as recorder:  # knows it from the journal
        await recorder.turn()
        await recorder.seal()
    found = read_interval(tmp_path, DEVICE)
    assert found.stays == ("", "s-1")
    assert np.array_equal(found.recording.samples[:, :1000], made[:, :1000])
    assert np.array_equal(found.recording.samples[:, -1000:], made[:, 1000:])
    assert found.recording.n_samples == pytest.approx(9.9 * FS + 1000, abs=2)


async def test_what_cannot_be_read_is_counted(redis_client, tmp_path):
    await redis_client.xadd(keys.wave(0), {"d": "../evil", "t": "1", "p": b"x"})
    await redis_client.xadd(keys.wave(0), {"d": DEVICE, "t": "1", "p": b"no cbor"})
    await redis_client.xadd(keys.events(0), {"d": DEVICE, "b": "x", "j": b'["beat"'})
    await redis_client.xadd(keys.alertlog(0), {"e": b"{", "j": b"}"})
    await arrive(redis_client, packets(signal(250)))
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        await recorder.seal()
        assert recorder.figures.to_map()["unrecorded"] == 4
    assert read_interval(tmp_path, DEVICE).recording.n_samples == 250


async def test_a_device_that_scatters_its_indices_fills_no_disk(redis_client, tmp_path):
    piece = signal(50)
    await arrive(redis_client, packets(signal(5000)))
    await arrive(redis_client, [packet(piece, (i + 1) * 10**6) for i in range(100)])
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        await recorder.seal()
        assert recorder.figures.to_map()["left_out"] == 37 * 50
    index = Index.open(tmp_path)
    assert len(index.segments(DEVICE)) == 64
    index.close()


def test_one_recorder_writes_to_an_archive(tmp_path):
    lock = Lock(tmp_path)
    with pytest.raises(ArchiveError, match="another recorder writes there"):
        Lock(tmp_path)
    lock.release()
    Lock(tmp_path).release()


async def test_what_came_and_went_between_two_looks_at_a_new_stream_is_told(redis_client, tmp_path):
    some = packets(signal(1000))
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        await arrive(redis_client, some)
        await redis_client.xtrim(keys.wave(0), maxlen=5, approximate=False)
        await recorder.turn()
        assert recorder.figures.to_map()["packets_lost"] == 3


async def test_what_one_of_two_servers_holds_is_recorded_while_the_other_is_away(
    two_servers, tmp_path
):
    made = signal(3000)
    async with store.answering(two_servers.url) as client:
        for partition, device in ((0, "here"), (1, "there")):
            await arrive(client, packets(made[:, :1000], device=device), partition=partition)
        with recording(client, tmp_path, partitions=2) as recorder:
            work = asyncio.create_task(recorder.run())
            try:

                async def until_waiting(counts: dict[int, int]) -> None:
                    await until(lambda: recorder.figures.waiting == counts)

                await until_waiting({0: 8, 1: 8})
                two_servers.kill(1)
                await arrive(client, packets(made[:, 1000:2000], n0=1000, device="here"))
                await until_waiting({0: 16, 1: 8})
                two_servers.restart(1)
                await store.check(client)
                rest = packets(made[:, 1000:], n0=1000, device="there")
                await arrive(client, rest, partition=1)
                await until_waiting({0: 16, 1: 24})
            finally:
                await cancel_all([work])
            await recorder.seal()
        found = read_interval(tmp_path, "there").recording
        assert np.array_equal(found.samples, made)
        assert recorder.figures.lost == 0
