"""Names of MQTT topics and Redis keys: the only place where they are spelled.

Redis keys of one partition carry the hash tag ``{p}``: by it they lie on one server of several, and
one Lua call may touch them all.

=====================  ======  =======================================================
key                    type    content
=====================  ======  =======================================================
``ecg:{p}:wave``       stream  packets as accepted: ``d`` device, ``t`` arrival time
                               (Unix s, text), ``p`` packet (CBOR, see wire)
``ecg:{p}:events``     stream  what the detector found: ``d`` device, ``b`` boot,
                               ``s`` JSON map of the stream (fs, leads), ``i`` ordinal
                               of the first event, ``j`` JSON list of events
``ecg:{p}:alerts``     hash    alert id -> JSON facts of the alert; the detector's alone
``ecg:{p}:acts``       hash    ``ack|id``, ``esc|id``, ``rem|id``, ``why|id``, ``pause|device``,
                               ``standby|device`` -> JSON: what was done about alerts (see
                               ecg_monitor.ward.alerts)
``ecg:{p}:alertlog``   stream  audit trail: ``e`` JSON of who did what and when, ``j`` JSON
                               facts of the alert (absent if about a device)
``ecg:{p}:strip:{id}`` string  evidence of an alert, zlib-compressed JSON; expires
``ecg:{p}:trend:{device}``  sorted set  minutes of a device by the Unix time at which they
                               began: numbers (see ecg_monitor.ward.trends)
``ecg:{p}:beats:{device}``  sorted set  likewise: the beats of these minutes
``ecg:{p}:trendnow``   hash    device -> its minutes that are not over yet
``ecg:{p}:diagnoses``  hash    device -> JSON of its newest diagnosis of twelve leads (see
                               ecg_monitor.ward.signal.diagnosis)
``ecg:{p}:findings``   stream  findings of twelve leads as they begin and end: ``d``, ``j`` JSON
``ecg:{p}:patients``   hash    device -> JSON of who is monitored by it (see
                               ecg_monitor.ward.patients)
``ecg:{p}:patients:v``  string  number of the last change of that hash
``ecg:{p}:patientlog``  stream  audit trail: ``d`` device, ``e`` JSON of who changed what, when
``ecg:{p}:notes:{device}``  list  notes on its patient, oldest first: JSON
``ecg:{p}:cursors``    hash    delivery channel -> id of the last alertlog entry delivered
``ecg:{p}:undelivered``  stream  alert changes that a webhook refused: ``c`` channel,
                               ``i`` id in alertlog, ``e`` error text
``ecg:{p}:state:{device}``  string  checkpoint of a bed (see detector.runner.recovery)
``ecg:{p}:staged:...`` string  a value that a commit is about to put in its place; expires
``ecg:{p}:progress``   hash    device -> events committed, id of its last packet analysed
``ecg:{p}:epoch``      string  fencing epoch of the partition's owner
``ecg:{p}:owner``      string  mark of that owner
``ecg:{p}:lease``      string  somebody works on the partition; expires
``ecg:{p}:committed``  string  ``epoch/number`` of the last commit carried out
``ecg:{p}:devices``    hash    device -> JSON: ``status`` and ``meta`` as published
``ecg:{p}:roster``     hash    device -> when it has first and last sent (Unix s, text): those that
                               are known (see ecg_monitor.ward.devices)
``ecg:{p}:removals``   hash    device -> JSON of who has asked for it to be forgotten
``ecg:{p}:counters``   hash    ``device|counter`` -> number (accepted, refused:reason...)
``ecg:{p}:refusals``   stream  last refused packets: ``d``, ``t``, ``e`` error text
``ecg:{p}:forms``      hash    device -> JSON of what its packets look like (see
                               ecg_monitor.ward.devices.form)
``ecg:{p}:refused``    hash    device that is known -> JSON of its last refusal
``ecg:{p}:strangers``  hash    likewise of devices that are not; bounded in number
``ecg:{p}:crash``      hash    where the detector has begun (``position``), and the packet that it
                               analyses alone (``suspect``), see detector.runner.recovery.casualties
``ecg:{p}:aside``      hash    id in wave of a packet that ends the detector -> device
``ecg:{p}:lag``        hash    detector: ``position`` (id of the last packet analysed),
                               ``behind_s`` (its age then), ``at`` (Unix s)
``ecg:explain:queue``  list    beats to be explained: JSON (see ecg_monitor.ward.signal.explaining)
``ecg:explain:answer:{id}``  list  the answer to one request; expires
``ecg:explain:alive``  string  an explainer is there; expires
``ecg:system``         hash    condition of the system that is present -> JSON (see
                               ecg_monitor.ward.system)
``ecg:system:watched``  string  somebody looks at the system, and Redis takes writes; expires
``ecg:probe:{who}``    string  likewise, of those who only read; expires
``ecg:cluster``        hash    the cluster whose actors own the partitions: ``id``, JSON ``cluster``
                               and ``state``; expires (see detector.cluster.register)
``ecg:cluster:orders``  list   what it is told to do: JSON
``ecg:cluster:answer:{id}``  list  the answer to one order; expires
``ecg:installation``   string  random name of this system, part of its ids at the broker
``ecg:place``          string  of each of several servers: its number, how many there are, and
                               whose they are (see ecg_monitor.core.servers.places)
``ecg:starting``       string  analysis is being compiled: share that is done, 0 .. 1; expires
``ecg:systemlog``      stream  those conditions as they begin and end: ``what``, ``e`` JSON
``ecg:system:cursors``  hash   delivery channel -> number of the last change delivered
``ecg:throughput``     hash    per process: last-minute figures for the system page
``ecg:{people}:users``  hash   name in its unique form -> JSON account, with the password's hash
``ecg:{people}:sessions``  hash  SHA-256 of the session's token -> JSON session
``ecg:{people}:seen``  hash    the same -> when its user last did something (Unix s, text)
``ecg:{people}:links``  hash   name in its unique form -> Unix s: links made before are void
``ecg:{people}:tokens``  hash  SHA-256 of a token of the HTTP API -> JSON of what it may do
``ecg:{people}:units``  hash   id of a care unit -> JSON (see ecg_monitor.ward.units)
``ecg:{people}:unitbeds``  hash  device -> JSON of the care unit that it belongs to
``ecg:{people}:unitpeople``  hash  name in its unique form -> JSON of the care units given
``ecg:{people}:units:v``  string  number of the last change of these three
``ecg:{people}:audit``  stream  ``e`` JSON of who signed in or changed an account, and when
``ecg:{people}:failed:...``  hash  failed sign-ins of a user or an address, and the addresses
                               from which a user has signed in; expires
=====================  ======  =======================================================
"""

