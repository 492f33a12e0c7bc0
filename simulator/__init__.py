"""Replays recordings and synthetic patients over MQTT exactly as devices would."""
