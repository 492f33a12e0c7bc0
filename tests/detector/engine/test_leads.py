"""A lead that cannot be trusted stays out of what the leads say together."""

import numpy as np
import pytest
import wfdb

FS = 360.0
SECONDS = 90
N = round(FS * SECONDS)
RAIL_MV = 5.0


@pytest.fixture(scope="module")
def true():
    """Times of irregular beats."""
    at = np.cumsum(np.random.default_rng(5).uniform(0.65, 1.0, 200))
    return at[at < SECONDS - 0.6]


@pytest.fixture(scope="module")
def good(make_ecg, true):
    return make_ecg(FS, true, SECONDS)


def rail_to_rail(shortest_s, longest_s):
    """A square wave between the rails with steps at random times."""
    rng = np.random.default_rng(1)
    steps = np.cumsum(rng.uniform(shortest_s, longest_s, round(SECONDS / shortest_s)))
    return RAIL_MV * np.where(np.searchsorted(steps, np.arange(N) / FS) % 2, 1.0, -1.0)


def blocked(good):
    """Now and then at a rail for 0.3 to 4 s."""
    rng = np.random.default_rng(9)
    signal = 0.7 * good
    at = round(10 * FS)
    while at < N:
        end = at + round(rng.uniform(0.3, 4) * FS)
        signal[at:end] = rng.choice([-RAIL_MV, RAIL_MV])
        at = end + round(rng.uniform(0.3, 4) * FS)
    return signal


def check(found, true, invented=0):
    assert not found.misses(true).size
    assert found.inventions(true).size <= invented


@pytest.mark.parametrize("bad", [0, 1])
@pytest.mark.parametrize("steps_s", [(0.1, 0.4), (0.2, 1.5), (0.5, 1.0), (1.0, 3.0)])
def test_jumps_between_rails(detect, true, good, steps_s, bad):
    pair = [good, rail_to_rail(*steps_s)]
    check(detect(np.vstack(pair[::-1] if bad == 0 else pair), FS), true)


@pytest.mark.parametrize("bad", [0, 1])
def test_jumps_between_rails_that_come_and_go(detect, true, good, bad):
    now = np.arange(N) / FS % 60 > 20
    pair = [good, np.where(now, rail_to_rail(0.2, 1.5), 0.7 * good)]
    check(detect(np.vstack(pair[::-1] if bad == 0 else pair), FS), true)


@pytest.mark.parametrize("bad", [0, 1])
@pytest.mark.parametrize("how", ["blocked", "drifting", "overdriven", "at a rail", "flat"])
def test_saturated_and_flat(detect, true, good, how, bad):
    drift = np.sin(2 * np.pi * 0.13 * np.arange(N) / FS)
    other = {
        "blocked": blocked(good),
        "drifting": np.clip(0.7 * good + 6 * drift, -RAIL_MV, RAIL_MV),
        "overdriven": np.clip(20 * good + 12 * drift, -RAIL_MV, RAIL_MV),
        "at a rail": np.full(N, 4.9),
        "flat": np.zeros(N),
    }[how]
    pair = [good, other]
    check(detect(np.vstack(pair[::-1] if bad == 0 else pair), FS), true)


@pytest.mark.parametrize("bad", [0, 1])
def test_electrode_motion_as_strong_as_the_ecg(mitdb, detect, true, good, bad):
    """0 dB after Moody (1984): an eighth of the squared QRS height against the variance."""
    noise = wfdb.rdrecord(str(mitdb.parent / "nstdb" / "em"), sampfrom=200_000, sampto=200_000 + N)
    em = noise.p_signal[:, 0]
    pair = [good, 0.7 * (good + 1.2 / np.sqrt(8) * (em - em.mean()) / em.std())]
    check(detect(np.vstack(pair[::-1] if bad == 0 else pair), FS), true, invented=1)


def test_two_disturbed_leads_still_vote(detect, true, good):
    """Rules that silence one lead must not silence the patient."""
    jumps = rail_to_rail(5.0, 8.0) / 2
    found = detect(np.vstack([good + jumps, 0.7 * good + jumps]), FS)
    alone = detect(good + jumps, FS)
    assert found.misses(true).size <= alone.misses(true).size
    assert found.inventions(true).size <= alone.inventions(true).size + 1
