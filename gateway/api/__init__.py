"""The HTTP API: what a ward knows, what staff do, and analyses of uploads, for other programs.

``doors`` lets in by token, ``errors`` gives every refusal one form, ``routes/`` answers. What is
done about alarms goes through the same code of `ecg_monitor.ward` as the pages. docs/HTTP.md is the
manual.
"""
