"""Alerts: what staff see and hear of alarm conditions, and how they handle them.

The detector finds alarm *conditions* (`ecg_monitor.types.Alarm`). An *alert* is one occurrence of
a condition, with the signals that it gives and what staff did about it. Vocabulary after the
alert model of ISO/IEEE 11073-10207 (BICEPS): the presence of an alert signal is Off, On, Latch or
Ack, its activation On, Off or Paused. Behaviour after IEC 60601-1-8 (alarm systems), above all
clause 6.8 (inactivation of alarm signals) and 6.9 (latching).

Two writers, no conflict
    The detector writes *facts* (raised, priority, values, cleared) to the hash ``alerts`` and
    nobody else does. Staff and the overseer write *acts* (acknowledgement, pause, escalation,
    reminder) to the hash ``acts`` and the detector does not, save for removing those of alerts
    that it removes. Every write also appends an entry to the audit trail ``alertlog``, in the same
    atomic call. Facts and acts only ever grow: a cleared alert stays cleared, priority only rises,
    an acknowledgement names the alert and the priority that it covers. So the state is the *join*
    of facts and acts; entries may be merged twice or in any order, and neither writer can undo
    what the other has written. An alternative, one record per alert that both rewrite after
    checking its version, would make the detector's commit wait for people.

Nothing depends on comparing clocks of two machines: whether an alert is new to an acknowledgement
or a pause is told by its identity and priority, not by time.

=============  ====================================================================
module         content
=============  ====================================================================
``model``      facts and acts, how they are joined, their JSON
``machine``    presence of an alert: the table of transitions
``trail``      entries of the audit trail
``board``      facts and acts of one partition; fold of the trail
``book``       from alarm events to facts (used by the detector)
``policy``     delays, latching, reminders, escalation; read from TOML
``signals``    what is seen and heard at a time: delays, chains, pause
``overseer``   what falls due with time: escalation, reminders
``actions``    what staff do, as atomic operations on Redis; reading of the state
``scripts``    their Lua
``desk``       the same over all partitions: what a dashboard calls
``query``      which alerts are asked for; table and CSV
``evidence``   the strip and the numbers behind an alert
``fhir``       FHIR R4 resources of an alert
``fhir_r5``    the same in release 5
``messages``   what MQTT subscribers and webhooks are told
``follow``     reading of the trail with a cursor: delivery at least once
``publish``    MQTT, and the overseer's loop
``webhook``    HTTP posts
``service``    the process that delivers
=============  ====================================================================
"""
