"""Networks of twelve leads beside baselines, on the recordings that none of them has seen."""
