"""Names of the features of a beat, in the order of the columns."""

from __future__ import annotations

RR_FEATURES = (
    "log_rr",
    "log_next",
    "has_rr",
    "has_next",
    "log_rr_10",
    "log_next_10",
    "log_rr_last",
    "log_next_rr",
    "rr",
    "mean_rr",
    "log_mean_10",
    "log_rr_1",
    "log_rr_2",
    "log_rr_3",
    "log_pair",
    "log_rr_median_8",
    "log_rr_median_60",
    "change_mean",
    "change_median",
    "change_rms",
    "change_large",
    "change_2_median",
    "entropy",
    "spread",
    "rank",
    "early_60",
    "early_8",
    "very_early_60",
    "like_recent",
    "maturity",
    "log_rr_upper",
    "log_next_upper",
    "log_range",
)
P_FEATURES = (
    "p_height",
    "p_snr",
    "p_position",
    "p_curve",
)
P_MATCH_FEATURES = (
    "p_corr",
    "p_gain",
    "p_residual",
    "p_best",
    "p_lag",
    "p_normal_height",
    "p_stable",
)
QRS_FEATURES = (
    "spread_qrs",
    "width_15",
    "width_40",
    "frequency",
    "slope",
    "upward",
    "area",
    "t_signed",
    "t_height",
    "st_level",
    "pre_level",
    "noise",
    "drift",
)
SHAPE_FEATURES = (
    "log_peak",
    "log_width_normal",
    "qrs_corr",
    "qrs_lag",
    "beat_corr",
    "qrs_residual",
    "t_residual",
    "own_corr",
    "own_share",
    "own_regular",
    "own_log_rr",
    "own_log_next",
    "own_width",
    "own_is_normal",
    "last_corr",
    "last_same",
    "last_match",
    "last_width",
    "normal_width",
    "normal_share",
    "n_shapes",
    "peak_mv",
)
LATE_FEATURES = (
    "late_corr",
    "late_gain",
    "late_residual",
    "late_best",
    "late_lag",
    "late_height",
    "late_stable",
    "late_less",
    "late_excess",
)
HIDDEN_FEATURES = (
    "hidden_top",
    "hidden_rms",
)
FEATURES = (
    *(*RR_FEATURES, *P_FEATURES, *P_MATCH_FEATURES, *QRS_FEATURES, *SHAPE_FEATURES),
    *(*LATE_FEATURES, *HIDDEN_FEATURES),
)
"""Names of the columns that `kernel.describe` fills."""
N_FEATURES = len(FEATURES)
