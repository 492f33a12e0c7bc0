"""Synthetic patients: endless, reproducible ECGs of any rhythm, with exact ground truth."""

from simulator.synthetic.leads import LEAD_NAMES, LEADS
from simulator.synthetic.marks import BeatMark, Block, EpisodeMark, LeadoffSpan, RhythmMark
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import Scenario, load_scenario, parse_scenario, scenario_names
from simulator.synthetic.segments import RHYTHMS, Segment

__all__ = [
    "LEADS",
    "LEAD_NAMES",
    "RHYTHMS",
    "BeatMark",
    "Block",
    "EpisodeMark",
    "LeadoffSpan",
    "RhythmMark",
    "Scenario",
    "Segment",
    "SyntheticPatient",
    "load_scenario",
    "parse_scenario",
    "scenario_names",
]
