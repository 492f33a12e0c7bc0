#!/bin/sh
# Starts mosquitto; the passwords of the system's own users come from secrets. Those of devices,
# added later, stay.
set -eu
umask 077
passwords=/mosquitto/data/passwords
[ -e "$passwords" ] || : > "$passwords"
for user in ecg-ingest ecg-deliver simulator; do
    mosquitto_passwd -b "$passwords" "$user" "$(cat "/run/secrets/mqtt_$user")"
done
# The one user that all parts shared before.
mosquitto_passwd -D "$passwords" ecg-monitor || true
exec mosquitto -c /mosquitto/config/mosquitto.conf
