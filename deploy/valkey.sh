#!/bin/sh
# Starts Valkey; its password comes from a secret, and shows in no process list.
set -eu
umask 077
{
    cat /etc/valkey/valkey.conf
    printf 'maxmemory %s\n' "${REDIS_MEMORY:-2gb}"
    printf 'requirepass %s\n' "$(cat /run/secrets/redis_password)"
} > /tmp/valkey.conf
exec valkey-server /tmp/valkey.conf
