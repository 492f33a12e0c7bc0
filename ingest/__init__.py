"""Takes packets from MQTT, validates them and appends them to the partition streams in Redis.

Stateless: any number of processes may share the work, and each may be killed at any time.

=============  ========================================================
``judge``      what one MQTT message is: packet, device news or refusal
``writer``     one batch of judgements into Redis
``receipts``   tells devices what is stored
``figures``    counts and latencies for the system page
``link``       the state of the connection to the broker
``service``    the loop: receive, judge, write, acknowledge
``command``    ``ecg-monitor ingest``
=============  ========================================================
"""
