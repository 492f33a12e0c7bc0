"""Lua that runs on the Redis server, kept in files beside the modules that use it."""

from __future__ import annotations

from importlib.resources import files


def lua(module: str, *names: str) -> str:
    """Return the text of scripts beside a module, one after the other.

    Args:
        module: ``__name__`` of the module, which belongs to a package.
        names: files without ``.lua``; what several scripts share comes first.
    """
    folder = files(module.rpartition(".")[0])
    return "".join(folder.joinpath(f"{name}.lua").read_text(encoding="utf-8") for name in names)
