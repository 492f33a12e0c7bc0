"""Finds beats, follows the rhythm, raises alarms: pure engine, partition runner, offline runner."""
