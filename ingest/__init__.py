"""Takes packets from MQTT, validates them and appends them to Redis. Stateless."""
