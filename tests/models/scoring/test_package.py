import doctest

from models import scoring


def test_the_example_in_the_docstring_runs() -> None:
    outcome = doctest.testmod(scoring)

    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_public_names_are_there() -> None:
    assert all(hasattr(scoring, name) for name in scoring.__all__)
