"""Rhythm rules: from labelled beats and seconds of signal to conditions and episodes. Pure.

Each module holds the rules of one kind with their published definitions; `detector.rhythm.alarms`
calls them, `conditions` turns what they say into alarm events.
"""
