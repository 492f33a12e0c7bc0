#!/bin/sh
# Makes the secrets of `docker compose up` that are not there yet: the key that signs sessions, the
# passwords of Redis and of each part at the broker, the token that may read /metrics, the key that signs posts to a webhook.
set -eu
folder="$(dirname "$0")/secrets"
mkdir -p "$folder"
# The folder keeps others out. The files must be readable, because compose mounts them as they
# are and the containers' users are none of this machine's.
chmod 700 "$folder"
echo '*' > "$folder/.gitignore"
for name in session redis_password mqtt_ecg-ingest mqtt_ecg-deliver mqtt_simulator metrics_token \
    webhook_secret; do
    if [ ! -s "$folder/$name" ]; then
        # Hexadecimal: passwords become part of addresses.
        od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$folder/$name"
        chmod 644 "$folder/$name"
    fi
done
echo "secrets are in $folder"
