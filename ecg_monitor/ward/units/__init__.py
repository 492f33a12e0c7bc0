"""Care units ("ICU 1", "ward 3B"): which beds belong together, and who may see them.

A bed belongs to one unit or to none. A person who has been given units sees the beds of those, and
a display on a wall those of the units that it was started for. Two rules keep hearts watched:

* whoever has been given no unit sees every bed, as everybody did before there were units;
* a bed of no unit is seen by everybody: a new device is watched by all until it is somebody's.

So nothing changes for whom by a unit that is added, and nobody comes to see more, or a bed to be
seen by nobody, by one that is removed: a unit that has beds or people is not removed.

`sight.Sight.sees` is the one answer to "may this session see that device"; pages, the hub and the
HTTP API ask it alike. What each process goes by is a copy at most as old as that of the sessions.

============  ====================================================================
module        content
============  ====================================================================
``model``     a unit, the unit of a bed, the units of a person; their JSON; names. Pure
``sight``     who sees which beds. Pure
``reading``   one process's copy
``desk``      the changes, each one Lua call with its entry of the audit trail
============  ====================================================================
"""
