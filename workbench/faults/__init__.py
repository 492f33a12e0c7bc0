"""Does harm to a running system, by a seeded plan, and counts what it has cost.

=============  ================================================================
``harm``       what is done to whom
``system``     the system under harm: `ecg-monitor run` with patients of its own
``account``    what was lost or doubled, found from what is kept
``command``    ``python -m workbench.faults.command``, `make faults`
``published``  what devices have handed over, packet by packet
``readback``   that held against the archive, and against what exports give back
``recorder``   a recorder that is killed and started again, and when
``recorded``   ``python -m workbench.faults.recorded``, `make faults-recorded`
=============  ================================================================
"""
