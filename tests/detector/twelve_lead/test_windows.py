"""Windows of a bed with odd signals: each has one clear outcome."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from detector.engine.reassembly import Chunk, Form
from detector.twelve_lead.judge import judge, rehearse
from detector.twelve_lead.windows import Cutter, is_twelve
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.leads import INDEPENDENT, STANDARD
from tests.support.twelve_leads import millivolts


@pytest.fixture(scope="module")
def network():
    return DiagnosisNetwork.load()


def windows_of(signal, fs=250.0, leads=STANDARD, *, off=(), again=()):
    """Cut an array in mV; ``off``: names of leads that are detached in the first 6 s."""
    form = Form(tuple(leads), (1000.0,) * len(leads), (0.0,) * len(leads))
    mask = sum(1 << leads.index(name) for name in off)
    cutter, step = Cutter(""), round(fs)
    samples = np.rint(np.nan_to_num(signal) * 1000).astype(np.int16)
    for n0 in range(0, samples.shape[1], step):
        leadoff = mask if n0 < 6 * fs else 0
        chunk = Chunk(n0, samples[:, n0 : n0 + step], leadoff, after_gap=n0 == 0)
        cutter.take("b", fs, chunk, form)
    cutter.reach("b", fs, 10**9)
    return cutter.due


def rows(signal, names):
    return signal[[STANDARD.index(name) for name in names]]


def one(network, *args, **kwargs):
    (window,) = windows_of(*args, **kwargs)
    return judge(window, network)


def test_eight_leads_give_the_other_four(network):
    whole = one(network, millivolts(10, 250))
    eight = one(network, rows(millivolts(10, 250), INDEPENDENT), leads=INDEPENDENT)
    derived = [name for name, state in eight.leads.items() if state == "derived"]
    assert derived == ["III", "aVR", "aVL", "aVF"]
    assert set(whole.leads.values()) == {"good"}
    assert eight.probabilities == pytest.approx(whole.probabilities, abs=0.02)


def test_other_rates_show_the_same_heart(network):
    slow, fast = (one(network, millivolts(10, fs), fs) for fs in (250.0, 1000.0))
    assert fast.probabilities == pytest.approx(slow.probabilities, abs=0.05)
    assert fast.decisions == slow.decisions


def test_leads_that_come_off_are_left_out_and_said(network):
    found = one(network, millivolts(10, 250), off=("V2", "V3"))
    assert found.reason is None
    assert (found.leads["V2"], found.leads["V3"], found.gaps["V2"]) == ("off", "off", 0.6)
    alone = one(network, millivolts(10, 250), off=STANDARD[6:])
    assert (alone.reason, alone.probabilities) == ("few_leads", {})
    # Of two limb leads that remain, the other four follow.
    limbs = one(network, millivolts(10, 250), off=("I", "aVR", "aVL"))
    assert [limbs.leads[name] for name in ("I", "II", "aVR")] == ["derived", "good", "derived"]


def test_a_flat_lead_is_named(network):
    signal = millivolts(10, 250)
    signal[7] = 0.2
    found = one(network, signal)
    assert (found.reason, found.leads["V2"]) == (None, "flat")


def test_swapped_names_are_not_judged(network):
    names = ("II", "I", *STANDARD[2:])
    assert one(network, millivolts(10, 250), leads=names).reason == "contradictory"


def test_voltages_of_no_heart_are_not_judged(network):
    signal = millivolts(10, 250)
    signal[8] = 20 * signal[8]
    assert one(network, signal).reason == "voltage"


def test_a_device_too_slow_is_not_judged(network):
    assert one(network, millivolts(10, 80), 80.0).reason == "slow"


def test_without_a_network_nothing_is_judged():
    assert one(None, millivolts(10, 250)).reason == "network"


def test_three_leads_and_five_seconds_give_no_window():
    assert not is_twelve(("I", "II", "V1"))
    assert windows_of(rows(millivolts(30, 250), ("I", "II", "V1")), leads=("I", "II", "V1")) == []
    assert windows_of(millivolts(5, 250)) == []


def test_after_an_outage_the_newest_minute_is_judged(network):
    due = windows_of(millivolts(100, 250))
    assert [bool(window.pieces) for window in due] == [False] * 4 + [True] * 6


def test_beats_of_a_signal_that_never_lasts_are_not_kept():
    form = Form(STANDARD, (1000.0,) * 12, (0.0,) * 12)
    cutter = Cutter("")
    for n0 in range(0, 100_000, 1000):  # three seconds, then one that never comes
        chunk = Chunk(n0, np.zeros((12, 750), np.int16), after_gap=True)
        cutter.take("b", 250.0, chunk, form)
        cutter.beat("b", n0 + 100)
    assert (cutter.due, cutter.waiting, len(cutter.beats)) == ([], [], 1)


FIRST_WINDOW = """
import sys
from detector.runner.twelve_lead_desk import load_network
from tests.detector.twelve_lead.test_windows import one
from tests.support.twelve_leads import millivolts
network = load_network()
known = set(sys.modules)
assert one(network, millivolts(10, 250)).probabilities
print(sorted(set(sys.modules) - known))
"""


def test_what_a_first_window_needs_is_there_once_the_network_is_loaded(network):
    assert rehearse(network).reason is None
    assert rehearse(network).st is not None
    said = subprocess.run(
        [sys.executable, "-c", FIRST_WINDOW],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert said.stdout == "[]\n", "an import would hold the alarms up"
