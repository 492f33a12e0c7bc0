#!/bin/sh
# Runs one ecg-monitor command in a container. Passwords come as files; addresses carry them.
set -eu
if [ -r /run/secrets/redis_password ]; then
    password=$(cat /run/secrets/redis_password)
    urls=
    for address in $(echo "${REDIS_ADDRESS:-redis:6379/0}" | tr ',' ' '); do urls="$urls,redis://:$password@$address"; done
    export ECG_REDIS_URL="${urls#,}"
fi
if [ -n "${MQTT_USER:-}" ]; then
    user="$MQTT_USER:$(cat "/run/secrets/mqtt_$MQTT_USER")"
    urls=
    for address in $(echo "${MQTT_ADDRESS:-mqtt:1884}" | tr ',' ' '); do urls="$urls,mqtt://$user@$address"; done
    export ECG_MQTT_URL="${urls#,}"
fi
# What was compiled with the image; a folder that is written to, since the compiler wants that. It is laid there as
# a whole or not at all: other containers of the image start at the same time. What images before it left goes.
for compiled in "${ECG_COMPILED:-/var/lib/ecg-monitor/compiled}"/*; do
    [ -d "$compiled" ] || continue
    name=${compiled##*/}
    kept="$ECG_CACHE/compiled"
    if [ ! -d "$kept/$name" ]; then
        mkdir -p "$kept"
        fresh=$(mktemp -d "$kept/.fresh-XXXXXX")
        cp -a "$compiled" "$fresh/$name"
        touch "$fresh/$name"
        mv -T "$fresh/$name" "$kept/$name" 2> /dev/null || true  # another was first
        rm -rf "$fresh"
        # Others clear up too, so a folder may be gone by the time it is looked at: no reason not to start.
        find "$kept" -ignore_readdir_race -mindepth 1 -maxdepth 1 ! -name "$name" -mtime +0 -exec rm -rf {} + ||
            echo "what former images left in $kept was not removed" >&2
    fi
    export NUMBA_CACHE_DIR="$kept/$name"
done
exec ecg-monitor "$@"
