"""Explain why a beat was called what it was called, when somebody clicks it.

Takes questions from Redis, analyses the last five minutes of the device's kept signal once more up
to the beat, and answers with its RR context, the patient's normal beat, the class probabilities,
what the autoencoder expected, and which part of the signal the class hangs on. It answers one
question at a time, each in a second or two, and none of the live parts waits for it.

  ecg-monitor explain
"""

from __future__ import annotations

import argparse
import asyncio
import logging

from ecg_monitor.core.settings import Settings

log = logging.getLogger("explain")

RETRY_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""


def main(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - there are none
    """Answer until told to stop."""
    asyncio.run(_explain(settings))
    return 0


async def _explain(settings: Settings) -> None:
    from detector.analyzer.starting import compile_engine  # noqa: PLC0415
    from detector.explain.service import serve  # noqa: PLC0415 - `--help` must not load it
    from ecg_monitor.core import store  # noqa: PLC0415
    from ecg_monitor.core.stopping import run_until_stopped  # noqa: PLC0415

    async def keep_serving(client: store.Store) -> None:
        """Redis may go away and come back."""
        while True:
            try:
                await serve(client, settings)
            except store.StoreError as error:
                log.warning("Redis: %s; trying again", error)
                await asyncio.sleep(RETRY_S)

    async with store.answering(settings.require("redis_url")) as client:
        await compile_engine(client)
        await run_until_stopped(keep_serving(client))