from __future__ import annotations

import re
import zlib

DEVICE_ID = re.compile(r"(?!\.\.?$)[A-Za-z0-9_.-]{1,64}")
"""``.`` and ``..`` are none: in the addresses of pages and of FHIR they mean another place."""
DEVICE_NAMES = "1 to 64 of A-Z a-z 0-9 _ . - (but not . or ..)"
"""The same in words, as errors say it."""

TOPIC_ROOT = "ecg/v1"
WAVE_FILTER = f"{TOPIC_ROOT}/+/wave"
STATUS_FILTER = f"{TOPIC_ROOT}/+/status"
META_FILTER = f"{TOPIC_ROOT}/+/meta"
SYSTEM_TOPIC = f"{TOPIC_ROOT}/system"
"""Retained topic of what is wrong with the system itself. One level short of a device's topics, so
that no device, whatever its id, can be taken for it."""

ALIVE_TOPIC = f"{TOPIC_ROOT}/alive"
"""Topic that nobody reads: a part publishes on it to see whether the broker takes messages."""

THROUGHPUT = "ecg:throughput"

# People: one hash tag, so that one Lua call may touch all of them.
USERS = "ecg:{people}:users"
SESSIONS = "ecg:{people}:sessions"
SEEN = "ecg:{people}:seen"
LINKS = "ecg:{people}:links"
TOKENS = "ecg:{people}:tokens"
UNITS = "ecg:{people}:units"
UNIT_BEDS = "ecg:{people}:unitbeds"
UNIT_PEOPLE = "ecg:{people}:unitpeople"
UNITS_VERSION = "ecg:{people}:units:v"
PEOPLE_AUDIT = "ecg:{people}:audit"
SYSTEM = "ecg:system"
SYSTEM_LOG = "ecg:systemlog"
MQTT_CHANNEL, WEBHOOK_CHANNEL = "mqtt", "webhook"
"""Delivery channels: fields of the cursors."""
SYSTEM_CURSORS = "ecg:system:cursors"
WATCHED = "ecg:system:watched"
INSTALLATION = "ecg:installation"
PLACE = "ecg:place"
STARTING = "ecg:starting"
EXPLAIN_QUEUE = "ecg:explain:queue"
EXPLAIN_ALIVE = "ecg:explain:alive"
CLUSTER = "ecg:cluster"
CLUSTER_ORDERS = "ecg:cluster:orders"


