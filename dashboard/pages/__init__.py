"""Pages of the dashboard: each module has a function ``layout`` that returns a Dash component.

What moves (traces, numbers, alarms) is drawn by the modules under ``assets`` into an empty element
that Dash renders once and never touches again: ``view`` makes it, and its name tells ``main.js``
which module to load.
"""
