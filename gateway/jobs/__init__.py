"""Workers: what is done with an upload, each job in a process of its own.

Folders and queue, which those that take files in share with the workers, are `ecg_monitor.jobs`.
"""