def cluster_answer(order: str) -> str:
    """List that gets the answer to one order to the cluster."""
    return f"ecg:cluster:answer:{order}"


def explain_answer(request: str) -> str:
    """List that gets the answer to one request for an explanation."""
    return f"ecg:explain:answer:{request}"


def probe(who: str) -> str:
    """String that one process writes to see whether Redis takes writes."""
    return f"ecg:probe:{who}"


def wave_topic(device: str) -> str:
    """Topic on which the device publishes its samples."""
    return f"{TOPIC_ROOT}/{device}/wave"


def status_topic(device: str) -> str:
    """Retained topic of the device's online/offline state (its last will)."""
    return f"{TOPIC_ROOT}/{device}/status"


def meta_topic(device: str) -> str:
    """Retained topic of the device's label, firmware, lead placement."""
    return f"{TOPIC_ROOT}/{device}/meta"


def alert_topic(device: str) -> str:
    """Retained topic on which we publish the state of the device's alerts."""
    return f"{TOPIC_ROOT}/{device}/alert"


def receipt_topic(device: str) -> str:
    """Topic on which ingest tells a device which of its samples are stored."""
    return f"{TOPIC_ROOT}/{device}/receipt"


def truth_topic(device: str) -> str:
    """Topic on which a simulated device publishes the reference annotations of what it sends."""
    return f"{TOPIC_ROOT}/{device}/truth"


def device_of_topic(topic: str) -> tuple[str, str] | None:
    """Split ``ecg/v1/{device}/{leaf}`` into (device, leaf); None if it is not such a topic."""
    parts = topic.split("/")
    if len(parts) != 4 or f"{parts[0]}/{parts[1]}" != TOPIC_ROOT:
        return None
    device, leaf = parts[2], parts[3]
    return (device, leaf) if DEVICE_ID.fullmatch(device) else None


def partition_of(device: str, partitions: int) -> int:
    """Partition that owns the device: ``crc32(device) % partitions``."""
    return zlib.crc32(device.encode()) % partitions


def server_of(partition: int, servers: int) -> int:
    """Return the index of the server, of so many, that holds a partition."""
    return partition % servers


def _key(partition: int, name: str) -> str:
    return f"ecg:{{{partition}}}:{name}"


_OF_PARTITION = re.compile(r"ecg:\{([0-9]+)\}:")


def partition_in(key: str | bytes) -> int | None:
    """Return the partition that a key belongs to; None: it is no partition's."""
    text = key.decode(errors="replace") if isinstance(key, bytes) else str(key)
    found = _OF_PARTITION.match(text)
    return None if found is None else int(found[1])


def wave(partition: int) -> str:
    """Stream of accepted packets."""
    return _key(partition, "wave")


def events(partition: int) -> str:
    """Stream of what the detector found."""
    return _key(partition, "events")


def alerts(partition: int) -> str:
    """Hash of alerts by identity."""
    return _key(partition, "alerts")


def acts(partition: int) -> str:
    """Hash of acknowledgements, pauses, escalations, reminders."""
    return _key(partition, "acts")


def alertlog(partition: int) -> str:
    """Stream of alert changes: the audit trail."""
    return _key(partition, "alertlog")


