"""Causal QRS detection on one or many leads.

After Hamilton, "Open source ECG analysis" (Computers in Cardiology 29:101-104, 2002), with these
deviations: the leads are fused, each scaled to its own running QRS level and weighted by how far
that level stands above its noise; the first seconds are learnt from and then searched, so that no
beat is lost at the start; levels are learnt anew when beats stay away.

A peak of the envelope is a beat, unless

* a higher one lies within `BLANK` (the later rule sees the higher one),
* it is lower than the threshold between noise and QRS level,
* it follows the last beat within `T_WAVE` and is much lower than it (a T wave).

When no beat has come for 1.5 mean RR intervals, the best peak above half the threshold counts.
The decision falls `BLANK` after the peak, 0.3 s after the R peak; for a beat found by searching
back, when the 1.5 intervals are over.
"""

from __future__ import annotations

from detector.compiled import njit
from detector.engine.resample import FS
from detector.engine.state import BEATS, BLOCKS, LEVELS, RING

MS = FS / 1000.0
LEARN = int(2000 * MS)
"""First stretch that levels are learnt from; it is searched afterwards."""
BLANK = int(180 * MS)
"""No two beats are closer: the refractory time of ventricular muscle, and 300 bpm must pass."""
T_WAVE = int(360 * MS)
"""A T wave peaks at most so long after its R peak (Pan and Tompkins 1985)."""
T_WAVE_RATIO = 0.4
THRESHOLD = 0.32
"""Where between noise level and QRS level the threshold lies."""
SEARCH_BACK_RR = 1.5
SEARCH_BACK_RATIO = 0.5
FALL = 0.5
"""A peak is complete when the envelope has fallen to this part of it."""
FALL_TIME = int(95 * MS)
"""... or after this time without a higher value."""
LAG = int(76 * MS)
"""Envelope peak after the R peak: delays of the band filter, slope and moving window."""
SEARCH = int(100 * MS)
"""The R peak lies within this of the envelope peak less `LAG`."""
MIN_LEVEL = 0.0016
"""Envelope in mV per sample of a QRS complex of about 0.08 mV, half the smallest that
IEC 60601-2-27 wants detected (0.15 mV): below it there is no QRS complex."""
RELEARN = int(3000 * MS)
"""After so long without a beat the levels are learnt from the last seconds."""
RR_MEMORY = 8.0
NO_PEAK = -1


