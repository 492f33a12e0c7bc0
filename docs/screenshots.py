"""Take the pictures of this folder: every page, dark, light and in Arabic.

    make screenshots
    python docs/screenshots.py --only wall,bed --wait 20
    python docs/screenshots.py --sizes --into artifacts/pages

The whole system runs for it, with patients of the MIT-BIH Arrhythmia Database; Chromium opens the
pages. A picture is what the system showed at that moment: it differs from run to run. ``--sizes``
takes every page at 1280x720, 1920x1080 and 3840x2160 in every look, to be looked at, not kept: it
wants a folder of its own.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch.processes import free_port
from ecg_monitor.ward import access

IMAGES = Path(__file__).with_name("images")
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
]
"""A computer with something that could sound."""
RECORDS = "119,208,203,106,223,201,207,124"
"""Bigeminy, couplets and fusion beats, fibrillation, ventricular runs, flutter, block."""
TWELVE = Path(__file__).parents[2] / "shared" / "data" / "cpsc2018" / "A0004"
"""Atrial fibrillation in twelve leads, of CPSC2018."""
RESTING = "bed-09"
"""The bed that replays it, after those of `RECORDS`. It is taken from the walls that are pictured:
they show `RECORDS`, all with two leads."""
Sizes = Mapping[str, tuple[int, int]]
"""By what a size adds to a picture's name: of the window, CSS px."""
SIZES: Sizes = {"-720": (1280, 720), "-1080": (1920, 1080), "-2160": (3840, 2160)}
"""What ``--sizes`` takes: a small laptop, a screen on a desk, a television."""
COLOURS = 200
"""What is drawn on millimetre paper is kept in so many colours, or it would be too large."""
MAX_BYTES = 300_000
START_S = 120.0
SETTLE_S = 5.0
GROWN_S = 4.0
"""A window that has grown is drawn anew within it, traces of the new width included."""
LOAD_S = 60.0
ANALYSED_S = 240.0
ALARMS_COME_S = 45.0
DESK = (1440, 810)
PHONE = (390, 844)
LOOKS = {"": ("en", "dark"), "-light": ("en", "light"), "-arabic": ("ar", "dark")}
"""Ending of a picture's name, and the language and theme that it shows."""


@dataclass(frozen=True, slots=True)
class View:
    """One picture: a page, and what is pressed on it.

    Attributes:
        path: address of the page.
        press: what is pressed, one after the other.
        size: of the window, CSS px.
        shows: what must have come before the picture is taken, as an analysis that is queued.
    """

    path: str
    press: tuple[str, ...] = ()
    size: tuple[int, int] = DESK
    shows: str = ""


TABS = [f"#view [role=tab]:nth-child({place})" for place in range(1, 6)]
VIEWS = {
    "wall": View("/"),
    "bed": View("/bed/{device}"),
    "trends": View("/bed/{device}", (TABS[1], ".panel-head .choices button")),
    "rhythm": View("/bed/{device}", (TABS[2],)),
    "beats": View("/bed/{device}", (TABS[3],)),
    "alarm": View("/bed/{device}", (TABS[4],)),
    "explain": View("/bed/{device}", (TABS[3], ".beat-list td:last-child button")),
    "review": View("/review/{device}"),
    "twelve": View(f"/twelve/{RESTING}"),
    "analyze": View("/analyze", (".examples button",), shows=".report-head .files"),
    "recordings": View("/recordings"),
    "shift": View("/shift"),
    "devices": View("/devices?device={device}"),
    "patient": View("/bed/{device}/patient"),
    "calibration": View("/calibration"),
    "users": View("/users"),
    "alarm-list": View("/alarms", (".list-rows tbody button",)),
    "system": View("/system"),
    "phone": View("/", size=PHONE),
    "phone-bed": View("/bed/{device}", size=PHONE),
}
"""By name of the picture. ``{device}`` is the bed with the most urgent alarm."""


