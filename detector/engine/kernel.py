"""The engine's inner loop: chunks of samples of many devices in, event rows out."""

from __future__ import annotations

import math

import numpy as np

from detector.engine import filters, intake, scale, trust
from detector.engine.mains import without_hum
from detector.engine.qrs import detect as qrs
from detector.engine.ready import LENGTH, emit, hand_out, hand_out_second
from detector.engine.resample import FS, HISTORY, first_output, interpolate
from detector.engine.state import (
    BEATS,
    BLOCKS,
    FLAT,
    FLAT_S,
    GOOD,
    LEADOFF,
    PEAK,
    POOR,
    QUALITY_STEP,
    RAW,
    RING,
    SMOOTH,
    TICK,
)
from ecg_monitor.core.compiled import lent, njit

TICK_EVERY = LENGTH // 2
FLUSH = LENGTH * 6 // 10
"""Engine samples by which an ending stretch is prolonged, so that its last beats are decided."""
FLAT_MV = 0.02
"""A second whose samples stay within this range counts as flat: 4 steps of MIT-BIH's converter,
and far below the smallest QRS complex to be detected (0.15 mV)."""
RATE_WINDOW = 6.0
"""Heart rate is the mean over the RR intervals that ended in this many seconds, s."""
RATE_INTERVALS = 4
"""Least number of RR intervals of the mean heart rate, where `RATE_WINDOW` holds fewer: EC13 wants
a step shown within 10 s. It is even: in bigeminy a short interval goes with a long one."""
ASYSTOLE_RATE_S = 10.0
"""Time without a beat after which the heart rate is 0, s."""
NOT_A_NUMBER = float("nan")

_HIGH = filters.HIGH
_HIGH_REST = filters.HIGH_REST
_BAND = filters.BAND
_BAND_REST = filters.BAND_REST


@njit
def start_stretch(device, lanes, n, first):
    """Begin an unbroken stretch at input sample ``n``.

    ``first`` holds the first sample of each lane in mV; it counts as having lasted for ever.
    """
    device.k = first_output(n, device.fs)
    device.start = device.k
    device.scanned = device.k
    device.attached = device.k
    device.newest = n - 1
    device.pulse_end = n
    intake.start(device, lanes)
    qrs.forget_stretch(device)
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        value = first[i]
        lane.history[:] = value
        lane.hum_last = value
        lane.newest = value
        lane.held = n
        lane.steep = n - 1
        lane.jumped = device.k - trust.JUMP
        lane.said = device.k
        for j in range(2):
            lane.high[j] = _HIGH_REST[0, j] * value
            lane.band[j] = _BAND_REST[0, j] * value
        lane.band_last[:] = 0.0
        lane.window[:] = 0.0
        lane.window_sum = 0.0
        lane.raw[:] = 0.0
        lane.wide[:] = 0.0
        lane.envelope[:] = 0.0
        lane.block_max[:] = 0.0
        lane.loudest = 0.0
        lane.low = value
        lane.top = value
        lane.flat_s = 0


@njit
def _section(sos, state, x):
    """Make one step of a second-order section, transposed direct form II."""
    y = sos[0] * x + state[0]
    state[0] = sos[1] * x - sos[4] * y + state[1]
    state[1] = sos[2] * x - sos[5] * y
    return y


