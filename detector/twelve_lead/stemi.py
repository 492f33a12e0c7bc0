"""ST elevation as an infarction shows it: the J point too high in two leads that lie side by side.

After the Fourth Universal Definition of Myocardial Infarction (Thygesen et al., Circulation
138:e618-e651, 2018, doi:10.1161/CIR.0000000000000617): at the J point 0.1 mV or more in two
contiguous leads, but in V2 and V3 0.2 mV for men from 40 years on, 0.25 mV for younger men, 0.15 mV
for women. Which of these holds is a limit of the patient, since neither age nor sex is known here;
the highest, which raises the fewest false alarms, is the default. Contiguous are neighbours on the
chest, and among the inferior (II, III, aVF) and the high lateral leads (I, aVL).

One window decides nothing: it must be so in two in a row, in the same two leads, and ends likewise.

Where the QRS complex is wide (bundle branch block, pacing, pre-excitation) the ST segment follows
it, and says nothing of ischaemia by itself: nothing is decided, and the diagnosis says so.

Limitations: early repolarisation, pericarditis, hypertrophy and an old infarction's aneurysm raise
the J point as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from detector.twelve_lead.st_levels import StLevels
from ecg_monitor.ward.limits.sections.waves import (
    ST_DEPRESSION_MV,
    ST_ELEVATION_MV,
    ST_ELEVATION_V2_V3_MV,
)
from ecg_monitor.ward.signal.diagnosis import StReason
from models.diagnosis.leads import STANDARD

KIND = "st_elevation"
WIDE_MS = 150.0
"""QRS width over all leads, first onset to last end, from which ST levels are not judged (Thygesen
et al.: in the absence of bundle branch block). So measured, 98 % of PTB-XL's normal ECGs (folds 1
to 9) are 136 ms or less, and left bundle branch block 152 or more. It is no closer, since an
elevated J point makes the end of the complex later: a synthetic infarction by 24 ms."""
BLOCK = "LBBB"
"""Label of the network with which ST levels are not judged, however wide the complex is."""
PAIRS = (
    ("I", "aVL"), ("II", "III"), ("II", "aVF"), ("III", "aVF"),
    ("V1", "V2"), ("V2", "V3"), ("V3", "V4"), ("V4", "V5"), ("V5", "V6"),
)  # fmt: skip
"""Contiguous leads."""
HIGH = ("V2", "V3")
"""Leads with a limit of their own."""
IN_A_ROW = 2
UNKNOWN = 3
"""After so many windows in a row without a level, nobody knows whether it is still there."""


@dataclass(frozen=True, slots=True)
class Elevation:
    """ST elevation in one window.

    Attributes:
        pairs: contiguous leads that are both elevated.
        lead: the one that is farthest above its limit.
        level: mV there.
        limit: mV that it was held against.
    """

    pairs: frozenset[tuple[str, str]]
    lead: str
    level: float
    limit: float

    @property
    def leads(self) -> tuple[str, ...]:
        """Names of the elevated leads, in the standard order."""
        either = {lead for pair in self.pairs for lead in pair}
        return tuple(lead for lead in STANDARD if lead in either)


def guideline_limits() -> dict[str, tuple[float, float, float]]:
    """Return the J points, mV, by standard lead, that the guideline calls abnormal.

    Returns:
        by lead: from which on the ST segment is depressed, and from which on it is elevated, lowest
        and highest over age and sex.
    """
    return {
        lead: (ST_DEPRESSION_MV, *(ST_ELEVATION_V2_V3_MV if lead in HIGH else ST_ELEVATION_MV))
        for lead in STANDARD
    }


def elevation(levels: Mapping[str, float], limit: float, high: float) -> Elevation | None:
    """Return the ST elevation that levels show; None: there is none.

    Args:
        levels: of the J point, mV, by lead.
        limit: mV.
        high: mV in V2 and V3.
    """
    limits = {lead: high if lead in HIGH else limit for lead in levels}
    above = {lead for lead, level in levels.items() if level >= limits[lead]}
    pairs = frozenset(pair for pair in PAIRS if set(pair) <= above)
    if not pairs:
        return None
    lead = max(
        sorted({lead for pair in pairs for lead in pair}),
        key=lambda name: levels[name] - limits[name],
    )
    return Elevation(pairs, lead, levels[lead], limits[lead])


@dataclass(slots=True)
class ElevationRule:
    """ST elevation of one bed over its windows.

    Attributes:
        since: index of the first sample of the window before, if that showed it and it is not
            present yet.
        pairs: contiguous leads that the window before showed.
        present_n: onset of what is present; None: nothing is.
        without: windows in a row that did not show it.
        unknown: windows in a row that had no levels.
    """

    since: int | None = None
    pairs: list[tuple[str, str]] = field(default_factory=list)
    present_n: int | None = None
    without: int = 0
    unknown: int = 0

    def take(self, n: int, shown: Elevation | None) -> int | None:
        """Take what a window shows that begins at sample ``n``; return the onset if it begins."""
        self.unknown = 0
        if shown is None:
            self.since, self.pairs = None, []
            self.without += 1
            return None
        self.without = 0
        same = sorted(shown.pairs & set(self.pairs))
        onset = self.since if self.since is not None and same else n
        self.pairs, self.since = sorted(shown.pairs), onset
        if self.present_n is None and same:
            self.present_n = onset
            return onset
        return None

    def pass_over(self) -> None:
        """Take a window that has no levels, or none that say anything."""
        self.unknown += 1
        self.since, self.pairs = None, []

    def break_off(self) -> None:
        """Take note that another source or patient begins."""
        self.since, self.pairs, self.unknown = None, [], UNKNOWN

    def ended(self) -> int | None:
        """Return the onset of what has ended now; None: nothing has."""
        over = self.without >= IN_A_ROW or self.unknown >= UNKNOWN
        if self.present_n is None or not over:
            return None
        n, self.present_n = self.present_n, None
        return n


def unmeasured(found: StLevels | None, decisions: tuple[str, ...] = ()) -> StReason | None:
    """Return why the levels of a window say nothing of ischaemia; None: they do.

    Args:
        found: the levels.
        decisions: what the network has found in the window.
    """
    if found is None:
        return "few_beats"
    return "wide_qrs" if found.qrs_ms >= WIDE_MS or BLOCK in decisions else None
