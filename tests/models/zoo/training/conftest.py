from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Networks this small are slower on several threads, above all on a busy machine."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
