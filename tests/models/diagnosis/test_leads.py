"""Leads are known by their many names, and what follows from two limb leads is calculated."""

import numpy as np
import pytest

from models.diagnosis.leads import (
    FROM_I_AND_II,
    INDEPENDENT,
    STANDARD,
    arrange,
    limb_scales,
    standard_lead,
)
from tests.support.twelve_leads import millivolts


@pytest.mark.parametrize(
    ("name", "lead"),
    [
        ("i", "I"),
        ("MLII", "II"),
        ("Lead III", "III"),
        ("AVR", "aVR"),
        ("MDC_ECG_LEAD_aVL", "aVL"),
        ("ECG-aVF", "aVF"),
        ("ECG_V1", "V1"),
        ("c3", "V3"),
        ("DII", "II"),
        ("v6", "V6"),
    ],
)
def test_a_lead_is_known_by_its_names(name, lead):
    assert standard_lead(name) == (lead, 1)


@pytest.mark.parametrize("name", ["ECG", "ECG1", "Resp", "II-2", "V7", "PPG", ""])
def test_what_is_no_standard_lead_is_none(name):
    assert standard_lead(name) is None


def test_an_inverted_avr_is_turned():
    signal = millivolts()
    leads = arrange(np.stack([signal[0], -signal[3]]), ["I", "-aVR"])
    np.testing.assert_allclose(leads.signal[:6], signal[:6], atol=1e-12)


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (1, 5), (3, 4), (2, 3), (4, 5)])
def test_any_two_limb_leads_give_all_six(pair):
    signal = millivolts()
    leads = arrange(signal[list(pair)], [STANDARD[i] for i in pair])
    np.testing.assert_allclose(leads.signal[:6], signal[:6], atol=1e-12)
    assert leads.derived == tuple(STANDARD[i] for i in range(6) if i not in pair)
    assert leads.missing == STANDARD[6:]


def test_order_does_not_matter_and_eight_leads_are_twelve():
    signal = millivolts()
    rows = [STANDARD.index(name) for name in reversed(INDEPENDENT)]
    leads = arrange(signal[rows], [STANDARD[i].lower() for i in rows])
    np.testing.assert_allclose(leads.signal, signal, atol=1e-12)
    assert leads.missing == ()


def test_one_limb_lead_gives_no_other():
    leads = arrange(millivolts()[[1]], ["II"])
    assert leads.derived == ()
    assert leads.missing == ("I", *STANDARD[2:])


def test_a_name_that_comes_twice_and_an_unknown_one_are_named():
    leads = arrange(millivolts()[[0, 1, 0]], ["II", "Pleth", "mlii"])
    assert leads.ignored == ("Pleth", "mlii")


def test_the_relation_of_scaled_limb_leads_is_found_again():
    rng = np.random.default_rng(1)
    limbs = FROM_I_AND_II @ rng.standard_normal((2, 500))
    sizes = limbs[:3].std(axis=1)
    factors = limb_scales(limbs[:3] / sizes[:, None])
    np.testing.assert_allclose(factors, sizes / sizes.mean(), rtol=1e-6)


def test_leads_of_no_one_recording_have_no_relation():
    assert limb_scales(np.random.default_rng(2).standard_normal((3, 500))) is None
