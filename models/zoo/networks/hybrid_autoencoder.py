"""An LSTM and a CNN, fused, that rebuild normal beats: the row of the registry."""

from __future__ import annotations

from models.zoo.network import Network, NetworkInput, Recipe

NETWORKS = (
    Network(
        name="hybrid-autoencoder",
        task="beat-anomaly",
        title="LSTM + CNN autoencoder with a fusion layer, normal beats alone",
        sees=NetworkInput(
            125.0, 140, 1, "one beat as ECG5000 has it: 140 samples, zero mean, unit spread"
        ),
        labels=("abnormal",),
        citation="Hybrid LSTM + CNN autoencoder with feature fusion, on ECG5000: Chen Y, Hao Y, "
        "Rakthanmanon T, et al., Data Min Knowl Disc 29(6), 2015",
        claim="accuracy 97.03 % and F1 .97 on 438 test beats",
        claimed={"accuracy": 0.9703, "balanced/accuracy/mean": 0.9703, "balanced/f1/mean": 0.97},
        module="models.zoo.modules.hybrid_autoencoder",
        data="models.zoo.data.ecg5000",
        recipe=Recipe(loss="rebuild", epochs=60, batch_size=32, learning_rate=3e-3, patience=0),
        weights={"standard": "models/zoo/weights/hybrid-autoencoder.standard.onnx"},
        licence="MIT; trained on ECG5000 (UCR archive; source recording ODC-By 1.0)",
        card="models/zoo/cards/hybrid-autoencoder.MODEL_CARD.md",
        figures=("zoo-hybrid-autoencoder-standard",),
    ),
)
