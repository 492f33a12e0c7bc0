"""Settings from the environment, the same for every process of the system.

Each field of `Settings` is read from ``ECG_`` plus its name in capitals (``mqtt_url`` from
``ECG_MQTT_URL``). A secret may instead be the content of a file: ``ECG_SECRET_FILE``,
``ECG_WEBHOOK_SECRET_FILE``, ``ECG_METRICS_TOKEN_FILE``.
An unknown ``ECG_`` variable is an error, since it is nearly always a typing mistake.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from ecg_monitor.core.errors import SettingsError

PREFIX = "ECG_"
LIKE = 0.8
"""How like a setting a word must be to be taken for a slip of the pen (`difflib`)."""
_SECRET_FILES = {
    "ECG_SECRET_FILE": "secret",
    "ECG_WEBHOOK_SECRET_FILE": "webhook_secret",
    "ECG_METRICS_TOKEN_FILE": "metrics_token",
}
_REMOVED = {"ECG_ALERT_POLICY": "put its table [alerts] into the file that ECG_CONFIG names"}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with their defaults.

    Attributes:
        mqtt_url: broker, ``mqtt://[user:password@]host[:port]`` or ``mqtts://``; several,
            separated by commas, of which any may be away. Empty: `run`
            starts one of its own.
        redis_url: Redis or Valkey server, ``redis://[user:password@]host[:port][/db]`` or
            ``rediss://``; several that share the partitions, separated by commas, always in the
            same order (see `ecg_monitor.core.servers`). Empty: `run` starts one of its own.
        partitions: number of partitions that devices are spread over. Every process of one
            system must agree on it, and it cannot change while state is kept.
        wave_retention_s: how long samples stay in Redis, s.
        wave_max_packets: most packets kept per partition, whatever their age: with the packet
            size it bounds Redis's memory.
        max_devices: most devices that are known at a time; beyond it only those to which a patient
            is admitted come in.
        device_retention_s: a device without a patient that has been silent for so long is
            forgotten, s.
        event_retention_s: how long beats and vitals stay in Redis, s.
        trend_retention_s: how long the numbers of past minutes stay in Redis, s; their beats stay
            as long as `event_retention_s`.
        alert_retention_s: how long an alert stays in Redis after its end, s.
        evidence_retention_s: how long the strips of alerts stay in Redis, s.
        webhook_url: ``http://`` or ``https://`` address that alert changes are posted to. Empty:
            none.
        webhook_secret: key of the signature of those posts.
        webhook_format: ``json`` or ``fhir``.
        config: TOML file with alarm limits and the rules of handling alerts (see
            `ecg_monitor.core.config_file`). Empty: the defaults.
        data: folder with WFDB records to replay. Empty: found or fetched (see simulator).
        cache: folder for downloads and compiled code.
        fonts: folder with the font of PDF and PNG documents (``DejaVuSans.ttf`` and its bold).
            Empty: found where systems keep their fonts.
        state: folder in which `run` keeps Redis's append-only file and its secret.
        archive: folder in which `record` keeps what was received. Empty: ``archive`` in `state`.
        archive_url: where finished segments are copied to, any URL that fsspec takes, as
            ``s3://ward/ecg``; they are read there once they have left the folder. Empty: nowhere.
        archive_days: how long it stays there, days; 0: for ever.
        archive_gb: most that it may take there, GB, the oldest leaving first; 0: no bound.
        archive_units: other days and GB for beds of care units, see
            `ecg_monitor.archive.kept.terms`; empty: none.
        host: address on which dashboard and hub listen.
        port: port of the dashboard.
        hub_port: port of the websocket hub; 0: the dashboard's port plus 1.
        public_url: address under which browsers reach the dashboard, if not host and port.
        hub_url: ``ws://`` or ``wss://`` address under which browsers reach the hub, if not host
            and hub port.
        secret: key that signs sessions and links. Empty: `run` makes one and keeps it in `state`.
        links: ``on``: signed links sign in (see ecg_monitor.ward.access). ``off``: only passwords
            do.
        idle_s: a person who does nothing for this long says who they are before they act, s.
        trusted_proxy: proxies in front of the dashboard whose word about the browser's address is
            taken: addresses, networks or host names, separated by commas. Empty: none, the address
            is that of the connection.
        metrics_token: whoever sends it as a bearer token may read ``/metrics``. Empty: only
            administrators may.
        api_host: address on which the HTTP API listens.
        api_port: port of the HTTP API.
        api_upload_mb: largest upload that it takes, MB.
        api_keep_s: how long an upload and its analysis are kept, s.
        api_work_s: longest analysis of an upload, s.
        api_work_mb: most memory that such an analysis may take, MB.
        log_level: DEBUG, INFO, WARNING or ERROR.
    """

    mqtt_url: str = ""
    redis_url: str = ""
    partitions: int = 4
    wave_retention_s: float = 600.0
    wave_max_packets: int = 1_000_000
    max_devices: int = 1000
    device_retention_s: float = 86_400.0
    event_retention_s: float = 86_400.0
    trend_retention_s: float = 7 * 86_400.0
    alert_retention_s: float = 7 * 86_400.0
    evidence_retention_s: float = 86_400.0
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_format: str = "json"
    config: str = ""
    data: str = ""
    cache: str = ""
    fonts: str = ""
    state: str = ""
    archive: str = ""
    archive_url: str = ""
    archive_days: float = 30.0
    archive_gb: float = 50.0
    archive_units: str = ""
    host: str = "127.0.0.1"
    port: int = 8050
    hub_port: int = 0
    public_url: str = ""
    hub_url: str = ""
    secret: str = ""
    links: str = "on"
    idle_s: float = 900.0
    trusted_proxy: str = ""
    metrics_token: str = ""
    api_host: str = "127.0.0.1"
    api_port: int = 8060
    api_upload_mb: int = 100
    api_keep_s: float = 86_400.0
    api_work_s: float = 900.0
    api_work_mb: int = 3000
    log_level: str = "INFO"

    @property
    def cache_dir(self) -> Path:
        """Folder for downloads: `cache`, else the platform's user cache."""
        if self.cache:
            return Path(self.cache)
        base = os.environ.get("XDG_CACHE_HOME")
        return (Path(base) if base else Path.home() / ".cache") / "ecg-monitor"

    @property
    def state_dir(self) -> Path:
        """Folder for what must survive a restart: `state`, else the platform's user state."""
        if self.state:
            return Path(self.state)
        base = os.environ.get("XDG_STATE_HOME")
        return (Path(base) if base else Path.home() / ".local" / "state") / "ecg-monitor"

    @property
    def archive_dir(self) -> Path:
        """Folder of what was recorded: `archive`, else ``archive`` in the state folder."""
        return Path(self.archive) if self.archive else self.state_dir / "archive"

    def require(self, name: str) -> str:
        """Return a text setting that must not be empty.

        Raises:
            SettingsError: it is empty.
        """
        value = str(getattr(self, name))
        if not value:
            raise SettingsError(
                f"{PREFIX}{name.upper()} is missing, and has no default for this command; "
                "set it, or start everything with `ecg-monitor run`"
            )
        return value


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a variable is unknown or has a wrong value; the error names it.
    """
    environ = os.environ if environ is None else environ
    known = {PREFIX + field.name.upper(): field for field in fields(Settings)}
    values: dict[str, object] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX):
            continue
        if variable in _SECRET_FILES:
            values[_SECRET_FILES[variable]] = _read_secret(variable, text)
        elif variable in known:
            values[known[variable].name] = _parse(variable, text, str(known[variable].type))
        elif variable in _REMOVED:
            raise SettingsError(f"{variable} is no longer a setting: {_REMOVED[variable]}")
        else:
            near = difflib.get_close_matches(variable, known, n=1, cutoff=LIKE)
            hint = f"; did you mean {near[0]}?" if near else "; docs/SETTINGS.md lists them"
            raise SettingsError(f"{variable} is not a setting{hint}")
    settings = Settings(**values)  # type: ignore[arg-type]
    _check(settings)
    return settings


def to_environ(settings: Settings) -> dict[str, str]:
    """Return the environment variables from which `load` makes the same settings."""
    return {
        PREFIX + field.name.upper(): str(getattr(settings, field.name))
        for field in fields(settings)
        if getattr(settings, field.name) != field.default
    }


def _parse(variable: str, text: str, kind: str) -> object:
    if kind == "str":
        return text
    try:
        return int(text) if kind == "int" else float(text)
    except ValueError:
        article = "a whole number" if kind == "int" else "a number"
        raise SettingsError(f"{variable} must be {article}, got {text!r}") from None


def _read_secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable}: cannot read {path}: {error}") from error


def _check(settings: Settings) -> None:
    rules = {
        "partitions": (1, 1024),
        "wave_retention_s": (10, 86_400),
        "wave_max_packets": (100, 100_000_000),
        "max_devices": (1, 100_000),
        "device_retention_s": (60, 366 * 86_400),
        "event_retention_s": (60, 366 * 86_400),
        "trend_retention_s": (600, 366 * 86_400),
        "alert_retention_s": (60, 3660 * 86_400),
        "evidence_retention_s": (60, 3660 * 86_400),
        "archive_days": (0, 36_600),
        "archive_gb": (0, 1_000_000),
        "port": (0, 65_535),
        "hub_port": (0, 65_535),
        "idle_s": (30, 86_400),
        "api_port": (0, 65_535),
        "api_upload_mb": (1, 10_000),
        "api_keep_s": (60, 366 * 86_400),
        "api_work_s": (1, 86_400),
        "api_work_mb": (500, 1_000_000),
    }
    for name, (low, high) in rules.items():
        value = getattr(settings, name)
        if not low <= value <= high:
            raise SettingsError(f"{PREFIX}{name.upper()} must be {low} .. {high}, got {value}")
    if settings.webhook_format not in {"json", "fhir"}:
        raise SettingsError(
            f"{PREFIX}WEBHOOK_FORMAT must be json or fhir, got {settings.webhook_format!r}"
        )
    if settings.webhook_url and not settings.webhook_url.startswith(("http://", "https://")):
        raise SettingsError(f"{PREFIX}WEBHOOK_URL must begin with http:// or https://")
    if settings.links not in {"on", "off"}:
        raise SettingsError(f"{PREFIX}LINKS must be on or off, got {settings.links!r}")
    if settings.metrics_token and len(settings.metrics_token) < 16:
        raise SettingsError(f"{PREFIX}METRICS_TOKEN must have at least 16 characters")
    if settings.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise SettingsError(
            f"{PREFIX}LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, got {settings.log_level!r}"
        )
