"""The row of an alarm kind. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecg_monitor.core.types import Priority
from ecg_monitor.ward.words import Words

HOLD_S = 10.0
"""How long a condition that is over stays present, s; if it comes again meanwhile, it goes on."""
LONG_HOLD_S = 60.0
"""The same for ectopy, s, which comes again and again: one alarm for all that comes within it."""

About = Literal["heart", "device"]
"""What a condition is of. One of the heart ends with the stay of the patient, one of the device and
its electrodes goes on."""
NoisyBeats = Literal["believed", "refused", "refused_from_onset", "waits"]
"""What beats that are more likely noise mean for a condition (`detector.rhythm.rules.suspension`):

* ``believed``: it begins all the same;
* ``refused``: it does not begin, and the rhythm analysis is suspended in its place;
* ``refused_from_onset``: the same, unless its onset lies before the noise: a run of PVCs that began
  in order may have ever new shapes;
* ``waits``: it does not begin until the beats are believed again. Set to high priority, it is
  refused.
"""
Quantity = Literal["heart_rate", "duration", "other"]
"""What the number of an alarm is: ``heart_rate`` in bpm, ``duration`` in s, or something that only
the rule says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmKind:
    """All that is known of one kind of alarm condition.

    Attributes:
        kind: the name in events, on the wire and in configuration files.
        rank: place among all kinds, the gravest first. It decides which of the alarms of one
            priority leads a bed and its lists, and which rhythm stands beside the trace. Ranks
            leave room between them.
        priority: default priority after IEC 60601-1-8. A kind that is high or technical by default
            keeps its priority; others may be changed or turned off by ``[alarms]``.
        name: what people call it.
        short: what ward monitors call it where there is no room for the name; None: the name.
        about: see `About`.
        lead_fault: what it is called with the lead that it is about in place of ``{lead}``; None:
            it is not a fault of single leads.
        rule: the definition in words, as evidence tells it. ``limit`` stands for the number that
            the value was held against; a unit after a comma is the unit of both.
        rhythm: whether it may stand beside the trace as the rhythm of the heart.
        wfdb_rhythm: how WFDB annotations name the rhythm (``(AFIB``); empty: they have no name for
            it. Source: https://physionet.org/physiotools/wpg/wpg_36.htm, and the Creighton
            University and MIT-BIH Malignant Ventricular Ectopy Databases for what that lacks.
        no_premature: the sentence that explains why no beat in this rhythm is premature; None:
            beats may be premature in it.
        silences: kinds that it silences while it is present, its alarm chain;
            ``"heart"``: every other kind about the heart.
        silenced_by: kinds that silence it. A pair stands in one of the two rows.
        hold_s: how long, in s, it stays present after it is over.
        repeats_withheld: whether, after it has ended, it is not told again for
            `detector.rhythm.conditions.REPEAT_S` unless it is set to high priority.
        noisy_beats: see `NoisyBeats`.
        goes_on_in_noise: whether it stays present while noise suspends the rhythm analysis.
        quantity: see `Quantity`.
        withholds: whether the heart rate and all that is counted or measured on beats mean nothing
            while it is present: pages show ``-?-`` in their place, as bedside monitors do.
        unwatched: whether nobody is told of this heart while it is present, or not of its rhythm.
            Pages put it ahead of alarms of low priority: a patient who is not watched may have any
            of them.
        shown_beats: for a rhythm made of ventricular beats: it stands beside the trace while one of
            so many last beats is ventricular. Its condition is held longer, so that one that comes
            and goes is one alarm. None: it stands there as long as its condition is present.
        strip_whole: whether its strip reaches on to what decided, however slow the heart: a pattern
            of beats is seen in all its cycles. Else it ends as long after the onset as it began
            before.
        burden: whether the time that it lasts is counted in the trends, as the burden of atrial
            fibrillation is.
        configurable: whether ``[alarms]`` may name it.
        raised: when it is raised, for ``docs/ALARMS.md``.
        source: what the definition follows, for ``docs/ALARMS.md``; numbers in brackets are those
            of its list of sources.
    """

    kind: str
    rank: int
    priority: Priority
    name: Words
    rule: Words
    raised: str
    source: str = ""
    short: Words | None = None
    about: About = "heart"
    lead_fault: Words | None = None
    rhythm: bool = False
    wfdb_rhythm: str = ""
    no_premature: Words | None = None
    silences: tuple[str, ...] | Literal["heart"] = ()
    silenced_by: tuple[str, ...] = ()
    hold_s: float = HOLD_S
    repeats_withheld: bool = False
    noisy_beats: NoisyBeats = "believed"
    goes_on_in_noise: bool = False
    quantity: Quantity = "other"
    withholds: bool = False
    unwatched: bool = False
    shown_beats: int | None = None
    strip_whole: bool = False
    burden: bool = False
    configurable: bool = True
