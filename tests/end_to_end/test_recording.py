"""What devices publish is on disk, sample for sample, though the recorder is killed meanwhile."""

import dataclasses
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import wfdb

from ecg_monitor.archive.reading import read_interval, recordings
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.records import read_record
from tests.support.waiting import allowed_s, wait_until

RECORDS = ("100", "208")
SECONDS = 60


def samples_kept(root: Path) -> list[int]:
    """Samples that are kept of each device; looking takes long, so others get their turn first."""
    time.sleep(0.2)
    try:
        devices = [one.device for one in recordings(root)]
        return [read_interval(root, device).recording.n_samples for device in devices]
    except ArchiveError:
        return []


def journaled(root: Path) -> int:
    """Bytes in the journals."""
    return sum(file.stat().st_size for file in root.glob("journal/*.log"))


def segments_in(folder: Path) -> dict[str, bytes]:
    """Files of the segments in a folder, by their paths there."""
    found = {path.relative_to(folder): path for path in folder.rglob("signals/**/*.*")}
    return {str(name): path.read_bytes() for name, path in found.items() if path.is_file()}


def test_all_of_it_is_kept_through_a_kill(system, mitdb, tmp_path):
    root, far = system.settings.archive_dir, tmp_path / "far"
    system.settings = dataclasses.replace(system.settings, archive_url=far.as_uri())
    system.start("ingest")
    recorder = system.start("record", "--segment-s", "10")
    wait_until(lambda: journaled(root) > 0)
    simulator = system.start(
        *("simulate", "--records", ",".join(RECORDS), "--data", str(mitdb), "--once"),
        *("--duration", str(SECONDS), "--packet-ms", "250", "--no-progress", "--speed", "20"),
        *("--fault", "reorder=0.1:3,duplicate=0.1"),
    )
    wait_until(lambda: journaled(root) > 50_000)
    recorder.kill()
    recorder.wait()
    assert simulator.wait(allowed_s(120)) == 0
    recorder = system.start("record", "--segment-s", "10")
    # Sealed from the journal that the first has left, and from what it missed.
    wait_until(lambda: len(list(root.rglob("*.hea"))) >= 2, why=lambda: system.log("record"))
    wait_until(lambda: samples_kept(root) == [21_600, 21_600], why=lambda: system.log("record"))
    wait_until(lambda: segments_in(far) == segments_in(root), why=lambda: system.log("record"))
    recorder.terminate()
    assert recorder.wait(allowed_s(20)) == 0
    shutil.rmtree(root / "signals")  # as retention does: it is read at the URL then
    for device, record in zip(("bed-01", "bed-02"), RECORDS, strict=True):
        played = read_record(mitdb / record)
        kept = read_interval(root, device)
        assert kept.recording.leads == played.leads
        assert kept.recording.gain == played.gain
        assert np.array_equal(kept.recording.samples, played.samples[:, :21_600])
        assert kept.notes == ()
    header = next(far.rglob("*.hea"))
    assert wfdb.rdrecord(str(header.with_suffix("")), physical=False).n_sig == 2
    listed = subprocess.run(
        [sys.executable, "-m", "ecg_monitor.cli", "record", "--list"],
        env={"ECG_ARCHIVE": str(root), "PATH": "", "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "bed-01" in listed
    assert "bed-02" in listed
    shutil.rmtree(root)
