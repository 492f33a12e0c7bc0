"""Filters of the engine: designed here, run sample by sample in the kernel.

All are causal and short, since every ms of delay is a ms of alarm delay.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BASELINE_HZ = 0.5
"""Cut-off of the baseline filter: IEC 60601-2-27 asks for 0.67 Hz or lower in monitoring."""
QRS_BAND_HZ = (8.0, 20.0)
"""Band in Hz where QRS energy stands highest above T waves and muscle noise (Thakor 1984: 17 Hz, Q
5). Of eleven envelopes of the slope tried on DS1's first leads, this one's QRS peaks parted best
from all other peaks by one threshold per record: 224 errors; at 6 to 18 Hz and fourth order 362."""

# As `scipy.signal.butter` and `sosfilt_zi` give them, which a test holds them against: to import
# those takes longer than all else that the engine needs.
HIGH: npt.NDArray[np.float64] = np.array(
    [
        [
            0.991153595101663,
            -1.982307190203326,
            0.991153595101663,
            1.0,
            -1.9822289297925284,
            0.9823854506141251,
        ]
    ]
)
"""Second-order sections of the baseline filter (Butterworth), shape (1, 6)."""
BAND: npt.NDArray[np.float64] = np.array(
    [[0.13190673363545868, 0.0, -0.13190673363545868, 1.0, -1.6485249635679662, 0.7361865327290826]]
)
"""Second-order sections of the QRS filter (Butterworth, first order), shape (1, 6)."""
HIGH_REST: npt.NDArray[np.float64] = np.array([[-0.9911535951013929, 0.9911535951013977]])
"""State in which a constant input of 1 gives 0, so that a stream starts without a jump."""
BAND_REST: npt.NDArray[np.float64] = np.array([[-0.13190673363545882, -0.13190673363545857]])
"""The same of the QRS filter."""
