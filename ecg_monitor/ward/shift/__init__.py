"""What a shift hands over to the next: a care unit's interval, patient by patient.

================  ==================================================================
module            content
================  ==================================================================
``interval``      which interval may be asked for
``stretches``     who was there, at which beds, and when: the past follows a patient
``alarms``        what was raised, how long it lasted, who saw it when, and why it came
``heart``         rates, beats, rhythm and ST, and how much of the time was monitored
``record``        standbys, notes and changes of limits, from the audit trails
``report``        all of it: of a patient, and of the unit
``reading``       reads what the report is made of
================  ==================================================================

All but ``reading`` is pure. What was not monitored, or is no longer kept, is said.
"""
