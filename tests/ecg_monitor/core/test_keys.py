"""Names of topics and keys."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core import keys

names = st.from_regex(keys.DEVICE_ID, fullmatch=True)


@given(names)
def test_topics_round_trip(device):
    for make, leaf in ((keys.wave_topic, "wave"), (keys.status_topic, "status")):
        assert keys.device_of_topic(make(device)) == (device, leaf)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "ecg/v1",
        "ecg/v2/bed/wave",
        "ecg/v1/a b/wave",
        "ecg/v1/bed/wave/x",
        "ecg/v1//wave",
        "ecg/v1/./wave",
        "ecg/v1/../wave",
    ],
)
def test_other_topics_are_none_of_ours(topic):
    assert keys.device_of_topic(topic) is None


@given(names)
def test_no_device_can_be_taken_for_the_system(device):
    assert keys.device_of_topic(keys.SYSTEM_TOPIC) is None
    assert keys.SYSTEM_TOPIC.count("/") < keys.alert_topic(device).count("/")


@given(names, st.integers(1, 1024))
def test_every_device_has_one_partition(device, partitions):
    assert 0 <= keys.partition_of(device, partitions) < partitions


def test_the_partition_is_the_documented_hash():
    check_value = 0xCBF43926  # CRC-32 of "123456789"
    assert keys.partition_of("123456789", 7) == check_value % 7


def test_all_keys_of_a_partition_share_a_slot():
    made = [
        make(3)
        for make in (
            *(keys.wave, keys.events, keys.alerts, keys.alertlog, keys.progress),
            *(keys.epoch, keys.owner, keys.committed, keys.devices, keys.counters, keys.refusals),
            *(keys.lag, keys.lease),
        )
    ]
    made += [keys.state(3, "bed"), keys.staged(3, "bed"), keys.former_state(3)]
    assert len(set(made)) == len(made)
    assert {re.search(r"\{(.*?)\}", key)[1] for key in made} == {"3"}
