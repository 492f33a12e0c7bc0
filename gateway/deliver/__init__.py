"""The delivery process: escalates alerts and passes them on by MQTT and webhook."""
