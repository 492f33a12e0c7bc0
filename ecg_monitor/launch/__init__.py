"""Starts and watches the processes of the system, each by its command."""
