"""`ecg-monitor dashboard --link`."""

from __future__ import annotations

import argparse
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.web.command import add_arguments, main
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward import access


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "user", "role"),
    [
        ((), "local", "admin"),
        (("--user", "A. Nurse"), "A. Nurse", "admin"),
        (("--user", "A. Nurse", "--role", "viewer"), "A. Nurse", "viewer"),
    ],
)
def test_link_names_who_signs_in(
    words: tuple[str, ...], user: str, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(secret="secret of the tests")
    assert main(arguments("--link", *words), settings) == 0
    token = parse_qs(urlsplit(capsys.readouterr().out.strip()).query)["token"][0]
    link = access.read_link_token(settings.secret, token)
    assert link is not None
    assert (link.user, link.role) == (user, role)


@pytest.mark.parametrize("name", ["", " A", "x" * 65, "a\nb"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(argparse.ArgumentError):
        arguments("--user", name)
