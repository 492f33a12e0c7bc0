"""What reviewers do on the review page: each act is a POST to ``/recorded/review``.

The map names the ``device``, the span of its past as ``within`` (see `.reading`; without it the
present one), what is done as ``do``, and what that needs; times are Unix seconds:

``label``    ``{"times": [T, ...], "value": "V"}``  beats are called otherwise
``delete``   ``{"times": [T, ...]}``                beats are none
``insert``   ``{"time": T, "value": "V"}``          a beat was missed
``class``    ``{"from": T, "to": T, "was": "V", "value": "S"}``  all of a class in an interval
``verdict``  ``{"alarm": id, "value": "false", "text": "artefact"}``
``mark``     ``{"from": T, "to": T, "value": "(AFIB", "text": ""}``  a rhythm, or a note
``undo``     what the user did last
``redo``     what the user undid last

Clinicians may; the acts are kept beside the record (`ecg_monitor.archive.annotations`), which stays
as it is, and each is an entry of the audit trail.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.posting import Fields, PostRoutes, number_of, text_of
from dashboard.answers.recorded.reading import span_of
from ecg_monitor.core.errors import RequestError
from ecg_monitor.core.keys import DEVICE_ID, DEVICE_NAMES
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts.changes import add_entry
from ecg_monitor.ward.accounts.trail import Entry

if TYPE_CHECKING:
    from ecg_monitor.archive.annotations.acts import Act
    from ecg_monitor.archive.annotations.reviewer import Reviewer


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the address to a server that `dashboard.doors.guard` guards.

    Raises:
        SettingsError: an address is malformed.
    """

    async def act(client: Store, fields: Fields, user: str, address: str) -> Fields:
        return await _review(client, settings, fields, user, address)

    PostRoutes(server, settings, store).add("/recorded/review", act, "clinician")


async def _review(
    client: Store, settings: Settings, fields: Fields, user: str, address: str
) -> Fields:
    device = text_of(fields, "device")
    if not DEVICE_ID.fullmatch(device):
        raise RequestError(f"device names are {DEVICE_NAMES}")
    do = DOES.get(text_of(fields, "do"))
    if do is None:
        raise RequestError(f"do must be one of {', '.join(DOES)}")
    within = number_of(fields, "within") if "within" in fields else None
    since, until = await span_of(client, settings, device, within)

    def done() -> list[Act]:
        from ecg_monitor.archive.annotations.reviewer import Reviewer  # noqa: PLC0415

        return do(Reviewer(settings.archive_dir, device, since, until, user), fields)

    acts = await asyncio.to_thread(done)
    for act in acts:
        words = (f"{device}: {act.what}", act.value, f"of {act.before}" if act.before else "")
        detail = " ".join(word for word in (*words, f"(act {act.id})") if word)
        await add_entry(client, Entry("reviewed", user, user, time.time(), address, detail))
    return {"acts": [act.id for act in acts]}


DOES: Mapping[str, Callable[[Reviewer, Fields], list[Act]]] = {
    "label": lambda one, fields: one.label(_times(fields), text_of(fields, "value")),
    "delete": lambda one, fields: one.delete(_times(fields)),
    "insert": lambda one, fields: [one.insert(number_of(fields, "time"), text_of(fields, "value"))],
    "class": lambda one, fields: one.relabel_class(
        number_of(fields, "from"),
        number_of(fields, "to"),
        text_of(fields, "was"),
        text_of(fields, "value"),
    ),
    "verdict": lambda one, fields: [
        one.judge(text_of(fields, "alarm"), text_of(fields, "value"), text_of(fields, "text"))
    ],
    "mark": lambda one, fields: [
        one.mark(
            number_of(fields, "from"),
            number_of(fields, "to"),
            text_of(fields, "value"),
            text_of(fields, "text"),
        )
    ],
    "undo": lambda one, _: [one.undo()],
    "redo": lambda one, _: [one.redo()],
}
"""By the word of a request: what is done."""


def _times(fields: Fields) -> list[float]:
    """Return the times of beats: ``times``, or ms since ``from`` as ``after_ms`` (shorter)."""
    if "after_ms" in fields:
        first, values = number_of(fields, "from"), fields["after_ms"]
        scale = 1e-3
    else:
        first, values, scale = 0.0, fields.get("times"), 1.0
    if not isinstance(values, list) or not all(type(one) in (int, float) for one in values):
        raise RequestError("times must be a list of numbers")
    return [first + one * scale for one in values]
