"""Old records leave, with their files; the newest stay."""

from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.kept.terms import Terms, TermsOfUnits
from ecg_monitor.archive.reading import recordings
from ecg_monitor.archive.retention import clear_out, clear_out_units
from ecg_monitor.ward.units.model import Unit, key_of
from ecg_monitor.ward.units.sight import UnitBook
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
    many = [*(f"bed-{number}" for number in range(40_000)), DEVICE]
    assert index.size(many) == rows[2].size + rows[3].size
    assert index.oldest(1, many) == rows[2:3]
    assert index.oldest(1, many[:-1]) == []
    assert clear_out(tmp_path, index, days=0, size=1) == 2
    assert list((tmp_path / "signals").iterdir()) == []
    index.close()


async def test_each_care_unit_has_its_own_terms(redis_client, tmp_path):
    beds = "bed-01", "bed-02", "bed-03"
    with recording(redis_client, tmp_path) as recorder:
        for at in range(0, 1500, 500):
            for bed in beds:
                await arrive(redis_client, packets(signal(500), n0=at, device=bed))
                await alarm(redis_client, "vt", at + 100, at + 200, device=bed)
            await recorder.turn()
            await recorder.seal()
    index = Index.open(tmp_path)
    rows = {bed: index.segments(bed) for bed in beds}
    unit = Unit("ab12cd34", "ICU", key_of("ICU"), 1, "", 0.0)
    book = UnitBook({unit.id: unit}, {beds[0]: unit.id})
    two = (rows[beds[0]][1].size + rows[beds[0]][2].size) / 1e9
    terms = TermsOfUnits(Terms(0.0, 0.0), {"ICU": Terms(0.0, two)})
    assert clear_out_units(tmp_path, index, terms, book) == 1
    assert index.segments(beds[0]) == rows[beds[0]][1:]
    assert [len(index.segments(bed)) for bed in beds[1:]] == [3, 3]
    terms = TermsOfUnits(Terms(0.0, 1e-9), {"ICU": Terms(0.0, 0.0)})
    assert clear_out_units(tmp_path, index, terms, book) == 6
    assert index.segments(beds[0]) == rows[beds[0]][1:], "others' bound is not the unit's"
    # Alarms leave with records: those of a bed without any as soon as no record is as old.
    assert [one.n for one in index.alarms(beds[0], 0, 1e12)] == [600, 1100]
    assert [one.n for one in index.alarms(beds[1], 0, 1e12)] == [600, 1100]
    assert clear_out_units(tmp_path, index, terms, UnitBook()) == 0, "its unit may be renamed"
    assert (
        clear_out_units(
            tmp_path, index, TermsOfUnits(Terms(0.0, rows[beds[0]][2].size / 1e9)), book
        )
        == 1
    )
    assert [one.n for one in index.alarms(beds[1], 0, 1e12)] == [1100]
    index.close()
