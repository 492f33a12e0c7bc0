"""How many alarms a bed has in a day: in a heart that needs none, and in intensive care."""
