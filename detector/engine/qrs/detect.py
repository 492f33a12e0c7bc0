"""Causal QRS detection on one or many leads: candidates, a vote of the leads, running levels.

1. Each lead has an envelope (`detector.engine.kernel`: band filter, slope, moving mean, as in
   Pan and Tompkins 1985). The leads' envelopes, each in units of its own running QRS level and
   bounded, are averaged, weighted by how far each lead can be trusted (`detector.engine.trust`).
2. A candidate is a peak of that joint envelope with none higher within `RIVAL`.
3. `LOOK` (0.3 s) later each lead describes it (`detector.engine.qrs.features`: heights against
   running levels as in Hamilton 2002, what lies ahead and behind, likeness to running templates,
   rhythm), and a small network turns that into log odds. This replaces Hamilton's thresholds, T
   wave rule and search back: given the time since the last beat, the network lowers its
   demands by itself, so that a decision never comes late.
4. A P wave rule: a candidate followed within 0.25 s by a higher peak that looks like a beat is
   none, unless the last beat was less than 0.4 s ago. Without it, counting P waves as beats
   sustains itself once they have a template (on DS1: 170 of 258 false beats of networks trained
   on other records, nearly all in record 108, and no true beat; in the second leads 8 and 4).
5. A T wave rule (`detector.engine.qrs.t_waves`): what follows every beat at one distance, smooth
   and gentle against it, is none, however high it is.
6. The leads' log odds are averaged by trust; "no" is bounded tighter than "yes", since an ectopic
   beat may be small in one lead. A lead that jumps, or is full of artefacts, counts for little; one
   whose voltages no heart has (`detector.engine.scale`) abstains where another shows anything.
7. Every lead learns from the joint decision.

A beat is decided `LOOK` + `LAG` (0.37 s) after its R peak, within 0.5 s for every width of QRS;
only the beats of the first `LEARN` (2 s) of a stretch on unknown levels wait for them.

Measured on the training half of MIT-BIH (DS1), first lead, after 5 minutes: Se 99.86 %, +P 99.91 %,
from the first sample F1 99.89 %; two leads 99.97, 99.96 and 99.96 %. Networks that had not seen
the record scored (six folds, from the first sample): 85 beats missed and 51 invented of 51 021.

Hamilton, "Open source ECG analysis", Computers in Cardiology 29:101-104, 2002. Pan and Tompkins,
"A real-time QRS detection algorithm", IEEE Trans Biomed Eng 32(3):230-236, 1985.
"""

from __future__ import annotations

import numpy as np

from detector.engine import intake, trust
from detector.engine.qrs.features import (
    AHEAD,
    LAG,
    LIKE,
    LIKE_AHEAD,
    LOOK,
    N_FEATURES,
    ROUGH,
    SINCE,
    describe,
    envelope_near,
    swing_and_slope,
)
from detector.engine.qrs.score import B1, W1, W2, verdict
from detector.engine.qrs.t_waves import is_t_wave
from detector.engine.qrs.templates import MASK, learn_shape
from detector.engine.resample import FS
from detector.engine.state import BEATS, BLOCKS, LAST_PEAKS, LEVELS, RAW, TEMPLATES
from ecg_monitor.core.compiled import njit

