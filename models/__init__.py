"""Networks: their inputs, live code and training; EC57 scoring. Never imports the detector."""

import os

# onnxruntime reports its use to its makers unless this is set before it is loaded, which modules of
# this package alone do. Nothing that runs beside a bed tells anybody anything.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
