"""Alarm limits: what they are, what values they may have, where they come from.

========== =======================================================================
module     content
========== =======================================================================
``model``  the limits of one patient, and the defaults by category (``limits.toml``)
``check``  which values are allowed
``file``   a TOML file of the user's over the defaults
========== =======================================================================

The detector's rules hold signals against them; the kernel has them so that staff can change them
(`ecg_monitor.ward.patients`) under the same checks as a file.
"""