ADMIT = """async (device) => {
  const post = async (what, fields) => {
    const answer = await fetch(`/patients/${what}`, {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ device, ...fields }),
    });
    if (!answer.ok) throw new Error(`${what}: ${await answer.text()}`);
    return answer.json();
  };
  const stay = { name: "A. Sample", category: "adult" };
  const admitted = await post("admit", { ...stay, patient: "4711", version: 0 });
  await post("change", { ...stay, version: admitted.version, alarms: {},
    limits: { rate: { low_bpm: 45, high_bpm: 130 } } });
  const { admission } = await (await fetch(`/patients/${device}`)).json();
  await post("note", { stay: admission.stay, text: "Electrodes renewed." });
  await post("note", { stay: admission.stay, text: "Known for PVCs: upper limit raised." });
}"""
"""Admits a patient to a bed, with limits of their own and two notes, as staff would on the page."""

WITHOUT = """(device) => {
  const station = window.ecgMonitor;
  const bed = [...station.beds.values()].find(({ info }) => info.device === device);
  if (bed !== undefined) station.dispatchEvent(new CustomEvent("gone", { detail: bed }));
}"""
"""Takes the tile of a bed off the wall of this page, as when it has been given elsewhere."""

ADD_USERS = """async (password) => {
  const roles = { "A. Nurse": "admin", "B. Nurse": "clinician", "Visitor": "viewer" };
  for (const [name, role] of Object.entries(roles)) {
    const answer = await fetch("/people/add", {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name, role, password }),
    });
    if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
  }
}"""


@contextmanager
def system() -> Iterator[Settings]:
    """Run everything with eight patients; yield the settings of the dashboard."""
    port = free_port()
    with tempfile.TemporaryDirectory() as state:
        settings = Settings(secret=os.urandom(16).hex(), port=port, state=state)
        command = [
            "-m",
            "ecg_monitor.cli",
            "run",
            "--records",
            f"{RECORDS},{TWELVE}",
            "--port",
            str(port),
        ]
        child = subprocess.Popen(
            [sys.executable, *command], env={**os.environ, **to_environ(settings)}
        )
        try:
            until_answers(f"{access.public_url(settings)}/healthz")
            yield settings
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(30)


def until_answers(address: str) -> None:
    """Wait until something is served there."""
    end = monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address
                return
        except OSError:
            if monotonic() > end:
                raise
            sleep(0.5)


class Camera:
    """Takes pictures of a running system."""

    def __init__(self, browser: Any, settings: Settings, into: Path) -> None:
        self._browser = browser
        self._into = into
        self._settings = settings
        self._url = access.public_url(settings)
        self._session: list[Any] = []  # cookie of the one session that takes all pictures

    def open(self, language: str, theme: str, size: tuple[int, int], *, signed_in: bool) -> Any:
        """Return a page of its own that wants this language and theme."""
        touched = size == PHONE
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]}, has_touch=touched, is_mobile=touched
        )
        wishes = {"ecg_language": language, "ecg_theme": theme}
        context.add_cookies(
            [{"name": name, "value": value, "url": self._url} for name, value in wishes.items()]
        )
        page = context.new_page()
        page.set_default_timeout(1000 * ANALYSED_S)  # a busy machine takes its time
        if signed_in:
            if self._session:
                context.add_cookies(self._session)
                page.goto(self._url)
            else:
                page.goto(access.sign_in_link(self._settings, "A. Nurse"))
                self._session = [
                    one for one in context.cookies() if one["name"] == access.SESSION_COOKIE
                ]
            page.locator(".tile").first.wait_for()
            hear = page.locator(".banner button")
            if hear.is_visible():
                hear.click()
        return page

    def device(self) -> str:
        """Return the bed that has the most urgent alarm now, or the first one.

        A patient is admitted to it, with limits and notes; there are accounts as well.
        """
        page = self.open("en", "dark", DESK, signed_in=True)
        analysed(page)
        found = page.evaluate(
            """() => {
              const tile = ["high", "medium", "low"]
                .map((one) => document.querySelector(`.tile[data-alarm=${one}]`))
                .find((one) => one !== null) ?? document.querySelector(".tile");
              return tile.dataset.device;
            }"""
        )
        page.evaluate(ADMIT, found)
        page.evaluate(ADD_USERS, os.urandom(16).hex())
        page.context.close()
        return str(found)

    def take(self, name: str, view: View, device: str, sizes: Sizes) -> None:
        """Take pictures of one view in every look, side by side, and in windows of these sizes."""
        pages = self._open_all(sizes, signed_in=True)
        for page in pages.values():
            page.goto(self._url + view.path.format(device=device))
        wait(pages, SETTLE_S)
        if view.path == "/":
            for page in pages.values():
                page.evaluate(WITHOUT, RESTING)
            wait(pages, SETTLE_S)
        for page in pages.values():
            for selector in view.press:
                page.locator(selector).first.click()
                loaded(page)
            if view.shows:
                page.locator(view.shows).first.wait_for()
        self._save(pages, name, sizes)

    def take_sign_in(self, sizes: Sizes) -> None:
        """Take pictures of the page that everybody sees."""
        pages = self._open_all(sizes, signed_in=False)
        for page in pages.values():
            page.goto(self._url)
        self._save(pages, "sign-in", sizes)

    def _open_all(self, sizes: Sizes, *, signed_in: bool) -> dict[str, Any]:
        """Return a page for each look, by the ending of its pictures' names."""
        smallest = next(iter(sizes.values()))
        return {
            ending: self.open(language, theme, smallest, signed_in=signed_in)
            for ending, (language, theme) in LOOKS.items()
        }

    def _save(self, pages: dict[str, Any], name: str, sizes: Sizes) -> None:
        """Write pictures of pages as their windows grow, and close them."""
        for of_size, (width, height) in sizes.items():
            size = {"width": width, "height": height}
            if any(page.viewport_size != size for page in pages.values()):
                for page in pages.values():
                    page.set_viewport_size(size)
                wait(pages, GROWN_S)
            for ending, page in pages.items():
                save(page, f"{name}{of_size}{ending}", self._into)
        for page in pages.values():
            page.context.close()


