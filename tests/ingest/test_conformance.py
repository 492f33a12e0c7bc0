"""What packets show together: pace, order, amplitude, and what is missing beside them."""

from __future__ import annotations

import itertools
import json
import random

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.conformance import DeviceObservations, Listener, Message

TOPIC = "ecg/v1/d/wave"
N = 90


def packet(index: int, **changes: object) -> dict[str, object]:
    """Packet ``index`` of a device at 360 Hz: a quarter of a second of a saw-tooth of 1 mV."""
    fields = {
        "v": 1, "boot": "b", "seq": index, "n0": index * N, "t0": index / 4, "fs": 360,
        "gain": 200, "baseline": 1024, "leads": {"II": [1024 + 2 * i for i in range(N)]},
    }  # fmt: skip
    return fields | changes


def message(index: int, at: float | None = None, **changes: object) -> Message:
    payload = json.dumps(packet(index, **changes)).encode()
    return Message(TOPIC, payload, index / 4 if at is None else at)


def told(messages: list[Message], *, kept: bool = True) -> tuple[list[str], list[str]]:
    """What must be mended, and what is advice."""
    listener = Listener()
    if kept:
        listener.devices["d"] = DeviceObservations(kept={"status", "meta"})
    for one in messages:
        listener.take(one)
    found = list(listener.devices["d"].findings())
    return [f.text for f in found if f.wrong], [f.text for f in found if not f.wrong]


def test_a_good_device_has_no_findings():
    assert told([message(i) for i in range(40)]) == ([], [])


def test_it_is_described_on_one_line():
    listener = Listener()
    listener.take(message(0))
    listener.take(Message(TOPIC, cbor2.dumps(packet(1, leads={"II": b"\1\4" * N})), 0.25))
    said = listener.devices["d"].describe()
    assert said == "2 packets in CBOR and JSON, 360 Hz, 250 ms, II"


def test_refusals_are_counted_by_their_text():
    wrong, _ = told([message(0), *[message(i, fs="360") for i in (1, 2)], message(3, gain=0)])
    assert wrong[0] == "refused 2 times: fs: must be a number, got '360'"
    assert wrong[1] == "refused once: gain: must be 0.001 .. 1000000 ADC units per mV, got 0"


@pytest.mark.parametrize(("speed", "rate"), [(0.7, 252), (1.44, 518)])
def test_a_wrong_rate_is_told(speed, rate):
    wrong, _ = told([message(i, at=i / 4 / speed) for i in range(60)])
    assert wrong == [f"fs says 360 Hz, but {rate} samples a second arrive: mend fs"]


def test_jitter_is_no_wrong_rate():
    noise = random.Random(1)
    assert told([message(i, at=i / 4 + noise.uniform(0, 0.2)) for i in range(60)]) == ([], [])


def test_gaps_repeats_and_order_are_kept_apart():
    order = [0, 1, 1, 3, 2, 4, 7, 8]
    wrong, advice = told([message(i, at=k / 4) for k, i in enumerate(order)])
    assert wrong == [f"gaps in n0: 1, in which {2 * N} samples are missing"]
    assert advice == [
        f"samples that came again, and are dropped: {N}",
        "packets out of order: 1, healed if within 2 s of signal",
    ]


@given(st.permutations(range(12)))
def test_order_alone_makes_no_gap(order):
    wrong, advice = told([message(i, at=k / 4) for k, i in enumerate(order)])
    assert not any("gaps" in text for text in wrong)
    assert any("out of order" in text for text in advice) == (list(order) != sorted(order))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gain": 200_000}, "II goes from 0 to 0.00089 mV: check gain"),
        ({"gain": 1}, "II goes from 0 to 178 mV: check gain"),
        ({"leads": {"II": [5] * N}}, "II goes from -5.095 to -5.095 mV"),
    ],
)
def test_what_is_no_ecg_is_told(changes, said):
    wrong, _ = told([message(i, **changes) for i in range(4)])
    assert wrong[0].startswith(said)
    assert told([message(0, leadoff=["II"], **changes)]) == ([], [])


