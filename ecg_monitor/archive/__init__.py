"""The archive: all that devices sent and what was found in it, on disk, for as long as is wanted.

``record`` (`ecg_monitor.archive.recorder`) reads the partition streams as pages do. What it has
read goes to a journal at once (`kept.journal`) and every few minutes into segments: WFDB records
that every tool of the field opens (`kept.files`, `kept.marks`). One transaction of the index
(`kept.index`) makes new segments known and moves the cursors, so that a crash at any moment loses
nothing that Redis or the journal still has. `ecg_monitor.archive.reading` is how others read.
"""
