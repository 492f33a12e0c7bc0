"""The scripts and styles of the pages: their versions, and which of them a page will load.

Scripts name each other, so a browser that follows them asks in rounds: one round trip for each step
from the first script to the last. The document names all that its page will load, and they come in
one round. It also tells the browser, by an import map, under which address to ask for each script:
with the file's version in it, so that the browser may keep the file for as long as it likes, and
asks for another address once the file has changed.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from pathlib import Path

import orjson
from flask import Flask, Response, request

ASSETS = Path(__file__).parents[1] / "assets"
ADDRESS = "/assets/"
"""Where Dash serves them."""
VERSION = "v"
"""Name in an address of the file's version."""
KEEP = "private, max-age=31536000, immutable"
"""What browsers are told of an address with the version that the file has now: a year, unasked."""
FIRST = "main.js"
"""The script that the document starts."""

_IMPORT = re.compile(r'^\s*(?:import|export)\b[^;"]*?(?:\bfrom\s*)?"(\.[^"]+\.js)"', re.MULTILINE)
_VIEW = re.compile(r'^\s*(\w+): \(\) => import\("\./([\w/]+\.js)"\)', re.MULTILINE)
_Stamp = tuple[int, int]


def address_of(name: str) -> str:
    """Return the address of a file, with its version.

    Args:
        name: path within the assets, as ``base/dom.js``.

    Raises:
        OSError: there is no such file.
    """
    return f"{ADDRESS}{name}?{VERSION}={version_of(name)}"


def version_of(name: str) -> str:
    """Return the version of a file: a check of its content.

    Raises:
        OSError: there is no such file.
    """
    return _version(name, _stamp(name))


def may_be_kept(path: str, version: str) -> bool:
    """Whether a request's path is a file of ours whose version now is the one asked for."""
    name = path.removeprefix(ADDRESS)
    if name == path or name not in _names():
        return False
    return version == version_of(name)


def install(server: Flask) -> None:
    """Let browsers keep what they were given under an address with its version."""

    @server.after_request
    def keep(response: Response) -> Response:
        known = response.status_code in {200, 304} and VERSION in request.args
        if known and may_be_kept(request.path, request.args[VERSION]):
            response.headers["Cache-Control"] = KEEP
        return response


def import_map() -> str:
    """Return the import map of all scripts, JSON."""
    scripts = sorted(name for name in _names() if name.endswith(".js"))
    imports = {f"{ADDRESS}{name}": address_of(name) for name in scripts}
    return orjson.dumps({"imports": imports}).decode()


def needed(view: str) -> list[str]:
    """Return the scripts that a page loads, the first one first.

    Args:
        view: name of the page, as `dashboard.web.pages.PAGES` has it; of one that `FIRST` does not
            know it is what all pages load.
    """
    found = [FIRST]
    if (script := views().get(view)) is not None:
        found.append(script)
    for name in found:  # grows meanwhile
        found += [one for one in _imports(name, _stamp(name)) if one not in found]
    return found


def views() -> dict[str, str]:
    """Return the script of each page, by the page's name, as `FIRST` says."""
    return _views(_stamp(FIRST))


def _stamp(name: str) -> _Stamp:
    found = (ASSETS / name).stat()
    return found.st_mtime_ns, found.st_size


@cache
def _names() -> frozenset[str]:
    files = (path for path in ASSETS.rglob("*") if path.suffix in {".js", ".css"})
    return frozenset(path.relative_to(ASSETS).as_posix() for path in files)


@cache
def _version(name: str, _: _Stamp) -> str:
    return f"{zlib.crc32((ASSETS / name).read_bytes()):08x}"


@cache
def _views(_: _Stamp) -> dict[str, str]:
    return dict(_VIEW.findall((ASSETS / FIRST).read_text(encoding="utf-8")))


@cache
def _imports(name: str, _: _Stamp) -> tuple[str, ...]:
    text = (ASSETS / name).read_text(encoding="utf-8")
    folder = (ASSETS / name).parent
    paths = ((folder / found).resolve() for found in _IMPORT.findall(text))
    return tuple(dict.fromkeys(path.relative_to(ASSETS.resolve()).as_posix() for path in paths))
