"""The QRS detector on MIT-BIH's training half."""

import numpy as np
import pytest
import wfdb

from models import scoring as ec57
from models.scoring.databases import label_map, split

LEARNING_S = 2.5


@pytest.fixture(scope="module")
def scores(mitdb, detect):
    """Of the first lead, and of both, over all records.

    Gross counts after 5 min, all delays in s, all errors of time in ms.
    """
    leads = (slice(0, 1), slice(0, 2))
    cases, delays, late = ([[] for _ in leads] for _ in range(3))
    for name in split("ds1"):
        record = wfdb.rdrecord(str(mitdb / name))
        reference = ec57.read_beats(mitdb / name, "atr", label_map("de_chazal"))
        for i, chosen in enumerate(leads):
            found = detect(record.p_signal.T[chosen], record.fs, step_s=4.0)
            beats = ec57.Beats.from_labels(
                np.round(found.at * record.fs).astype(int).tolist(), ["N"] * len(found.at)
            )
            seconds = record.sig_len / record.fs
            cases[i].append(ec57.Case(name, reference, beats, record.fs, seconds))
            delays[i].append((found.decided - found.at)[found.at > LEARNING_S])
            late[i].append(ec57.match(reference, beats, record.fs).late_ms(0.0))
    reports = [ec57.evaluate(some, settings={}) for some in cases]
    return list(zip(reports, map(np.concatenate, delays), map(np.concatenate, late), strict=True))


@pytest.fixture(scope="module")
def first_lead(scores):
    return scores[0]


@pytest.fixture(scope="module")
def both_leads(scores):
    return scores[1]


def test_first_lead_after_five_minutes(first_lead):
    qrs = first_lead[0]["ec57"]["gross"]["qrs"]
    assert qrs["se"] >= 0.9985
    assert qrs["ppv"] >= 0.9988


def test_first_lead_from_the_first_sample(first_lead):
    assert first_lead[0]["full"]["gross"]["qrs"]["f1"] >= 0.9985


def test_two_leads_are_better_than_one(first_lead, both_leads):
    for window in ("ec57", "full"):
        one, two = (
            report[window]["gross"]["qrs"]["f1"] for report, _, _ in (first_lead, both_leads)
        )
        assert two >= one


def test_every_decision_falls_within_half_a_second(first_lead, both_leads):
    for _, delays, _ in (first_lead, both_leads):
        assert delays.max() <= 0.5
        assert 0.36 <= np.median(delays) <= 0.39


def test_r_peaks_are_placed_within_10_ms(first_lead):
    late = first_lead[2]
    assert np.median(np.abs(late)) <= 10
    assert np.abs(np.median(late)) <= 4
