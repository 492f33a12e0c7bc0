"""Networks: their inputs, live code and training; EC57 scoring. Never imports the detector."""
