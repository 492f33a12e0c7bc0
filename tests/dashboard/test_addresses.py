"""Where the hub is."""

from __future__ import annotations

import pytest

from dashboard.addresses import hub_address, hub_port
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings


def test_port_follows_the_dashboard() -> None:
    assert hub_port(Settings(port=8050)) == 8051
    assert hub_port(Settings(port=8050, hub_port=9)) == 9
    assert hub_address(Settings(port=8050)) == ":8051"
    assert hub_address(Settings(hub_url="wss://x.org/hub")) == "wss://x.org/hub"


@pytest.mark.parametrize("port", [0, 65_535])
def test_unknown_port(port: int) -> None:
    with pytest.raises(SettingsError, match="ECG_HUB_PORT"):
        hub_port(Settings(port=port))


@pytest.mark.parametrize("url", ["x.org", "http://x.org", "ws://"])
def test_malformed_address(url: str) -> None:
    with pytest.raises(SettingsError, match="ECG_HUB_URL"):
        hub_address(Settings(hub_url=url))
