"""The page Analyze: a file is refused, a table is asked about, an example is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecg_monitor.core.settings import to_environ
from ecg_monitor.jobs.folders import JobFolders, owner_of
from gateway.jobs import task
from tests.support.sites import Site

TABLE = "time,ch1,ch2\n" + "".join(f"{i / 250:.3f},{i % 9},{i % 7}\n" for i in range(2000))


def test_files_are_sent_in_and_what_was_found_is_shown(
    page: Any, bare_site: Site, monkeypatch: pytest.MonkeyPatch,
    shut_out: Callable[[Any], list[str]],
) -> None:  # fmt: skip
    page.goto(f"{bare_site.url}/analyze")
    files = page.get_by_label("Files to analyze")
    files.set_input_files({"name": "r.exe", "mimeType": "x/y", "buffer": b"MZ"})
    page.get_by_role("alert").get_by_text("cannot be read").wait_for()
    page.get_by_role("button", name="OK", exact=True).click()
    files.set_input_files({"name": "two.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("ch2").uncheck()
    dialog.get_by_role("button", name="Analyze").click()
    page.get_by_text("waits: no worker is running").first.wait_for()
    page.get_by_role("button", name="Twelve leads").click()
    page.locator(".jobs li").nth(1).wait_for()
    for name, value in to_environ(bare_site.settings).items():
        monkeypatch.setenv(name, value)
    folders = JobFolders(bare_site.settings)
    jobs = folders.of(owner_of("local"))
    assert [dict(job.options).get("leads") for job in jobs] == [None, ["ch1"]]
    for job in jobs:
        found = folders.find(job.id, owner_of("local"))
        assert found is not None
        task.run(str(found.path))
    page.reload()  # whoever comes back finds what they sent in
    page.get_by_text("Findings: ").wait_for()
    assert "left bundle branch block" in page.get_by_text("Findings: ").inner_text()
    page.locator(".strips .strip .line").nth(11).wait_for()
    assert page.get_by_role("heading", name="Against the file's own annotations").is_visible()
    assert shut_out(page) == []
    page.get_by_role("button", name="Delete Twelve leads").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.locator(".jobs li").nth(1).wait_for(state="detached")
    assert len(folders.of(owner_of("local"))) == 1
