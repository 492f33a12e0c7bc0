"""Fixtures that tests of several packages share; tests/conftest.py names the modules."""
