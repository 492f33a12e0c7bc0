"""Diagnoses and findings come back from Redis as they were written; what is damaged is refused."""

from dataclasses import replace

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import DiagnosisError
from ecg_monitor.ward.signal.diagnosis import (
    Diagnosis,
    Finding,
    newest_diagnosis,
    pack,
    parse_diagnosis,
    parse_finding,
    read_findings,
)

DIAGNOSIS = Diagnosis(
    device="one",
    boot="b1",
    stay="s1",
    number=3,
    n=15000,
    end_n=20000,
    fs=500.0,
    at=1_700_000_040.0,
    network="ecg-diagnosis 1",
    leads={"I": "good", "II": "gaps", "III": "derived", "V1": "off", "V2": "flat", "V3": "missing"},
    gaps={"II": 0.2},
    probabilities={"AF": 0.9, "LBBB": 0.1},
    thresholds={"AF": 0.5, "LBBB": 0.5},
    decisions=("AF",),
    findings={"AF": 10000},
    st_mv={"V2": 0.12},
)
FINDING = Finding(
    device="one", boot="b1", stay="s1", label="AF", present=True, n=10000, end_n=20000, fs=500.0,
    at=1_700_000_040.0, number=3, probability=0.9, threshold=0.5, network="ecg-diagnosis 1",
)  # fmt: skip


def test_what_is_kept_comes_back_as_it_was():
    assert parse_diagnosis(pack(DIAGNOSIS)) == DIAGNOSIS
    assert parse_finding(pack(FINDING)) == FINDING


@pytest.mark.parametrize("text", [b"", b"[1]", b"{}", pack(FINDING)[:-9]])
def test_what_is_damaged_is_refused(text):
    for parse in (parse_diagnosis, parse_finding):
        with pytest.raises(DiagnosisError, match=r"damaged|version"):
            parse(text)


async def test_pages_read_the_newest_diagnosis_and_the_findings_of_a_stay(redis_client):
    assert await newest_diagnosis(redis_client, 0, "one") is None
    await redis_client.hset(keys.diagnoses(0), "one", pack(DIAGNOSIS))
    over = replace(FINDING, present=False, probability=0.1, ended="gone", stay="s2")
    for entry, told in (("1700000041000-0", FINDING), ("1700000061000-0", over)):
        await redis_client.xadd(keys.findings(0), {"d": "one", "j": pack(told)}, entry)
    other = pack(replace(FINDING, device="two"))
    await redis_client.xadd(keys.findings(0), {"d": "two", "j": other}, "1700000062000-0")
    assert await newest_diagnosis(redis_client, 0, "one") == DIAGNOSIS
    everything = await read_findings(redis_client, 0, "one", 0, 4e9)
    assert everything == [FINDING, over]
    assert await read_findings(redis_client, 0, "one", 0, 4e9, "s2") == [over]
    assert await read_findings(redis_client, 0, "one", 0, 1_700_000_050) == [FINDING]
