"""People: accounts, sessions, and the trail of who signed in and who changed what.

``passwords``, ``model``, ``book`` and ``trail`` are pure; ``attempts``, ``people`` and ``entrance``
work on Redis (`ecg_monitor.core.keys` lists the keys). Every change is one Lua call that writes its
entry of the audit trail with it: nothing happens unrecorded, and nothing is recorded that did not
happen.

A session is a random token in a signed cookie. Redis knows only the token's SHA-256, so that
whoever reads Redis (or a backup of it) cannot act as somebody else. Each process keeps a copy of
the sessions (`book.Book`), at most `book.REFRESH_S` old: it is what a revocation takes to reach
everybody, and what people keep working with while Redis is away.
"""
