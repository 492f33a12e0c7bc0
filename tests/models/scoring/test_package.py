import doctest

from models import scoring as ec57


def test_the_example_in_the_docstring_runs() -> None:
    outcome = doctest.testmod(ec57)

    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_public_names_are_there() -> None:
    assert all(hasattr(ec57, name) for name in ec57.__all__)
