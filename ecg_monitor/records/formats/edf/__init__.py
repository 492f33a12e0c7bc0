"""EDF, EDF+ and BDF, BDF+: the European data format and its form with 24 bits."""
