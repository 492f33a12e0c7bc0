"""Examples for whoever has no file at hand: patients that are made up, the same each time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ecg_monitor.core.errors import RecordError
from ecg_monitor.jobs.examples import EXAMPLES
from ecg_monitor.records import Recording
from ecg_monitor.records.recording import BeatMark, RhythmMark, lead_names
from simulator.synthetic.leads import LEADS
from simulator.synthetic.patient import SyntheticPatient

_FS, _GAIN = 250.0, 1000.0
"""Rate in Hz and steps per mV, as of an electrocardiograph of 12 leads and 1 µV."""


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How an example is made: scenario of the simulator, leads, length in s, and which body."""

    scenario: str
    leads: tuple[str, ...]
    duration_s: float
    seed: int


_RECIPES = {
    "ectopy": _Recipe("vt-run", ("II", "V1"), 300.0, 7),
    "fibrillation": _Recipe("af", ("II", "V1"), 180.0, 3),
    "twelve": _Recipe("lbbb", LEADS, 30.0, 5),
}


def made(name: str, most_s: float = math.inf) -> Recording:
    """Make an example, with the truth about its beats and rhythms as a reference.

    Args:
        name: one of `ecg_monitor.jobs.examples.EXAMPLES`.
        most_s: where it ends at the latest, s.

    Raises:
        RecordError: there is no such example.
    """
    recipe = _RECIPES.get(name)
    if recipe is None:
        raise RecordError(f"there is no example {name!r}; there are {', '.join(EXAMPLES)}")
    patient = SyntheticPatient(recipe.scenario, _FS, recipe.leads, recipe.seed, gain=_GAIN)
    block = patient.generate(min(recipe.duration_s, most_s))
    samples, symbols, aux = block.wfdb_annotations()
    marks = list(zip(samples, symbols, aux, strict=True))
    return Recording(
        name=name,
        fs=_FS,
        leads=lead_names(recipe.leads),
        gain=(_GAIN,) * len(recipe.leads),
        baseline=(0.0,) * len(recipe.leads),
        samples=block.samples,
        beats=tuple(BeatMark(n, symbol) for n, symbol, _ in marks if symbol != "+"),
        rhythms=tuple(RhythmMark(n, text) for n, symbol, text in marks if symbol == "+"),
        notes=("made up by the simulator: no patient's",),
    )
