"""MQTT: the one client, and addresses of brokers."""
