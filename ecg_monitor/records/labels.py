"""WFDB beat symbols and the AAMI classes that they belong to.

Source: ANSI/AAMI EC57:2012, and the WFDB annotation codes
(https://physionet.org/physiotools/wpg/wpg_36.htm). EC57 does not name ``B`` (bundle branch block,
side unspecified) and ``n`` (supraventricular escape); they go with their kin ``L``/``R`` and
``e``/``j`` into N.
"""

from __future__ import annotations

from ecg_monitor.core.types import BeatLabel

_CLASSES: dict[BeatLabel, str] = {
    "N": "NLRBejn",
    "S": "AaJS",
    "V": "VEr",
    "F": "F",
    "Q": "/fQ?",
}
AAMI_LABELS: dict[str, BeatLabel] = {
    symbol: label for label, symbols in _CLASSES.items() for symbol in symbols
}
"""WFDB beat symbol -> AAMI class. A symbol that is not a key is not a beat."""


def aami_label(symbol: str) -> BeatLabel:
    """Return the AAMI class of a WFDB beat symbol.

    Raises:
        KeyError: the symbol does not mark a beat.
    """
    return AAMI_LABELS[symbol]
