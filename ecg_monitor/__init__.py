"""Shared kernel: types, wire format, key names, settings, errors, store, services, command line.

Imports none of the other packages; all of them may import this one.
"""

__version__ = "0.1.0"
