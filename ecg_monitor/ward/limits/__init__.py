"""Alarm limits: what they are, what values they may have, where they come from.

============ =====================================================================
module       content
============ =====================================================================
``limit``    what is declared of a limit: defaults, range, unit, words, alarm kinds
``sections`` the limits themselves, each a field of its section
``model``    the limits of one patient, and the defaults by category
``check``    which values are allowed
``file``     a TOML file of the user's over the defaults
============ =====================================================================

``limits.toml`` shows the defaults as a file of the user's would have them. It is written by
``make reference`` and read by no process.

The detector's rules hold signals against them; the kernel has them so that staff can change them
(`ecg_monitor.ward.patients`) under the same checks as a file.
"""
