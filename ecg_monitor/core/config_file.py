"""The one configuration file, named by ``ECG_CONFIG``: TOML that overrides built-in defaults.

=======================================================  ==================================
tables                                                   read by
=======================================================  ==================================
``category``, ``[adult]``, ``[paediatric]``,             `ecg_monitor.ward.limits.file`
``[neonatal]``, ``[patients.x]``, ``[alarms]``
``[alerts]``                                             `ecg_monitor.ward.alerts.policy`
=======================================================  ==================================
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ecg_monitor.core.errors import SettingsError


def read_config(path: str | Path) -> dict[str, Any]:
    """Return the tables of the configuration file; an empty path gives none.

    Raises:
        SettingsError: the file cannot be read, or is not TOML.
    """
    if not path:
        return {}
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"ECG_CONFIG: cannot read {path}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"ECG_CONFIG: {path} is not valid TOML: {error}") from error
