"""Containers for tests: a daemon, base images, the whole system."""
