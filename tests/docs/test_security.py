"""Every claim of docs/SECURITY.md names a test that there is."""

from __future__ import annotations

import re

from tests.support.places import ROOT

NAMED = re.compile(r"`(tests/[\w/.]+\.py)::(\w+)`")


def test_every_claim_names_a_test_that_there_is() -> None:
    text = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8")
    held = text[text.index("## What holds") : text.index("## What does not hold")]
    claims = [
        line for line in held.splitlines() if line.startswith("| ") and " shown by " not in line
    ]
    assert len(claims) > 20
    for claim in claims:
        found = NAMED.search(claim)
        assert found is not None, claim
        source = (ROOT / found[1]).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {found[2]}\(", source, re.MULTILINE), claim