MS = FS / 1000.0
LEARN = int(2000 * MS)
"""Length of the first stretch, from which levels are learnt; it is searched afterwards."""
BLANK = int(180 * MS)
"""Twice the least distance of two R peaks; 300 bpm is 200 ms."""
RIVAL = int(128 * MS)
"""A candidate is the highest of the joint envelope within this on either side."""
LEAST = 0.06
"""Least height of a candidate, as a share of the running QRS level."""
TALLEST = 4.0
"""Most QRS levels that one of several leads counts for in the joint envelope, however high."""
SEARCH = int(100 * MS)
"""Farthest distance of the R peak from the envelope peak less `LAG`."""
MIN_LEVEL = 0.008
"""Envelope in mV below which there is no QRS complex. Measured: noise of 50 uV from peak to peak
reaches 0.007; a complex of 0.15 mV, the smallest to be found, 0.025 if 40 ms wide, 0.011 if 120."""
MAX_LEVEL = 1.2
"""Envelope in mV above which there is no QRS complex either, if levels can be learnt from anything
else: one of 5 mV, the highest to be found (IEC 60601-2-27), has 0.8. What is higher is a glitch of
the device, and would hide the beats until the levels are learnt anew."""
STILL_MV = 0.02
"""A lead whose signal stays within this around a candidate abstains: it is dead or at its rail."""
ABSTAINED = 0.0
DEAD = int(240 * MS)
"""A lead that stands still for this long behind a candidate has just died, if others move."""
SILENT, SILENT_RR = int(1500 * MS), 2.0
"""A lead that has shown no beat for this long, and for this many RR intervals, does not deny what
another shows if that is `FAMILIAR`: its electrode may have come off (record 208 at 23:04, where it
drifts and is not still)."""
FAMILIAR = 0.8
"""Likeness to a template from which a `SILENT` lead is overruled: at a standstill no artefact must
pass for a beat."""
BETTER = 3.0
"""Another lead locates the R peak if its share is this many times that of the lead that does."""
RELEARN = int(3000 * MS)
"""Time without a beat after which the levels are learnt anew from the last seconds."""
RR_MEMORY = 8.0
LONGEST_RR = 2500 * MS
"""Longer intervals count as this in the mean: a missed beat must not make the next one early."""
SURE = 4.0
"""Bound of a lead's positive log odds in the joint vote."""
SURE_NOT = 3.0
"""Bound of a lead's negative log odds in the joint vote."""
P_AHEAD, P_LIKE, P_SINCE_S, P_ODDS = 0.1, 0.8, 0.4, -2.0
"""The P wave rule: logarithm of the height ahead against its own, likeness ahead, time since the
last beat, and the most that the odds may be then."""
T_ODDS = -2.0
"""The T wave rule: the most that the odds of a T wave may be."""
NO_PEAK = -1


