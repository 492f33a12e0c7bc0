"""Alerts: what staff see and hear of alarm conditions, and how they handle them.

The detector finds alarm *conditions* (`ecg_monitor.core.types.Alarm`). An *alert* is one occurrence
of a condition, with the signals that it gives and what staff did about it. Vocabulary after the
alert model of ISO/IEEE 11073-10207 (BICEPS): the presence of an alert signal is Off, On, Latch or
Ack, its activation On, Off or Paused. Behaviour after IEC 60601-1-8 (alarm systems), above all
clause 6.8 (inactivation of alarm signals) and 6.9 (latching).

Two writers, no conflict
    The detector writes *facts* (raised, priority, values, cleared) to the hash ``alerts`` and
    nobody else does. Staff and the overseer write *acts* (acknowledgement, pause, standby,
    escalation, reminder) to the hash ``acts`` and the detector does not, save for removing those of
    alerts that it removes. Every write also appends an entry to the audit trail ``alertlog``, in
    the same atomic call. Facts and acts only ever grow: a cleared alert stays cleared, priority
    only rises, an acknowledgement names the alert and the priority that it covers. So the state is
    the *join* of facts and acts; entries may be merged twice or in any order, and neither writer
    can undo what the other has written. An alternative, one record per alert that both rewrite
    after checking its version, would make the detector's commit wait for people.

Nothing depends on comparing clocks of two machines: whether an alert is new to an acknowledgement,
a pause or a standby is told by its identity and priority, not by time.

One thing to handle for what keeps coming back
    Each time a condition begins is an alert of its own, with its strip and its place on record. One
    that follows the last of its kind closely carries a count ("7 times in 12 min") and takes that
    one's signal over, if it is no weaker: staff see and acknowledge one. It sounds all the same,
    save that of low priority only the first is heard; escalation counts from the first that nobody
    has acknowledged.

An alert about the heart belongs to a stay, and ends with it
    The next patient of a bed must not be shown a stranger's arrest. When the detector reads that a
    stay has ended, it forgets what it has learnt of that heart, and ends its alerts, with an entry
    in the trail that says by whom (``left``). A condition that holds all the same is found anew.

Standby says that a bed is not watched, and always ends
    The patient is away: technical alerts are neither heard nor counted until usable signal is
    back or the time is up. It can make nothing about the heart quieter (``standby``), the time runs
    out without any process, and what was acknowledged before is news again when it is over.

===================  ==============================================================
module               content
===================  ==============================================================
``model``            facts and acts, how they are joined, their JSON
``machine``          presence of an alert: the table of transitions
``trail``            entries of the audit trail
``board``            facts and acts of one partition; fold of the trail
``book``             from alarm events to facts (used by the detector)
``policy``           delays, latching, reminders, escalation; read from TOML
``signals``          what is seen and heard at a time: delays, chains, pause
``standby``          a bed whose patient is away: the table of transitions, what ends it
``overseer``         what falls due with time: escalation, reminders
``actions``          what staff do, as atomic operations on Redis; reading of the state
``standby_actions``  the same for standby
``reasons``          why an alert came, as staff say after acknowledging it
``reason_actions``   the operation for that
``standby_watch``    whether the signal of a bed in standby has gone, or is back
``scripts``          their Lua
``desk``             the same over all partitions: what a dashboard calls
``query``            which alerts are asked for; table and CSV
``evidence``         the strip and the numbers behind an alert
``fhir``             FHIR R4 resources of an alert
``fhir_r5``          the same in release 5
``messages``         what MQTT subscribers and webhooks are told
``follow``           reading of the trail with a cursor: delivery at least once
``publish``          MQTT, and the overseer's loop
``poster``           HTTP posts, repeated until settled
``webhook``          changes of alerts to the webhook
``service``          the process that delivers
===================  ==============================================================
"""
