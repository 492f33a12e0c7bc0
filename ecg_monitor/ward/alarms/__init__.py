"""The catalogue of alarm kinds: what each kind is, in one row.

============= ====================================================================
module        content
============= ====================================================================
``kind``      `AlarmKind`: the fields of a row, with what each of them decides
``rows``      the rows, one module per table of ``docs/ALARMS.md``
``catalogue`` every row by name, and what is derived from the rows
============= ====================================================================

A new kind is a row here and a rule in ``detector/rhythm`` that raises it. Alarm chains, hold times,
default priorities, evidence texts, the words of the pages and the tables of ``docs/ALARMS.md``
follow from the row.
"""
