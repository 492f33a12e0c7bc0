#!/usr/bin/env bash
# Runs the fast part of the tests on the newest Python of this machine, beside the one in use.
#   .ci/newest.sh           finds it, makes .venv-newest and runs
#   .ci/newest.sh --which   prints its path, or nothing where none is newer than the one in use
set -euo pipefail
cd "$(dirname "$0")/.."

# Prints the newest CPython from 3.12 on: on PATH (pyenv's stand-ins included), or of pyenv itself.
find_newest() {
  local minor candidate
  for minor in 14 13 12; do
    for candidate in "$(command -v python3.$minor || true)" \
      "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.$minor.*/bin/python3.$minor; do
      # A stand-in of pyenv may be on PATH and refuse to run.
      if [ -x "$candidate" ] && "$candidate" -c "import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, $minor))" 2> /dev/null; then
        echo "$candidate"
        return
      fi
    done
  done
}

newest=$(find_newest)
if [ "${1:-}" = --which ]; then
  echo "$newest"
  exit
fi
if [ -z "$newest" ]; then
  echo "NOT TESTED on a newer Python: none from 3.12 on was found (python3.14, 3.13, 3.12; pyenv)" >&2
  exit
fi
echo "ecg-monitor: the fast tests once more, on $("$newest" --version)"
venv=.venv-newest
test -x $venv/bin/python && $venv/bin/python -c '' 2> /dev/null || "$newest" -m venv --clear $venv
# What constraints.txt pins may have no wheel for it: then the versions are the newest that fit.
$venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]' \
  || $venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
export PYTHONDONTWRITEBYTECODE=  # as in Makefile: each worker would compile all modules
$venv/bin/python -m pytest -q -n auto --dist loadfile -m "not serial and not browser" \
  tests/ecg_monitor/core tests/ecg_monitor/ward/accounts tests/ecg_monitor/ward/limits \
  tests/ecg_monitor/ward/trends tests/models/scoring tests/dashboard/hub
