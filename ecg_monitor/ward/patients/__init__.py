"""Patients: who is monitored by which device, under which alarm limits, and who changed that.

A *stay* begins with an admission to a device and ends with the discharge; a transfer moves it to
another device. While a patient is admitted, the limits of the stay's category and those set for
the patient hold. A device without a patient is monitored under limits of its own: those that the
configuration file gives it, and what staff have set for it since. They are of whoever wears the
electrodes now, whom nobody knows, so an admission ends them, as a discharge ends those of the stay:
nobody is monitored by what was meant for somebody else.

One writer at a time, and no silent loss
    Every change names the version of the bed's state that its author has looked at, and is one
    Lua call that compares it, writes the new state and appends to the audit trail, or does
    nothing. Who comes second is told who was first. Notes only ever grow and need no version.

    Versions are numbers of one counter per partition, which is never reset: a number is never
    used twice, so a page that was opened during a former stay cannot change the next one, and a
    detector that remembers the counter need not read more to know that nothing has changed.

The audit trail is enough
    Each entry holds the fields that it changed, with what they were and what they are. Applied
    one after another they give the state (`trail.replay`).

A transfer crosses partitions, which no single call can
    First the source is marked as leaving, which stops other changes of it; then the target is
    written; then the source is emptied. Whoever finds a bed that is leaving (the delivery process
    looks every few seconds) finishes what its author could not, or, if the target has been taken,
    undoes it. All entries carry the same transfer number.

Alerts about the heart end with the stay that they belong to
    The detector reads the end of a stay as it reads limits, forgets what it has learnt of the
    heart, and ends the stay's alerts, by whoever discharged or transferred the patient
    (`detector.runner.partition`). What holds all the same is found anew a few seconds later, as an
    alert of its own: of whoever wears the electrodes now. Alerts of the device and its electrodes
    go on. A patient is not transferred while an alert of high priority has not been acknowledged:
    nobody at the other bed would know of it. What was raised while nobody was admitted stays: it
    may be of the patient who is admitted a little later.

============  ====================================================================
module        content
============  ====================================================================
``model``     admission, state of a bed, notes; their JSON and their fields
``trail``     entries of the audit trail, and their replay
``labels``    what beds are called
``actions``   the atomic operations on Redis, and reading
``transfer``  from one device to another
``desk``      the same over all partitions: what a page or a command calls
``command``   ``ecg-monitor patients``
============  ====================================================================
"""