@njit
def median_of(values, count):
    """Median of the first ``count`` values (the lower one of an even number)."""
    ordered = values[:count].copy()
    ordered.sort()
    return ordered[(count - 1) // 2]


@njit
def _note(buffer, count, value):
    buffer[count % LEVELS] = value
    return count + 1


@njit
def _weigh(lane):
    """Give the lane a weight by how far its QRS level stands above its noise."""
    if lane.signal_level < MIN_LEVEL:
        lane.weight = 0.0
        return
    margin = 1.0 - lane.noise_level / lane.signal_level
    lane.weight = margin * margin if margin > 0.05 else 0.0025


@njit
def learn(lane):
    """Set the levels from the maxima of the last seconds."""
    blocks = lane.block_max.copy()
    blocks.sort()
    high = blocks[BLOCKS - 1]
    second = blocks[BLOCKS - 2]
    # One block may hold an artefact; but at a slow rate just one may hold a beat.
    level = second if second > 0.4 * high else high
    lane.n_qrs = 1
    lane.qrs[0] = level
    lane.signal_level = level
    lane.n_noise = 0
    lane.noise_level = 0.1 * level
    _weigh(lane)


@njit
def fused(device, lanes, k):
    """Envelope of all usable leads at ``k``, in units of the QRS level."""
    total = 0.0
    weights = 0.0
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        if lane.weight > 0.0 and not (device.leadoff >> i) & 1:
            total += lane.weight * lane.envelope[k & (RING - 1)] / lane.signal_level
            weights += lane.weight
    return total / weights if weights > 0.0 else 0.0


@njit
def _threshold(device, lanes):
    total = 0.0
    weights = 0.0
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        if lane.weight > 0.0 and not (device.leadoff >> i) & 1:
            total += lane.weight * lane.noise_level / lane.signal_level
            weights += lane.weight
    noise = total / weights if weights > 0.0 else 0.0
    return noise + THRESHOLD * (1.0 - noise)


@njit
def _peak_of(lane, peak):
    """Highest envelope of a lane near a peak of the fused one."""
    value = 0.0
    for k in range(peak - 6, peak + 7):
        value = max(value, lane.envelope[k & (RING - 1)])
    return value


@njit
def _remember_noise(lanes, peak):
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        lane.n_noise = _note(lane.noise, lane.n_noise, _peak_of(lane, peak))
        lane.noise_level = median_of(lane.noise, min(lane.n_noise, LEVELS))
        _weigh(lane)


@njit
def _remember_qrs(lanes, peak):
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        lane.n_qrs = _note(lane.qrs, lane.n_qrs, _peak_of(lane, peak))
        lane.signal_level = median_of(lane.qrs, min(lane.n_qrs, LEVELS))
        _weigh(lane)


@njit
def best_lane(device, lanes):
    """Index of the lane with the clearest QRS complexes."""
    best = 0
    weight = -1.0
    for i in range(lanes.shape[0]):
        usable = 0.0 if (device.leadoff >> i) & 1 else lanes[i].weight
        if usable > weight:
            best = i
            weight = usable
    return best


@njit
def locate(lane, peak, after):
    """Find the R peak that belongs to an envelope peak.

    Returns:
        its index, later than ``after``, and its amplitude against the mean around it, mV.
    """
    first = max(peak - LAG - SEARCH, after + 1)
    last = peak - LAG + SEARCH
    mean = 0.0
    for k in range(first, last + 1):
        mean += lane.wide[k & (RING - 1)]
    mean /= max(1, last - first + 1)
    best = first
    height = 0.0
    for k in range(first, last + 1):
        value = lane.wide[k & (RING - 1)] - mean
        if abs(value) > abs(height):
            best = k
            height = value
    return best, height


@njit
def scan(device, lanes, k):
    """Let the detector see engine sample ``k``.

    Returns:
        The envelope peak of a beat that is decided now, or -1. At most one falls per sample.
    """
    height = fused(device, lanes, k)
    if height > device.candidate_height:
        device.candidate_height = height
        device.candidate = k
    elif device.candidate != NO_PEAK and (
        height < FALL * device.candidate_height or k - device.candidate >= FALL_TIME
    ):
        _complete(device)
        # The next peak must rise from here.
        device.candidate_height = height
        device.candidate = NO_PEAK
    elif device.candidate == NO_PEAK:
        device.candidate_height = height

    if device.pending != NO_PEAK and k - device.pending >= BLANK:
        peak = device.pending
        level = device.pending_height
        device.pending = NO_PEAK
        if _is_beat(device, lanes, peak, level):
            return _accept(device, lanes, peak, level)
    if _search_back_due(device, lanes, k):
        return _accept(device, lanes, device.missed, device.missed_height)
    return NO_PEAK


@njit
def _complete(device):
    """A peak is complete: keep it, unless a higher one waits within the blanking time."""
    peak = device.candidate
    height = device.candidate_height
    if device.last_peak != NO_PEAK and peak - device.last_peak < BLANK:
        return
    if device.pending == NO_PEAK or height > device.pending_height:
        device.pending = peak
        device.pending_height = height


@njit
def _is_beat(device, lanes, peak, height):
    """Apply the rules to a complete peak; one that is none counts as noise."""
    threshold = _threshold(device, lanes)
    since = peak - device.last_peak if device.last_peak != NO_PEAK else 10 * T_WAVE
    t_wave = since < T_WAVE and height < T_WAVE_RATIO * device.last_height
    if height > threshold and not t_wave:
        return True
    _remember_noise(lanes, peak)
    if not t_wave and height > device.missed_height:
        device.missed = peak
        device.missed_height = height
    return False


@njit
def _search_back_due(device, lanes, k):
    if device.missed == NO_PEAK or device.mean_rr <= 0.0 or device.pending != NO_PEAK:
        return False
    return (
        k - device.last_peak > SEARCH_BACK_RR * device.mean_rr + BLANK
        and device.missed_height > SEARCH_BACK_RATIO * _threshold(device, lanes)
    )


@njit
def _accept(device, lanes, peak, height):
    if device.last_peak != NO_PEAK and device.stretch_beats > 0:
        rr = float(peak - device.last_peak)
        if device.mean_rr <= 0.0:
            device.mean_rr = rr
        else:
            device.mean_rr += (rr - device.mean_rr) / RR_MEMORY
    device.last_peak = peak
    device.last_height = height
    device.missed = NO_PEAK
    device.missed_height = 0.0
    _remember_qrs(lanes, peak)
    return peak


@njit
def relearn_due(device, k):
    """Whether beats have stayed away for so long that the levels must be wrong."""
    since = device.last_peak if device.last_peak > device.start else device.start
    return k - since >= RELEARN and (k - since) % int(FS) == 0


@njit
def forget_stretch(device):
    """A new unbroken stretch begins: what was pending is void, the levels are kept."""
    device.candidate = NO_PEAK
    device.candidate_height = 0.0
    device.pending = NO_PEAK
    device.pending_height = 0.0
    device.missed = NO_PEAK
    device.missed_height = 0.0
    device.last_peak = NO_PEAK
    device.last_height = 0.0
    device.stretch_beats = 0


@njit
def remember_beat(device, r_peak):
    """Store an R peak; return the RR interval before it in s, nan if there is none."""
    rr = float("nan")
    if device.stretch_beats > 0:
        rr = (r_peak - device.beats[(device.n_beats - 1) % BEATS]) / FS
    device.beats[device.n_beats % BEATS] = r_peak
    device.n_beats += 1
    device.stretch_beats += 1
    return rr
