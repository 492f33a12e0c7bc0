"""Checkpoints: state that outlives a process, saved and restored by the fields of its classes.

A class whose state goes into a checkpoint is a dataclass that declares each of its fields. Every
field is saved, in a form that MessagePack takes, unless its annotation says why it is not::

    @dataclass(slots=True)
    class Pattern:
        kind: Configuration[str]  # given by whoever makes the object
        same: int = 0             # saved
        length: Derived[int] = 0  # made anew from what is saved, or empty between two calls

A field of a type that cannot be saved is refused when the class is first looked at, so a field is
never left out by oversight. The version of a checkpoint is a hash of the names and types of all
fields in it: state of other fields is refused with `CheckpointError`, never misread.

=========== ======================================================================
module      content
=========== ======================================================================
``fields``  what a field's annotation may say, and how such values are saved
``codec``   `pack` and `unpack` of whole objects, their version, their parts
``records`` state that lies in arrays of records: bytes under a hash of their layout
=========== ======================================================================
"""
