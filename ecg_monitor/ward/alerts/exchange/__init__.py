"""Shapes in which alerts leave the system: FHIR and MQTT messages."""
