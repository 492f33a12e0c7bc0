"""A page's document names the scripts that it will load, under addresses that may be kept."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.web import files
from dashboard.web.pages import MISSING, PAGES, page_of
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward import access

SECRET = "secret of the tests"


@pytest.fixture
def client(
    redis_url: str, client_for: Callable[[Settings], Any], cookie_of: Callable[..., str]
) -> Any:
    settings = Settings(secret=SECRET, redis_url=redis_url)
    client = client_for(settings)
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings))
    return client


def import_map_of(page: str) -> dict[str, str]:
    found = re.search(r'<script type="importmap">(.*?)</script>', page)
    assert found is not None
    imports: dict[str, str] = json.loads(found[1])["imports"]
    return imports


def kept(client: Any, address: str) -> str:
    with client.get(address) as answer:
        assert answer.status_code == 200
        return str(answer.headers["Cache-Control"])


@pytest.mark.parametrize(
    ("path", "page"),
    [("/", "wall"), ("/bed/a", "bed"), ("/bed/a/patient", "patient"), ("/review/a.b", "review"),
     ("/review/", MISSING), ("/review/a/b", MISSING), ("/nowhere", MISSING)],
)  # fmt: skip
def test_an_address_belongs_to_a_page(path: str, page: str) -> None:
    assert page_of(path) == page


@pytest.mark.parametrize("view", sorted(PAGES))
def test_what_a_page_needs_is_all_that_its_scripts_name(view: str) -> None:
    """Followed by another eye: every string of a script that is the path of a module."""
    names = files.needed(view)
    assert names[:2] == ["main.js", files.views()[view]]
    named = set()
    for name in names:
        text = (files.ASSETS / name).read_text(encoding="utf-8")
        text = re.sub(r"import\([^)]*\)|/\*.*?\*/|^\s*//[^\n]*", "", text, flags=re.S | re.M)
        folder = (files.ASSETS / name).parent
        for path in re.findall(r'"(\.{1,2}/[\w/.]+\.js)"', text):
            named.add((folder / path).resolve().relative_to(files.ASSETS).as_posix())
    assert set(names) == named | {"main.js", files.views()[view]}


def test_the_document_names_what_its_page_needs(client: Any) -> None:
    page = client.get("/review/bed-1").text
    imports = import_map_of(page)
    preloaded = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    assert preloaded == [imports[f"/assets/{name}"] for name in files.needed("review")]
    assert page.index("importmap") < page.index("modulepreload") < page.index('type="module"')
    assert len(imports) == len(list(files.ASSETS.rglob("*.js")))


def test_the_policy_lets_the_import_map_in(client: Any) -> None:
    answer = client.get("/")
    found = re.search(r'<script type="importmap">(.*?)</script>', answer.text)
    assert found is not None
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def test_only_what_has_its_own_version_may_be_kept(client: Any) -> None:
    page = client.get("/").text
    styles = re.findall(r'<link rel="stylesheet" href="(/assets/[^"]+)"', page)
    assert len(styles) > 20
    for address in (styles[0], import_map_of(page)["/assets/main.js"]):
        assert "immutable" in kept(client, address)
        assert "private" in kept(client, address)
    for address in ("/assets/main.js", "/assets/main.js?v=00000000", "/assets/main.js?v="):
        assert "immutable" not in kept(client, address)


def test_a_changed_file_has_another_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    (tmp_path / "main.js").write_text("1", encoding="utf-8")
    before = files.address_of("main.js")
    (tmp_path / "main.js").write_text("12", encoding="utf-8")
    assert files.address_of("main.js") != before
