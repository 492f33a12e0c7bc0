"""Wave boundaries and what is measured between them: intervals, ST levels, P waves.

A beat of every lead comes from the engine as a strip (`detector.engine.state.STRIP`). `waves` finds
the boundaries on one strip, be it a single beat or an average; `average` keeps the averages;
`intervals` joins the leads; `stream` is what the analyzer talks to. `recording` has the waves of
every beat of a recording, which `series` judges by one another.
"""
