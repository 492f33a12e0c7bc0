#!/bin/sh
# Starts mosquitto; the passwords of the system's own two users come from a secret. Those of
# devices, added later, stay.
set -eu
umask 077
passwords=/mosquitto/data/passwords
[ -e "$passwords" ] || : > "$passwords"
for user in ecg-monitor simulator; do
    mosquitto_passwd -b "$passwords" "$user" "$(cat /run/secrets/mqtt_password)"
done
exec mosquitto -c /mosquitto/config/mosquitto.conf
