"""Brings a fitted live model into ONNX, in the one batch size that it runs with."""

from __future__ import annotations

import io
import warnings

import torch

from models.autoencoder import inputs as seen
from models.autoencoder.inference import BATCH
from models.autoencoder.network import BeatModel

OPSET = 17


def to_onnx(model: BeatModel) -> bytes:
    """Return the ONNX file of a model: inputs ``beats``, ``templates``, ``rhythm``."""
    example = (
        torch.zeros(BATCH, seen.POINTS),
        torch.zeros(BATCH, seen.POINTS),
        torch.zeros(BATCH, len(seen.RHYTHM_FIELDS)),
    )
    out = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter that needs no further package is marked as the older one.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            example,
            out,  # type: ignore[arg-type]  # the older exporter writes to any stream
            input_names=["beats", "templates", "rhythm"],
            output_names=["reconstruction", "surprise"],
            opset_version=OPSET,
            dynamo=False,
        )
    return out.getvalue()
