"""Devices: which are known, since when and until when they have sent, and how they are forgotten.

Ingest writes the roster, a hash per partition, and lets in what is on it: whatever else publishes
is a newcomer (`ingest.admission`). The detector takes off it who is gone, with all that is kept of
the device, in one fenced commit (`detector.runner.endings.departures`); by itself, or as somebody
has asked for it, which the audit trail of patients then tells.

===========  ============================================================
module       content
===========  ============================================================
``roster``   entries of the roster, and when a device is gone
``desk``     lists the devices, and asks for one to be removed
``told``     what a device tells of itself: maker, firmware, battery
``form``     what its packets look like, which ingest notes while they come
``refusal``  its last packet that was refused, likewise
``survey``   all of this of all devices, those that were never let in among them
===========  ============================================================
"""
