"""Technical conditions of the system itself: analysis late, storage low, a part away.

They belong to no device, so they are no alerts: an alert is a fact that the detector commits with
the signal behind it, and a detector that is late, or gone, can commit nothing. The delivery process
looks instead, every second, and keeps what it finds in the hash ``ecg:system``, with the time since
when it holds; beginning and end go to the stream ``ecg:systemlog``. Should that process die, the
hash expires, and readers say that nobody watches. The hub shows the conditions to all pages,
`ecg-monitor alerts` in the terminal, and each beginning and end is told over MQTT (topic
``ecg/v1/system``, retained) and to the webhook, at least once. What is told does not come from
Redis: that Redis is full, away or takes no writes must be told too.

==============  ============================================================
module          content
==============  ============================================================
``conditions``  when a condition begins and ends
``changes``     the journal: what has begun and ended
``figures``     looks at Redis and at the disk, tries a write
``parts``       what the parts' own reports show
``watch``       looks every second, keeps what holds
``messages``    what MQTT subscribers and webhooks are told
``tell``        tells them, each channel as far as it has come
==============  ============================================================
"""
