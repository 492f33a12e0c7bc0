"""The networks of the live engine, which have trainings of their own: rows of the registry."""

from __future__ import annotations

from models.zoo.network import Network, NetworkInput

_LICENCE = "MIT; trained on MIT-BIH DS1 (ODC-By 1.0) and made signals"
NETWORKS = (
    Network(
        name="qrs",
        task="live",
        title="where a QRS complex is",
        sees=NetworkInput(250.0, 0, 1, "a stream of one lead, sample by sample"),
        labels=("QRS",),
        citation="own design",
        licence=_LICENCE,
        card="detector/engine/MODEL_CARD.md",
        command="ecg-monitor train qrs data/",
    ),
    Network(
        name="beats",
        task="live",
        title="AAMI class of a beat, from features and rhythm",
        sees=NetworkInput(250.0, 0, 1, "90 features of a beat and of those around it"),
        labels=("N", "S", "V", "F"),
        citation="own design",
        weights={"ds1": "models/beats/weights/beats.onnx"},
        licence=_LICENCE,
        card="models/beats/MODEL_CARD.md",
        command="ecg-monitor train beats mitdb/",
    ),
    Network(
        name="autoencoder",
        task="live",
        title="how unusual a beat is for its patient",
        sees=NetworkInput(
            125.0, 0, 1, "a beat beside the patient's template, and the intervals around it"
        ),
        labels=("abnormal",),
        citation="own design, after hybrid LSTM + CNN autoencoders",
        weights={"ds1": "models/autoencoder/weights/live.onnx"},
        licence=_LICENCE,
        card="models/autoencoder/MODEL_CARD.md",
        command="ecg-monitor train autoencoder mitdb/",
    ),
)
