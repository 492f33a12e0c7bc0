"""The connection to the broker: MQTT 3.1.1 and 5, acknowledged after our own work."""
