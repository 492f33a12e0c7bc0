"""Tests of the packages, in folders that mirror theirs; `tests.support` is what they share."""