def wait(pages: dict[str, Any], seconds: float) -> None:
    """Let pages draw what they show."""
    next(iter(pages.values())).wait_for_timeout(1000 * seconds)


def analysed(page: Any) -> None:
    """Wait until the detector, which may have to be compiled first, has told a heart rate."""
    page.locator(".rate[data-known]").first.wait_for()
    page.wait_for_timeout(1000 * ALARMS_COME_S)


def loaded(page: Any) -> None:
    """Wait until what was pressed has come: nothing says that it is loading."""
    end = monotonic() + LOAD_S
    page.wait_for_timeout(2000)
    while page.locator("#view [role=status]", has_text="…").count() and monotonic() < end:
        page.wait_for_timeout(500)
    page.wait_for_timeout(1000)


def save(page: Any, name: str, into: Path) -> None:
    """Write a picture; one that is kept in `IMAGES` must be small."""
    path = into / f"{name}.png"
    page.screenshot(path=path)
    if into == IMAGES and name.startswith("twelve"):
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.name}: {size / 1000:.0f} kB")
    if into == IMAGES and size > MAX_BYTES:
        raise SystemExit(f"{path.name} has {size} bytes, at most {MAX_BYTES} may be kept")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="names of pictures, as wall,bed")
    parser.add_argument("--wait", type=float, default=90.0, help="let it run so long first, s")
    parser.add_argument("--sizes", action="store_true", help="every page at every size of screen")
    parser.add_argument("--into", type=Path, default=IMAGES, help="folder of the pictures")
    args = parser.parse_args()
    if args.sizes and args.into == IMAGES:
        parser.error("--sizes takes pictures to be looked at: name a folder for them with --into")
    names = args.only.split(",") if args.only else [*VIEWS, "sign-in"]
    args.into.mkdir(parents=True, exist_ok=True)
    with system() as settings, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        camera = Camera(browser, settings, args.into)
        device = camera.device()  # before the wait: the past of a bed begins with its patient
        sleep(args.wait)
        for name in names:
            view = VIEWS.get(name)
            if view is None:
                camera.take_sign_in(SIZES if args.sizes else {"": DESK})
            else:
                sized = args.sizes and view.size != PHONE  # a telephone has one size
                camera.take(name, view, device, SIZES if sized else {"": view.size})
        browser.close()


if __name__ == "__main__":
    main()
