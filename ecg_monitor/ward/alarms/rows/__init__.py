"""The rows of the catalogue, one module per table of ``docs/ALARMS.md``."""
