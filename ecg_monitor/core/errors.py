"""Every error the project raises on purpose, in one tree.

::

    EcgMonitorError
    ├── SettingsError         a setting is missing, unknown or wrong
    ├── LimitError            an alarm limit is unknown or has a wrong value; names the field
    ├── WireError             a packet breaks the wire format; names the field
    ├── RecordError           a recording cannot be read, found or downloaded
    ├── ExportError           an interval, a format or a file of an export is wrong
    ├── SignalError           an array given for analysis is no ECG; names the argument
    ├── ScenarioError         a scenario for the synthetic patient is wrong
    ├── ServiceError          a broker or a Redis server cannot be reached or started
    ├── FencedError           another process has taken over this partition
    ├── CheckpointError       a saved engine state cannot be used
    ├── AlertError            an alert is unknown, or an action on alerts is wrong
    ├── RequestError          a request from a page is malformed or not allowed
    ├── AccountError          a user account is unknown, or a password is wrong or too weak
    │   └── TooManyAttemptsError  signing in has failed too often; says how long to wait
    ├── TrendError            what is kept of past minutes is damaged
    ├── DiagnosisError        a kept diagnosis or finding of twelve leads is damaged
    ├── ExplainError          a beat cannot be explained
    ├── ArchiveError          what was recorded cannot be read or kept; names the file
    │   └── NothingRecordedError  nothing is kept of that time
    ├── UnitError             a care unit is unknown, taken, in use or wrongly named
    ├── ReviewError           what a reviewer says of a record is wrong, or of what is not there
    └── PatientError          a patient, an admission or a patient's limits are wrong
"""

from __future__ import annotations


class EcgMonitorError(Exception):
    """Base of all errors raised on purpose. Its text is meant for the user.

    Args:
        text: what is wrong; with ``values``, their places are marked as ``{name}``.
        values: what to fill in. A page can then say it in the user's language.

    Attributes:
        text: as given.
        values: as given.
    """

    def __init__(self, text: str = "", **values: object) -> None:
        super().__init__(text.format(**values) if values else text)
        self.text = text
        self.values = values


class SettingsError(EcgMonitorError):
    """A setting is missing, unknown or has a wrong value."""


class LimitError(EcgMonitorError):
    """An alarm limit is unknown or has a wrong value.

    Attributes:
        field: its path (``"rate.low_bpm"``).
        problem: what is wrong, to be read after the field.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


class WireError(EcgMonitorError):
    """A packet breaks the wire format.

    Attributes:
        field: name of the offending field (``"leads.II"``), or ``"payload"`` / ``"topic"``.
        reason: short, stable word for counters (``"missing"``, ``"type"``, ``"range"``,
            ``"length"``, ``"version"``, ``"encoding"``, ``"size"``, ``"mismatch"``,
            ``"retained"``).
    """

    def __init__(self, field: str, reason: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.reason = reason


class RecordError(EcgMonitorError):
    """A recording cannot be read, found or downloaded."""


class ExportError(EcgMonitorError):
    """An interval cannot be exported: its times, the format or the file to write are wrong."""


class SignalError(EcgMonitorError, ValueError):
    """An array given for analysis is no ECG, or what was said about it is wrong.

    Attributes:
        argument: name of the offending argument (``"fs"``).
    """

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"{argument}: {problem}")
        self.argument = argument


class ScenarioError(EcgMonitorError):
    """A scenario for the synthetic patient is wrong."""


class ServiceError(EcgMonitorError):
    """A broker or a Redis server cannot be reached or started."""


class FencedError(EcgMonitorError):
    """Another process has taken over this partition; this one must stop writing."""


class CheckpointError(EcgMonitorError):
    """A saved engine state cannot be used by this version."""


class AlertError(EcgMonitorError):
    """An alert is unknown or unreadable, or an action on alerts is wrong."""


class RequestError(EcgMonitorError):
    """A request from a page is malformed or not allowed."""


class AccountError(EcgMonitorError):
    """A user account is unknown, or a password is wrong or too weak."""


class TooManyAttemptsError(AccountError):
    """Signing in has failed too often: the next attempt has to wait.

    Attributes:
        wait_s: for how long, s.
    """

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many failed attempts; try again in {n} s", n=max(1, round(wait_s)))
        self.wait_s = wait_s


class PatientError(EcgMonitorError):
    """A patient, an admission or a patient's limits are unknown or wrong; names the field."""


class UnitError(EcgMonitorError):
    """A care unit is unknown, has a wrong name, is in use, or was changed by somebody else."""


class TrendError(EcgMonitorError):
    """What is kept of past minutes is damaged, or of another version."""


class DiagnosisError(EcgMonitorError):
    """A kept diagnosis or finding of twelve leads is damaged, or of another version."""


class ExplainError(EcgMonitorError):
    """A beat cannot be explained: it is no longer kept, or nobody is there to do it."""


class ArchiveError(EcgMonitorError):
    """What was recorded cannot be read or kept; names the file or the device."""


class NothingRecordedError(ArchiveError):
    """Nothing is kept of a device at that time, or no longer."""


class ReviewError(EcgMonitorError):
    """What a reviewer says of a record is malformed, or is about what is not there."""