def test_manners_on_the_broker():
    payload = json.dumps(packet(0)).encode()
    wrong, advice = told([Message(TOPIC, payload, 0.0, qos=0)], kept=False)
    assert wrong == ["packets with QoS 0, which may get lost: 1; publish with QoS 1"]
    assert [text.split(":")[0] for text in advice] == ["no status", "no meta"]
    wrong, _ = told([Message(TOPIC, payload, 0.0, retained=True)])
    assert wrong == ["a packet is retained: publish packets without the retain flag"]


def test_boot_clock_and_short_packets():
    short = {"leads": {"II": [1024, 1124]}}
    _, advice = told([message(0, at=500.0, boot="a"), message(1, at=500.5, **short)])
    assert advice == [
        "values of boot: 2; it started anew, or two devices share an id",
        "packets under 100 ms cost the broker more than they bring",
        "t0 is 500 s behind this machine's clock; it is advisory",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"leads": {"II": [1024, 1300] * 45, "V1": [1024, 1300] * 45}},
        {"fs": 180},
        {"gain": 100},
        {"baseline": 1000},
    ],
)
def test_a_change_within_a_boot_and_back_is_told(changes):
    packets = [message(i, **(changes if 4 <= i < 8 else {})) for i in range(14)]
    wrong, _ = told(packets)
    assert any("leads, fs, gain or baseline change within a boot: 2 times" in w for w in wrong)
    wrong, _ = told([message(i, boot=f"b{i // 4}", **changes) for i in range(14)])
    assert not any("change within a boot" in w for w in wrong)


def test_n0_that_begins_anew_without_a_boot_is_told():
    wrong, _ = told([message(i, n0=(i % 7) * N) for i in range(14)])
    assert wrong == [
        "n0 begins anew or seq and n0 disagree within a boot: 7 packets are dropped as repeated: "
        "begin a new boot, or count n0 on"
    ]
    anew = {"leads": {"II": [1024, 1300] * 45}}
    wrong, _ = told([message(i) for i in range(5)] + [message(i, **anew) for i in range(5)])
    assert any("n0 begins anew" in text for text in wrong)


@given(st.lists(st.integers(0, 7), min_size=1, max_size=20))
def test_repeats_and_late_packets_are_no_new_beginning(again):
    wrong, _ = told([message(i) for i in [*range(8), *again]])
    assert wrong == []


def test_two_cbor_packets_in_one_payload_are_refused():
    one, two = (cbor2.dumps(packet(i, leads={"II": b"\1\4" * N})) for i in (0, 1))
    wrong, _ = told([Message(TOPIC, one + two, 0.0)])
    said = "is not valid CBOR: it holds more than one CBOR item; send one packet a message"
    assert wrong == [f"refused once: payload: {said}"]


def test_topics_that_nobody_reads_are_told():
    listener = Listener()
    topics = ("ecg/v1/d/waves", "ECG/v1/d/wave", "ecg/v1/wave", "d/wave")
    for topic in (*topics, "ecg/v1/d/alert", "ecg/v1/d/truth", "ecg/v1/system", "house/lamp"):
        listener.take(Message(topic, b"{}", 0.0))
    assert set(listener.strange) == set(topics)
    assert listener.devices == {}


@given(st.binary(max_size=50), st.sampled_from(["wave", "status", "meta"]))
def test_any_bytes_are_judged(payload, leaf):
    listener = Listener()
    listener.take(Message(f"ecg/v1/d/{leaf}", payload, 0.0))
    listener.take(Message(f"ecg/v1/d d/{leaf}", payload, 0.0))
    for device in listener.devices.values():
        assert all(finding.text for finding in itertools.chain(device.findings()))
    assert listener.devices["d d"].refused


def receipt(*stored: tuple[int, int]) -> Message:
    payload = json.dumps({"v": 1, "boot": "b", "stored": stored}).encode()
    return Message("ecg/v1/d/receipt", payload, 10.0)


def test_what_ingest_has_not_stored_is_told():
    sent = [message(i) for i in range(40)]
    assert told([*sent, receipt((0, 20 * N)), receipt((20 * N, 40 * N))]) == ([], [])
    wrong, _ = told([*sent, receipt((0, 20 * N)), receipt((22 * N, 30 * N))])
    assert wrong == [
        "packets that ingest has not stored, though later ones: 2; send again what no receipt names"
    ]
    assert told([*sent, Message("ecg/v1/d/receipt", b"[]", 10.0)]) == ([], [])
