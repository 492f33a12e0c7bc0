"""The two services that the system stands on, an MQTT broker and a Redis server.

`start_services` uses those that are configured and starts those that are missing.
"""

from ecg_monitor.launch.services.start import Service, Services, start_services

__all__ = ["Service", "Services", "start_services"]