def strip(partition: int, identity: str) -> str:
    """Evidence of one alert."""
    return _key(partition, f"strip:{identity}")


def trend(partition: int, device: str) -> str:
    """Minutes of a device: numbers."""
    return _key(partition, f"trend:{device}")


def beats(partition: int, device: str) -> str:
    """Minutes of a device: beats."""
    return _key(partition, f"beats:{device}")


def trend_now(partition: int) -> str:
    """Hash of the devices' minutes that are not over yet."""
    return _key(partition, "trendnow")


def diagnoses(partition: int) -> str:
    """Hash of the devices' newest diagnoses of twelve leads."""
    return _key(partition, "diagnoses")


def findings(partition: int) -> str:
    """Stream of the findings of twelve leads that begin and end."""
    return _key(partition, "findings")


def patients(partition: int) -> str:
    """Hash of who is monitored by each device."""
    return _key(partition, "patients")


def patients_version(partition: int) -> str:
    """Number of the last change of `patients`: a reader need not look at the hash again."""
    return _key(partition, "patients:v")


def patientlog(partition: int) -> str:
    """Stream of changes of `patients`: the audit trail."""
    return _key(partition, "patientlog")


def notes(partition: int, device: str) -> str:
    """List of the notes on a device's patient."""
    return _key(partition, f"notes:{device}")


def cursors(partition: int) -> str:
    """Hash of how far each delivery channel has come in the alert log."""
    return _key(partition, "cursors")


def undelivered(partition: int) -> str:
    """Stream of the alert changes that a webhook refused."""
    return _key(partition, "undelivered")


def state(partition: int, device: str) -> str:
    """Checkpoint of a bed."""
    return _key(partition, f"state:{device}")


def former_state(partition: int) -> str:
    """Hash in which the checkpoints of former versions lie."""
    return _key(partition, "state")


def staged(partition: int, name: str) -> str:
    """A value that a commit puts in its place, by a name that no other commit has."""
    return _key(partition, f"staged:{name}")


def progress(partition: int) -> str:
    """Hash of what has been committed by device."""
    return _key(partition, "progress")


def epoch(partition: int) -> str:
    """Fencing epoch of the partition's owner."""
    return _key(partition, "epoch")


def owner(partition: int) -> str:
    """Mark of the partition's owner: tells a request that comes again from another's."""
    return _key(partition, "owner")


def lease(partition: int) -> str:
    """Sign of life of the partition's owner."""
    return _key(partition, "lease")


def committed(partition: int) -> str:
    """Epoch and number of the last commit that was carried out."""
    return _key(partition, "committed")


def devices(partition: int) -> str:
    """Hash of the devices' status and meta."""
    return _key(partition, "devices")


def roster(partition: int) -> str:
    """Hash of the devices that are known."""
    return _key(partition, "roster")


def removals(partition: int) -> str:
    """Hash of the devices that somebody wants forgotten."""
    return _key(partition, "removals")


def counters(partition: int) -> str:
    """Hash of per-device counters."""
    return _key(partition, "counters")


def refusals(partition: int) -> str:
    """Stream of the last refused packets."""
    return _key(partition, "refusals")


def forms(partition: int) -> str:
    """Hash of what the devices' packets look like."""
    return _key(partition, "forms")


def refused(partition: int) -> str:
    """Hash of the last refusal of each device that is known."""
    return _key(partition, "refused")


def strangers(partition: int) -> str:
    """Hash of the last refusal of devices that are not known: of those that came last."""
    return _key(partition, "strangers")


def crash(partition: int) -> str:
    """Hash of where the detector has begun, and of what it may die."""
    return _key(partition, "crash")


def aside(partition: int) -> str:
    """Hash of the packets that are not analysed, since the detector died of them."""
    return _key(partition, "aside")


def lag(partition: int) -> str:
    """Hash with how far the detector is behind."""
    return _key(partition, "lag")


def attempts(subject: str) -> str:
    """Failed sign-ins of a user or a network address, and where a user has signed in."""
    return f"ecg:{{people}}:failed:{subject}"
