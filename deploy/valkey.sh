#!/bin/sh
# Starts Valkey; its password comes from a secret, and shows in no process list.
set -eu
umask 077
written=$(mktemp)  # nobody else may read it: it holds the password
{
    cat /etc/valkey/valkey.conf
    printf 'maxmemory %s\n' "${REDIS_MEMORY:-2gb}"
    printf 'requirepass %s\n' "$(cat /run/secrets/redis_password)"
} > "$written"
exec valkey-server "$written"
