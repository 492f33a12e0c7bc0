"""Files that people send in on the page Analyze, and what is made of them.

A file comes in pieces (`intake`), waits in the queue of `ecg_monitor.jobs`, and is worked on by
`ecg-monitor work`; `answers` tells what has become of it. Whoever sends a file in is the only one
who sees it.
"""
