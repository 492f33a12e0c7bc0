"""What devices tell of themselves, odd as it may be."""

from __future__ import annotations

import orjson
import pytest

from ecg_monitor.ward.devices.notice import MOST, DeviceNotice, notice_of


def told(status: object = None, meta: object = None) -> DeviceNotice:
    return notice_of(orjson.dumps({"status": status or {}, "meta": meta or {}}))


def test_what_is_documented_is_read() -> None:
    found = told(
        {"state": "online", "battery": 85, "charging": False},
        {"label": "Bed 12", "maker": "Acme", "model": "H3", "serial": "SN-7", "firmware": "1.0.2"},
    )
    assert found == DeviceNotice("Bed 12", "online", 85.0, False, "Acme", "H3", "SN-7", "1.0.2")
    assert not found.battery_low


@pytest.mark.parametrize(("battery", "charging", "low"), [
    (20, None, True), (20, True, False), (20, False, True), (21, None, False), (0, None, True),
    (None, None, False),
])  # fmt: skip
def test_a_low_battery_that_is_not_charged_asks_for_somebody(
    battery: float | None, charging: bool | None, low: bool
) -> None:
    assert told({"battery": battery, "charging": charging}).battery_low is low


@pytest.mark.parametrize("battery", ["80", True, -1, 100.5, 1e300, [80], {"pct": 80}])
def test_a_battery_that_cannot_be_read_is_named(battery: object) -> None:
    found = told({"state": "online", "battery": battery}, {"firmware": "1.0"})
    assert (found.battery_pct, found.odd) == (None, ("battery",))
    assert (found.state, found.firmware) == ("online", "1.0"), "the rest is read"


def test_texts_are_one_line_of_bounded_length_without_what_is_not_seen() -> None:
    found = told(meta={"maker": " A\nB\u202e ", "model": "x" * 5000, "firmware": 2.5})
    assert (found.maker, found.model, found.firmware) == ("A B", "x" * MOST, "2.5")
    assert told(meta={"maker": ["A"], "model": True}).odd == ("maker", "model")


@pytest.mark.parametrize("text", [
    b"", b"not json", b"[]", b"null", b'{"status": 1, "meta": "x"}', b'{"status": null}',
])  # fmt: skip
def test_an_entry_of_another_shape_says_so(text: bytes) -> None:
    found = notice_of(text)
    assert found.odd
    assert found == DeviceNotice(odd=found.odd)


def test_who_has_told_nothing_is_not_odd() -> None:
    assert notice_of(None) == notice_of(b"{}") == DeviceNotice()
