"""What is asked for and is not there is told."""

import pytest

from ecg_monitor.archive.kept import files
from ecg_monitor.archive.reading import read_interval, recordings
from ecg_monitor.core.errors import ArchiveError
from tests.support.archive import DEVICE, T0, arrive, packets, recording, signal


async def test_errors_name_what_there_is(redis_client, tmp_path):
    with pytest.raises(ArchiveError, match="nothing has been recorded there"):
        recordings(tmp_path)
    await arrive(redis_client, packets(signal(500)))
    with recording(redis_client, tmp_path) as recorder:
        await recorder.turn()
        await recorder.seal()
    with pytest.raises(ArchiveError, match=f"nothing is recorded of bed-9; there are {DEVICE}"):
        read_interval(tmp_path, "bed-9")
    with pytest.raises(ArchiveError, match="2026-09-21 14:13:20 UTC to 2026-09-21 14:13:22 UTC is"):
        read_interval(tmp_path, DEVICE, T0 + 100, T0 + 200)
    with pytest.raises(ArchiveError, match="must end after its start"):
        read_interval(tmp_path, DEVICE, T0, T0)


async def test_a_damaged_segment_is_a_gap_and_a_note(redis_client, tmp_path):
    made = signal(1000)
    with recording(redis_client, tmp_path) as recorder:
        for at in (0, 500):
            await arrive(redis_client, packets(made[:, at : at + 500], n0=at))
            await recorder.turn()
            await recorder.seal()
    first = min(tmp_path.rglob("*.dat"))
    first.write_bytes(b"")
    found = read_interval(tmp_path, DEVICE)
    assert [tuple(one) for one in found.recording.invalid] == [(0, 0, 500), (1, 0, 500)]
    assert "cannot be read" in found.notes[0]


def test_the_folder_of_segments_is_where_the_page_says():
    assert files.SIGNALS == "signals"