@njit
def median_of(values, count):
    """Return the median of the first ``count`` values (the lower one of an even number)."""
    ordered = values[:count].copy()
    ordered.sort()
    return ordered[(count - 1) // 2]


@njit
def learn(lane):
    """Set the levels from the maxima of the last seconds."""
    blocks = lane.block_max.copy()
    blocks.sort()
    last = BLOCKS - 1
    while last > 0 and blocks[last] > MAX_LEVEL and blocks[last - 1] >= MIN_LEVEL:
        last -= 1
    high = blocks[last]
    second = blocks[max(0, last - 1)]
    # One block may hold an artefact; but at a slow rate just one may hold a beat.
    level = second if second > 0.4 * high else high
    lane.n_qrs = 1
    lane.qrs[0] = level
    lane.signal_level = level
    lane.noise_level = 0.1 * level
    trust.begin(lane)


@njit
def weight(device, lanes, i):
    """Return the share of lane ``i`` in the joint vote; 0 when it abstains."""
    if lanes[i].gone >= intake.LONG or lanes[i].unfit or lanes[i].signal_level < MIN_LEVEL:
        return 0.0
    return trust.share(lanes[i], device.k) if lanes.shape[0] > 1 else 1.0


@njit
def locating_lane(device, lanes):
    """Return the index of the lane that locates the R peak: the last one, unless another is better.

    The R peak of a wide complex differs by 40 ms between leads, and a lane that changed with every
    beat would make a regular rhythm irregular.
    """
    share = weight(device, lanes, device.locating)
    best = device.locating
    most = BETTER * share
    for i in range(lanes.shape[0]):
        share = weight(device, lanes, i)
        if share > most:
            best = i
            most = share
    device.locating = best
    return best


@njit
def fused(device, lanes, k):
    """Return the envelope of all usable leads at ``k``, in units of the QRS level."""
    total = 0.0
    weights = 0.0
    for i in range(lanes.shape[0]):
        share = weight(device, lanes, i)
        if share > 0.0:
            height = lanes[i].envelope[k & MASK] / lanes[i].signal_level
            if lanes.shape[0] > 1:
                height /= 1.0 + height / TALLEST
            total += share * height
            weights += share
    return total / weights if weights > 0.0 else 0.0


@njit
def _is_candidate(device, k):
    """Return whether the joint envelope at ``k`` towers over its surroundings."""
    height = device.fused[k & MASK]
    if height < LEAST or height <= device.fused[(k - 1) & MASK]:
        return False
    for j in range(1, RIVAL + 1):
        if device.fused[(k + j) & MASK] > height or device.fused[(k - j) & MASK] >= height:
            return False
    return True


@njit
def ready(device, lanes, k):
    """Take in engine sample ``k``; return the candidate that can be judged now, or -1."""
    device.fused[k & MASK] = fused(device, lanes, k)
    peak = k - LOOK
    if peak < device.start or not _is_candidate(device, peak):
        return NO_PEAK
    if device.last_peak != NO_PEAK and peak - device.last_peak < RIVAL:
        return NO_PEAK
    return peak


@njit
def is_dead(lane, k):
    """Return whether the signal has stood still for `DEAD` samples at engine sample ``k``."""
    low = high = lane.raw[k & (RAW - 1)]
    for j in range(1, DEAD):
        value = lane.raw[(k - j) & (RAW - 1)]
        low = min(low, value)
        high = max(high, value)
    return high - low < STILL_MV


@njit
def judge(device, lanes, peak, x, z, w1, b1, w2):
    """Let all leads vote on a candidate.

    Args:
        device: record, dtype DEVICE.
        lanes: its records, dtype LANE.
        peak: the candidate.
        x: output, each lane's features, shape (lanes, N_FEATURES).
        z: output, each lane's log odds or `ABSTAINED`, shape (lanes,).
        w1: the network, see `detector.engine.qrs.score`.
        b1: the network.
        w2: the network.

    Returns:
        The joint log odds that it is a beat.
    """
    others_live, others_whole = False, False
    if lanes.shape[0] > 1:  # where a stretch ends all are still, and none abstains
        for i in range(lanes.shape[0]):
            usable = weight(device, lanes, i) > 0.0
            others_live = others_live or (usable and not is_dead(lanes[i], peak + LOOK))
            holed = intake.is_holed(device, lanes[i], peak - LAG)
            others_whole = others_whole or (usable and not holed)
    seen = False
    for i in range(lanes.shape[0]):
        z[i] = ABSTAINED
        if weight(device, lanes, i) == 0.0:
            continue
        if swing_and_slope(lanes[i], peak - LAG)[0] < STILL_MV:
            continue
        if others_live and is_dead(lanes[i], peak + LOOK):
            continue
        if others_whole and intake.is_holed(device, lanes[i], peak - LAG):
            continue
        describe(device, lanes[i], peak, x[i])
        z[i] = min(SURE, max(-SURE_NOT, verdict(x[i], w1, b1, w2)))
        if x[i, AHEAD] > P_AHEAD and x[i, LIKE_AHEAD] > P_LIKE and x[i, SINCE] > P_SINCE_S:
            z[i] = min(z[i], P_ODDS)
        if z[i] > T_ODDS and is_t_wave(device, lanes[i], peak):
            z[i] = T_ODDS
        seen = seen or (z[i] > 0.0 and x[i, LIKE] > FAMILIAR)
    silent = max(SILENT, SILENT_RR * device.mean_rr)
    total = 0.0
    weights = 0.0
    for i in range(lanes.shape[0]):
        if seen and z[i] < 0.0 and peak - lanes[i].said > silent:
            z[i] = ABSTAINED
        if z[i] == ABSTAINED:
            continue
        share = weight(device, lanes, i)
        if lanes.shape[0] > 1:
            share *= trust.alone(x[i, ROUGH])
        total += share * z[i]
        weights += share
    return total / weights if weights > 0.0 else -SURE_NOT


@njit
def settle(device, lanes, peak, x, z, is_beat):
    """Let the detector learn from a decision on a candidate, given the output of `judge`."""
    for i in range(lanes.shape[0]):
        if z[i] > 0.0:
            lanes[i].said = peak
        if z[i] != ABSTAINED:
            sure = z[i] / SURE * max(0.0, x[i, LIKE]) if z[i] > 0.0 else -z[i] / SURE_NOT
            trust.follow(lanes[i], sure)
            if not intake.is_holed(device, lanes[i], peak - LAG):
                _note(lanes[i], peak, is_beat)
    if not is_beat:
        return
    if device.last_peak != NO_PEAK and device.stretch_beats > 0:
        rr = min(LONGEST_RR, float(peak - device.last_peak))
        if device.mean_rr <= 0.0:
            device.mean_rr = rr
        else:
            off = min(1.0, abs(rr - device.mean_rr) / device.mean_rr)
            device.rr_spread += (off - device.rr_spread) / RR_MEMORY
            device.mean_rr += (rr - device.mean_rr) / RR_MEMORY
    device.last_peak = peak
    device.last_peaks[device.n_peaks % LAST_PEAKS] = peak
    device.n_peaks += 1


@njit
def scan(device, lanes, k):
    """Let the detector see engine sample ``k``.

    Returns:
        The envelope peak of a beat that is decided now, or -1. At most one falls per sample.
    """
    peak = ready(device, lanes, k)
    if peak == NO_PEAK:
        return NO_PEAK
    x = np.zeros((lanes.shape[0], N_FEATURES))
    z = np.zeros(lanes.shape[0])
    is_beat = judge(device, lanes, peak, x, z, W1, B1, W2) > 0.0
    settle(device, lanes, peak, x, z, is_beat)
    return peak if is_beat else NO_PEAK


@njit
def _follow(level, value):
    """Return a level moved an eighth of the way to a value of at most twice the level."""
    if level <= 0.0:
        return value
    return level + (min(2.0 * level, value) - level) / 8.0


@njit
def _note(lane, peak, is_beat):
    """Let a lane learn from a decision."""
    height = envelope_near(lane, peak)
    if not is_beat:
        lane.noise_level = _follow(lane.noise_level, height)
        learn_shape(lane, TEMPLATES, peak - LAG)
        return
    swing, slope = swing_and_slope(lane, peak - LAG)
    lane.slope_level = _follow(lane.slope_level, slope)
    lane.swing_level = _follow(lane.swing_level, swing)
    lane.last_envelope = height
    lane.qrs[lane.n_qrs % LEVELS] = height
    lane.n_qrs += 1
    lane.signal_level = max(MIN_LEVEL, median_of(lane.qrs, min(lane.n_qrs, LEVELS)))
    learn_shape(lane, 0, peak - LAG)


@njit
def locate(lane, peak, after):
    """Find the R peak that belongs to an envelope peak.

    Returns:
        Its index, later than ``after``, and its amplitude against the mean around it, mV.
    """
    first = max(peak - LAG - SEARCH, after + 1)
    last = peak - LAG + SEARCH
    mean = 0.0
    for k in range(first, last + 1):
        mean += lane.wide[k & MASK]
    mean /= max(1, last - first + 1)
    best = first
    height = 0.0
    for k in range(first, last + 1):
        value = lane.wide[k & MASK] - mean
        if abs(value) > abs(height):
            best = k
            height = value
    return best, height


@njit
def relearn_due(device, k):
    """Return whether beats have stayed away so long that the levels must be wrong."""
    since = device.last_peak if device.last_peak > device.start else device.start
    return k - since >= RELEARN and (k - since) % int(FS) == 0


@njit
def forget_stretch(device):
    """Begin a new unbroken stretch: what was pending is void, the levels are kept."""
    device.fused[:] = 0.0
    device.last_peak = NO_PEAK
    device.last_peaks[:] = NO_PEAK
    device.stretch_beats = 0


@njit
def remember_beat(device, r_peak):
    """Store an R peak; return the RR interval before it in s.

    It is nan if there is none, or a hole may hide a beat in it.
    """
    rr = float("nan")
    before = -1
    if device.stretch_beats > 0:
        last = device.beats[(device.n_beats - 1) % BEATS]
        if not intake.hides_a_beat(device, last, r_peak):
            before = last
            rr = (r_peak - before) / FS
    device.dark_before = device.dark_n - intake.dark_between(device, r_peak + 1, device.k - 1)
    device.beats[device.n_beats % BEATS] = r_peak
    device.before[device.n_beats % BEATS] = before
    device.n_beats += 1
    device.stretch_beats += 1
    return rr
