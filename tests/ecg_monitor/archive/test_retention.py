"""Old records leave, with their files; the newest stay."""

from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.reading import recordings
from ecg_monitor.archive.retention import clear_out
from tests.support.archive import DEVICE, alarm, arrive, packets, recording, signal


async def test_by_age_and_by_size(redis_client, tmp_path):
    with recording(redis_client, tmp_path) as recorder:
        for at in range(0, 2000, 500):
            await arrive(redis_client, packets(signal(500), n0=at))
            await alarm(redis_client, "vt", at + 100, at + 200)
            await recorder.turn()
            await recorder.seal()
    index = Index.open(tmp_path)
    rows = index.segments(DEVICE)
    day = 86_400.0
    assert clear_out(tmp_path, index, days=0, size=0) == 0
    assert clear_out(tmp_path, index, days=1, size=0, now=rows[1].added + day) == 1
    assert index.segments(DEVICE) == rows[1:]
    assert [one.n for one in index.alarms(DEVICE, 0, 1e12)] == [600, 1100, 1600]
    assert clear_out(tmp_path, index, days=0, size=rows[3].size + rows[2].size) == 1
    assert index.segments(DEVICE) == rows[2:]
    files = {file.stem for file in tmp_path.rglob("*.hea")}
    assert files == {row.place.rpartition("/")[2] for row in rows[2:]}
    assert recordings(tmp_path)[0].bytes == rows[2].size + rows[3].size
    assert clear_out(tmp_path, index, days=0, size=1) == 2
    assert list((tmp_path / "signals").iterdir()) == []
    index.close()
