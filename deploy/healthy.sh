#!/bin/sh
# Container check of one part; addresses are made as in entrypoint.sh.
set -eu
export ECG_REDIS_URL="redis://:$(cat /run/secrets/redis_password)@redis:6379/0"
exec python /opt/ecg-monitor/healthy.py "$1"
