"""The simulated device's own MQTT publisher."""
