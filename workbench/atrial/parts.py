"""Which long records of RR intervals are for development, and which for the report alone.

Of `nsrdb` (healthy hearts, a record a patient) every second of the records with few artefact marks;
four with many stand apart, and decide nothing. Of `ltafdb` two records to choose on, two to report.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FS = 128.0
"""Sampling rate of the annotations of both, Hz."""
FIBRILLATING, HEALTHY = "ltafdb", "nsrdb"
"""Folders of the long-term AF database and of the normal sinus rhythm database."""
ARTEFACTS = ("16272", "16773", "19088", "19093")
DEVELOPMENT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        FIBRILLATING: ("00", "03"),
        HEALTHY: ("16265", "16420", "16539", "16795", "17453", "18184", "19140"),
    }
)
HELD_OUT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        FIBRILLATING: ("01", "05"),
        HEALTHY: ("16273", "16483", "16786", "17052", "18177", "19090", "19830"),
    }
)
