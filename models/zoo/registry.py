"""Every network of the zoo, by name.

A network is added with a module of `models.zoo.networks` that declares its row (``NETWORKS``), and
the name of that module in `MODULES`. Listing them imports neither torch nor onnxruntime.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from ecg_monitor.core.errors import EcgMonitorError
from models.zoo.network import Network

MODULES = (
    "cnn_bilstm_attention",
    "hybrid_autoencoder",
    "cnn_1d",
    "twelve_leads",
    "live",
)
"""Modules of `models.zoo.networks`, in the order in which their networks are listed."""


class UnknownNetworkError(EcgMonitorError):
    """There is no network of that name."""


@cache
def _rows() -> Mapping[str, Network]:
    rows: dict[str, Network] = {}
    for name in MODULES:
        declared: tuple[Network, ...] = importlib.import_module(
            f"models.zoo.networks.{name}"
        ).NETWORKS
        for row in declared:
            if row.name in rows:
                raise ValueError(f"two networks are named {row.name}")
            rows[row.name] = row
    return MappingProxyType(rows)


def networks() -> tuple[Network, ...]:
    """Return all networks, in the order in which they are listed."""
    return tuple(_rows().values())


def network(name: str) -> Network:
    """Return a network by its name.

    Raises:
        UnknownNetworkError: there is none of that name; the message has those that come close.
    """
    rows = _rows()
    if name in rows:
        return rows[name]
    close = difflib.get_close_matches(name, rows, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(rows)}"
    raise UnknownNetworkError(
        "no network {name}; {hint} (`ecg-monitor models` lists them)", name=name, hint=hint
    )
