"""Convolutions, a bidirectional LSTM and attention over one beat: the row of the registry."""

from __future__ import annotations

from models.zoo.network import Network, NetworkInput, Recipe

_BY_CLASS = {
    "N": (0.99, 1.00, 0.99),
    "S": (0.91, 0.76, 0.83),
    "V": (0.97, 0.96, 0.96),
    "F": (0.88, 0.76, 0.81),
    "Q": (0.98, 0.99, 0.99),
}
"""Precision, recall and F1 that are claimed of each class."""
NETWORKS = (
    Network(
        name="cnn-bilstm-attention",
        task="beat",
        title="CNN + BiLSTM + attention, AAMI classes of a beat",
        sees=NetworkInput(
            125.0, 187, 1, "one beat from its R peak on, scaled to 0 .. 1, zeros behind it"
        ),
        labels=("N", "S", "V", "F", "Q"),
        citation="CNN + BiLSTM + attention for heartbeat classification, on the beats of Kachuee "
        "M, Fazeli S, Sarrafzadeh M, arXiv:1805.00794 (2018)",
        claim="99 % normal against abnormal; weighted F1 0.98; precision, recall, F1: N .99 1.00 "
        ".99, S .91 .76 .83, V .97 .96 .96, F .88 .76 .81, Q .98 .99 .99",
        claimed={
            "binary_accuracy": 0.99,
            "weighted_f1": 0.98,
            **{
                f"classes/{label}/{name}": value
                for label, values in _BY_CLASS.items()
                for name, value in zip(("precision", "recall", "f1"), values, strict=True)
            },
        },
        module="models.zoo.modules.cnn_bilstm_attention",
        data="models.zoo.data.heartbeats",
        recipe=Recipe(
            epochs=34,
            batch_size=256,
            learning_rate=2e-3,
            patience=5,
            plateau=2,
            share_of_largest=0.25,
            weight_decay=1e-4,
        ),
        weights={
            "mixed": "models/zoo/weights/cnn-bilstm-attention.mixed.onnx",
            "patients": "models/zoo/weights/cnn-bilstm-attention.patients.onnx",
        },
        licence="MIT; trained on MIT-BIH (ODC-By 1.0)",
        card="models/zoo/cards/cnn-bilstm-attention.MODEL_CARD.md",
        figures=("zoo-cnn-bilstm-attention-mixed", "zoo-cnn-bilstm-attention-patients"),
    ),
)
