"""What reviewers say of a record, kept beside it: the record itself is never altered.

Each act (`acts.Act`) is a row of a journal that only grows (`book`). What holds is the record
with the acts laid over it (`folding`): one pure function, so that a record whose acts are all
undone is the record as it was. `reviewing` is how others read and write.
"""