@njit
def filter_sample(lane, k, x):
    """Take engine sample ``k`` of a lane into its rings."""
    came = x
    x = without_hum(lane, k, came)
    lane.raw[k & (RAW - 1)] = x
    lane.wide[k & (RING - 1)] = _section(_HIGH[0], lane.high, x)
    band = _section(_BAND[0], lane.band, x)
    slope = abs(band - lane.band_last[k & 1])  # against two samples ago
    lane.band_last[k & 1] = band
    place = k % SMOOTH
    lane.window_sum += slope - lane.window[place]
    lane.window[place] = slope
    envelope = lane.window_sum / SMOOTH
    lane.envelope[k & (RING - 1)] = envelope
    block = (k // LENGTH) % BLOCKS
    if k % LENGTH == 0:
        lane.block_max[block] = 0.0
        lane.loudest = lane.block_max.max()
        lane.flat_s = lane.flat_s + 1 if lane.top - lane.low < FLAT_MV else 0
        lane.low = came
        lane.top = came
    lane.block_max[block] = max(lane.block_max[block], envelope)
    lane.loudest = max(lane.loudest, envelope)
    lane.low = min(lane.low, came)
    lane.top = max(lane.top, came)


@njit
def heart_rate(device, k):
    """Return the heart rate at engine sample ``k`` in bpm; 0 in asystole, nan when unknown."""
    if device.stretch_beats == 0:
        silent = k - max(device.start, device.attached) - intake.unseen(device)
        return 0.0 if silent >= ASYSTOLE_RATE_S * FS else NOT_A_NUMBER
    newest = device.beats[(device.n_beats - 1) % BEATS]
    since = k - newest - intake.unseen(device)
    if since >= ASYSTOLE_RATE_S * FS:
        return 0.0
    intervals = 0
    longest = 0
    total = 0
    for i in range(min(device.stretch_beats - 1, BEATS - 1)):
        place = (device.n_beats - 1 - i) % BEATS
        end, before = device.beats[place], device.before[place]
        enough = intervals >= RATE_INTERVALS and intervals % 2 == 0
        if enough and k - end > RATE_WINDOW * FS:
            break
        if before >= 0:  # else a hole between them may hide a beat
            longest = max(longest, end - before)
            total += end - before
            intervals += 1
    if not intervals:
        return NOT_A_NUMBER
    mean = total / intervals
    # A beat that is overdue lowers the rate at once, not only when it comes.
    overdue = since - qrs.LOOK - qrs.LAG
    return 60.0 * FS / (float(overdue) if overdue > longest else mean)


@njit
def _quality(device, lanes):
    best = LEADOFF
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        if lane.gone >= intake.LONG:
            continue
        if lane.flat_s >= FLAT_S:
            state = FLAT
        elif device.learned and lane.noise_level > 0.6 * lane.signal_level:
            state = POOR
        else:
            state = GOOD
        best = min(best, state)
    return best


@njit
def _tick(device, lanes, slot, k, rows, count):
    quality = _quality(device, lanes)
    if quality == LEADOFF:  # no interval is measured across it, and no silence counted
        qrs.forget_stretch(device)
        device.attached = k
        device.dark_before = device.dark_n
    last = max(device.start, device.attached)
    if device.stretch_beats > 0:
        last = device.beats[(device.n_beats - 1) % BEATS]
    since = (k - last - intake.unseen(device)) / FS
    code = float(quality + QUALITY_STEP * intake.dark_between(device, k - LENGTH + 1, k))
    return emit(rows, count, TICK, slot, k, k, heart_rate(device, k), since, code)


@njit
def _scan(device, lanes, slot, end, rows, count):
    """Let the QRS detector see all engine samples that are ready."""
    now = device.k - 1
    if not device.learned:
        if now - device.start + 1 < qrs.LEARN:
            return count
        device.learned = 1
        for i in range(lanes.shape[0]):
            qrs.learn(lanes[i])
    while device.scanned <= now:
        k = device.scanned
        device.scanned += 1
        if qrs.relearn_due(device, k):
            for i in range(lanes.shape[0]):
                qrs.learn(lanes[i])
        peak = qrs.scan(device, lanes, k)
        if peak == qrs.NO_PEAK:
            continue
        after = device.start - 1
        if device.stretch_beats > 0:
            after = max(after, device.beats[(device.n_beats - 1) % BEATS] + qrs.BLANK // 2)
        lane = lanes[intake.whole_lane(device, lanes, qrs.locating_lane(device, lanes), peak)]
        r_peak, amplitude = qrs.locate(lane, peak, after)
        # Else it lies in the prolongation of a stretch that has ended, or is its edge.
        if r_peak < end and peak - qrs.LAG < end:
            rr = qrs.remember_beat(device, r_peak)
            count = emit(rows, count, PEAK, slot, r_peak, now, rr, amplitude, 0.0)
    return count


@njit
def _flush(device, lanes, slot, rows, count, windows, strips, filled):
    """Decide the last beats of a stretch that has ended, as if its last samples went on."""
    end = device.k
    if end == device.start:
        return count
    if not device.learned:  # shorter than the learning time: learn from what there is
        device.learned = 1
        for i in range(lanes.shape[0]):
            qrs.learn(lanes[i])
    kept = np.empty((lanes.shape[0], RAW), np.float32)  # the prolongation is no signal to show
    for i in range(lanes.shape[0]):
        kept[i] = lanes[i].raw
    for _ in range(FLUSH):
        for i in range(lanes.shape[0]):
            lane = lanes[i]
            filter_sample(lane, device.k, lane.history[device.newest & (HISTORY - 1)])
        device.k += 1
        count = _scan(device, lanes, slot, end, rows, count)
    device.k = end
    for i in range(lanes.shape[0]):
        lanes[i].raw[:] = kept[i]
    return hand_out(device, lanes, slot, True, rows, count, windows, strips, filled)


@njit
def advance(
    devices, lanes, lane_of, chunks, values, pulses, tables, halves, rows, windows, strips, seconds
):
    """Take in chunks of samples, in order per device.

    Args:
        devices: state records, dtype DEVICE.
        lanes: state records, dtype LANE.
        lane_of: first lane and number of lanes of each device, shape (devices, 2).
        chunks: one row per chunk: slot, first index, samples, offset of its first sample in
            ``values`` (lanes one after another), lead-off mask, flags (1: starts a stretch,
            2: ends one; then it has no samples), table index, first pulse and number of pulses
            in ``pulses``. int64, shape (chunks, 9).
        values: samples of all chunks as ADC values, int16.
        pulses: indices of the pacemaker pulses of all chunks, int64.
        tables: resampling tables, float32, shape (rates, PHASES + 1, widest).
        halves: half width of each table.
        rows: output, dtype EVENT, long enough.
        windows: output, one window for each READY row, float32, shape (beats, WINDOW_LEADS,
            WINDOW), long enough.
        strips: output, one strip for each lead of each READY row, float32, shape (strips, STRIP),
            long enough; empty if they are not wanted.
        seconds: output, raw and baseline-free signal of each SECOND row, float32, shape (seconds,
            2, WINDOW_LEADS, 250), long enough; empty if they are not wanted.

    Returns:
        Number of rows written.
    """
    devices, lanes, values, tables = lent(devices), lent(lanes), lent(values), lent(tables)
    rows, windows, strips, seconds = lent(rows), lent(windows), lent(strips), lent(seconds)
    count = 0
    filled = np.zeros(3, np.int64)
    for c in range(chunks.shape[0]):
        slot, n0, length, offset = chunks[c, 0], chunks[c, 1], chunks[c, 2], chunks[c, 3]
        device = devices[slot]
        first_lane, n_lanes = lane_of[slot, 0], lane_of[slot, 1]
        mine = lanes[first_lane : first_lane + n_lanes]
        if chunks[c, 5] & 2:
            count = _flush(device, mine, slot, rows, count, windows, strips, filled)
            continue
        device.leadoff = chunks[c, 4]
        if chunks[c, 5] & 1:
            first = np.empty(n_lanes)
            for i in range(n_lanes):
                lane = mine[i]
                first[i] = 0.0
                if not (device.leadoff >> i) & 1:
                    first[i] = (values[offset + i * length] - lane.baseline) / lane.gain
            start_stretch(device, mine, n0, first)
        taps, half = tables[chunks[c, 6]], halves[chunks[c, 6]]
        pulse, last_pulse = chunks[c, 7], chunks[c, 7] + chunks[c, 8]
        for j in range(length):
            n = n0 + j
            if pulse < last_pulse and pulses[pulse] == n:
                device.pulse_end = n + math.ceil(intake.PULSE_S * device.fs)
                pulse += 1
            known = intake.take_in(device, mine, n, values, offset + j, length)
            while True:
                at = device.k * device.fs / FS
                whole = math.floor(at)
                if whole + half > known:
                    break
                for i in range(n_lanes):
                    lane = mine[i]
                    x = interpolate(lane.history, known, whole, at - whole, taps, half)
                    filter_sample(lane, device.k, x)
                    scale.keep(lane, device.k)
                intake.mark(device, mine, whole)
                device.k += 1
                count = _scan(device, mine, slot, device.k, rows, count)
                if device.n_ready < device.n_beats:
                    count = hand_out(
                        device, mine, slot, False, rows, count, windows, strips, filled
                    )
                if (device.k - 1) % LENGTH == 0:
                    scale.judge(device, mine, device.k - 1)
                    if len(seconds):
                        wrong, span = scale.told(mine, device.too_small)
                        count = hand_out_second(
                            *(device, mine, slot, device.k - 1, wrong, span),
                            *(rows, count, seconds, filled),
                        )
                if (device.k - 1) % TICK_EVERY == 0:
                    count = _tick(device, mine, slot, device.k - 1, rows, count)
    return count
