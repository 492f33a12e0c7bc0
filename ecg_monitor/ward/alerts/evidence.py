"""The evidence of an alert: strip, beats, numbers, rule. Its JSON, and where it is kept.

============  ===================================================================================
field         content
============  ===================================================================================
``v``         version of this shape, 1
``alert``     identity of the alert
``device``    device id
``boot``      power-up of the device
``kind``      alarm condition
``priority``  priority when the evidence was stored
``rule``      definition that was applied, in words
``value``     number that decided, or null
``limit``     what it was held against, or null
``lead``      lead that shows it, or null where they all do
``onset_n``   sample index of the onset
``decided_n``  sample index that the engine had reached when it decided
``onset_at``  Unix time of the onset, s, or null
``fs``        sampling rate in Hz, or null where no sample could be had
``from_n``    first sample index of the strip
``to_n``      one past its last
``leads``     list of ``name``, ``gain`` (ADC units per mV), ``baseline`` (ADC value at 0 mV) and
              ``segments``: list of ``n`` (index of the first sample) and ``adc`` (integers)
``gaps``      list of [first, one past last] index: no samples. Segments beside a gap are never
              joined
``leadoff``   list of ``lead``, ``n``, ``to_n``: the lead was detached
``beats``     list of ``n``, ``label`` (AAMI class), ``rr_s``
============  ===================================================================================
"""

from __future__ import annotations

import zlib
from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.store import Store

VERSION = 1
Evidence = dict[str, Any]
"""JSON-ready map; see the module's table."""


def pack(evidence: Evidence) -> bytes:
    """Return the evidence as Redis keeps it."""
    return zlib.compress(orjson.dumps(evidence), level=1)


def unpack(blob: bytes) -> Evidence:
    """Inverse of `pack`.

    Raises:
        AlertError: the blob is damaged.
    """
    try:
        evidence: Evidence = orjson.loads(zlib.decompress(blob))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise AlertError(f"evidence is damaged: {error}") from error
    return evidence


async def evidence_of(store: Store, partition: int, identity: str) -> Evidence | None:
    """Return the evidence of an alert; None if it is not complete yet, or past its retention.

    Raises:
        AlertError: it is damaged.
        StoreError: Redis does not answer.
    """
    blob: Any = await store.get(keys.strip(partition, identity))
    return None if blob is None else unpack(blob)
