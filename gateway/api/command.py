"""Serve the HTTP API: beds, alarms, the past, scores, analyses of uploads (docs/HTTP.md).

Every request but GET /health needs a token. It listens on ECG_API_HOST and ECG_API_PORT, which are
of this machine alone unless set; put a proxy with TLS in front before others reach it. The OpenAPI
description is at /openapi.json. What is uploaded is analysed by `ecg-monitor work`.

Examples:
  ecg-monitor tokens add mine --scopes read,score      make a token
  ecg-monitor api                                      serve on 127.0.0.1:8060
  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8060/v1/beds
"""

from __future__ import annotations

import argparse

from ecg_monitor.core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor api``: there are none, settings say it all."""
    parser.set_defaults(command="api")


def main(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - all commands alike
    """Serve until SIGTERM or Ctrl-C; returns the exit status.

    Raises:
        ServiceError: the port cannot be bound, or Redis cannot be reached.
        SettingsError: a setting is missing or wrong.
    """
    from gateway.api.serve import serve  # noqa: PLC0415 - `--help` must not load it

    serve(settings)
    return 0
