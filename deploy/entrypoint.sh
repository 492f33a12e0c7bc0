#!/bin/sh
# Runs one ecg-monitor command in a container. Passwords come as files; addresses carry them.
set -eu
if [ -r /run/secrets/redis_password ]; then
    export ECG_REDIS_URL="redis://:$(cat /run/secrets/redis_password)@redis:6379/0"
fi
if [ -n "${MQTT_USER:-}" ]; then
    export ECG_MQTT_URL="mqtt://$MQTT_USER:$(cat "/run/secrets/mqtt_$MQTT_USER")@mqtt:1884"
fi
exec ecg-monitor "$@"
