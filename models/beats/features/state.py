"""Running state of one lead of one device: its layout and the constants that it is built on."""

from __future__ import annotations

import numpy as np

FS = 250.0
"""Sampling rate of the models' input, Hz."""
PRE = 128
"""Samples of the window before the R peak (0.512 s)."""
WINDOW = 320
"""Samples of the window (1.28 s); it ends 0.764 s after the R peak."""
NEXT_LIMIT = 275
"""The next R peak is used only if it comes within this many samples (1.1 s)."""
RRS = 64
"""RR intervals kept; 60 of them make the irregularity."""
IRREGULAR = 60
BUCKETS = 30
"""The five-minute mean is kept in buckets of `BUCKET` samples (10 s) on the device's own clock."""
BUCKET = 2500
SHAPE = 125
"""Samples of a kept shape: 125 Hz, from 0.4 s before to 0.6 s after the R peak."""
SHAPE_PRE = 50
CLUSTERS = 6
"""Most shapes that are kept apart at a time."""
SAME_SHAPE = 0.92
"""Correlation from which two beats have the same shape."""
FADE = 0.99
"""Weight that a beat keeps in the shares of shapes when the next one comes: 100 beats of memory."""
SLOWEST = 0.04
"""Least weight of a new beat in a running shape: 25 beats of memory."""
ALIGN, ALIGN_MOST = 30, 15
"""Reach of the search for the middle of the QRS complex, and how far shapes are moved for it."""
LATE = 0.97
"""A beat is late when it comes no earlier than this part of the five-minute mean RR interval."""
LATE_ALIKE = 0.8
"""Correlation of the QRS complex with the prevailing one below which a beat is not taken as late:
ventricular escapes come late too."""
LATE_SLOWEST = 0.06
"""Least weight of a late beat in the running shape: 16 beats of memory, as they may be rare."""
EARLY = 0.9
"""A beat is early when it comes before this part of the mean of the last ten RR intervals."""

QRS_A, QRS_B = SHAPE_PRE - 13, SHAPE_PRE + 14
"""The part of a shape that holds the QRS complex: about 0.1 s either side."""
P_A, P_B = SHAPE_PRE - 30, SHAPE_PRE - 7
"""The part of a shape that holds the P wave: 240 to 56 ms before the R peak."""

CONTEXT = np.dtype(
    [
        ("rr", "f8", (RRS,)),  # ring of RR intervals, s
        ("n_rr", "i8"),
        ("bucket", "i8", (BUCKETS,)),  # which ten seconds a bucket holds
        ("bucket_sum", "f8", (BUCKETS,)),  # of the RR intervals that ended in it, s
        ("bucket_n", "i8", (BUCKETS,)),
        ("n_beats", "i8"),
        ("shape", "f4", (CLUSTERS, SHAPE)),  # mean beat per cluster, mV
        ("count", "f8", (CLUSTERS,)),  # fading number of beats; 0: free
        ("regular", "f8", (CLUSTERS,)),  # fading number of beats that were not early
        ("log_rr", "f8", (CLUSTERS,)),  # running mean of log(RR / five-minute mean)
        ("log_next", "f8", (CLUSTERS,)),
        ("width", "f8", (CLUSTERS,)),  # running mean of the QRS spread, s
        ("normal", "f4", (SHAPE,)),  # mean of the regular beats of the prevailing shape, mV
        ("n_normal", "i8"),
        ("p_match", "f8"),  # running mean of how well P waves of regular beats agree
        ("late", "f4", (SHAPE,)),  # mean of the late beats, mV
        ("n_late", "i8"),
        ("late_match", "f8"),  # running mean of how well their P waves agree with it
        ("late_rest", "f8"),  # running mean of the energy in which they differ, mV^2
        ("peak", "f8"),  # running mean of peak-to-peak QRS, mV
        ("last", "f4", (SHAPE,)),  # the beat before, mV
        ("last_own", "i8"),  # its cluster
        ("last_match", "f8"),  # its correlation with `normal`
        ("last_width", "f8"),  # its log ratio of QRS spread
    ],
    align=True,
)
"""State of one lead of one device."""
