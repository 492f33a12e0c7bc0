"""Synthetic patients whose truth is known: what a bed of twelve leads shows of each."""

from __future__ import annotations

import pytest

from detector.analyzer.analyzer import Analyzer
from detector.twelve_lead.bed import BedTwelve
from detector.twelve_lead.windows import Cutter, Window
from ecg_monitor.core.types import Beat, Vitals
from ecg_monitor.ward.limits.model import LimitBook, default_tables
from models.diagnosis.inference import DiagnosisNetwork
from simulator.synthetic import SyntheticPatient
from simulator.synthetic.leads import LEADS
from tests.support.twelve_beds import packets

FS = 250.0


@pytest.fixture(scope="module")
def outcomes():
    """Judge three windows of a scenario."""
    network, limits = DiagnosisNetwork.load(), LimitBook(default_tables()).of("one")
    known = {}

    def judged(name):
        if name not in known:
            patient = SyntheticPatient(name, FS, LEADS, seed=1, gain=1000.0, rail_mv=10.0)
            sent = packets(patient.generate(33).samples / 1000.0, FS)
            bed, analyzer = BedTwelve(Cutter("")), Analyzer()
            analyzer.listener = lambda _, signature, chunk: bed.cutter.take(
                signature.boot, signature.fs, chunk, chunk.form
            )
            events = [event for output in analyzer.feed(sent) for event in output.events]
            for event in events:
                if isinstance(event, Beat) and event.label == "N":
                    bed.cutter.beat("boot-1", event.n)
                elif isinstance(event, Vitals):
                    bed.cutter.reach("boot-1", FS, event.n)
            known[name] = [bed.judge(network, limits) for _ in range(len(bed.cutter.due))]
        return known[name]

    return judged


def elevated(outcomes, name):
    last = outcomes(name)[-1]
    begun = [alarm for one in outcomes(name) for alarm in one.alarms if alarm.present]
    return (() if last.elevated is None else last.elevated.leads), begun


def test_an_inferior_infarction_raises_one_alarm_in_the_inferior_leads(outcomes):
    leads, (alarm,) = elevated(outcomes, "stemi-inferior")
    assert leads == ("II", "III", "aVF")
    assert (alarm.kind, alarm.priority, alarm.n, alarm.lead) == ("st_elevation", "medium", 0, "III")
    assert alarm.value == pytest.approx(0.3, abs=0.04)
    assert alarm.decided_n == 20 * FS, "two windows"
    st = outcomes("stemi-inferior")[0].verdict.st
    assert st.levels["aVL"] < -0.1, "the opposite wall mirrors it"


def test_an_anterior_infarction_raises_it_in_the_chest_leads(outcomes):
    leads, (alarm,) = elevated(outcomes, "stemi-anterior")
    assert {"V2", "V3", "V4"} <= set(leads) <= {"V1", "V2", "V3", "V4", "V5"}
    assert alarm.lead in leads


def test_an_infarction_is_never_called_normal(outcomes):
    for name in ("stemi-inferior", "stemi-anterior"):
        for one in outcomes(name):
            assert not {"NORM", "SNR"} & {*one.verdict.decisions, *one.present}


def test_other_hearts_raise_none(outcomes):
    for name in ("sinus-12", "lvh", "rbbb", "af"):
        assert elevated(outcomes, name)[1] == [], name


def test_with_a_bundle_branch_block_it_is_not_judged(outcomes):
    assert {one.st_reason for one in outcomes("lbbb")} == {"wide_qrs"}
    assert elevated(outcomes, "lbbb") == ((), [])


@pytest.mark.parametrize(
    ("name", "labels"),
    [("sinus-12", {"NORM", "SNR"}), ("lbbb", {"LBBB"}), ("rbbb", {"RBBB"}), ("lvh", {"HYP"})],
)
def test_the_network_finds_what_is_simulated(outcomes, name, labels):
    assert labels <= set(outcomes(name)[-1].present)


def test_a_window_passed_over_after_an_outage_changes_nothing():
    bed = BedTwelve(Cutter(""))
    bed.lasting.present = {"AF": 0}
    bed.cutter.due = [Window(0, "b", "", 0, 2500, FS)]
    outcome = bed.judge(None, LimitBook(default_tables()).of("one"))
    assert (outcome.verdict.reason, outcome.present) == ("late", {"AF": 0})
    assert (outcome.changes, outcome.alarms) == ((), ())
