"""A deep one-dimensional CNN over one beat: the row of the registry."""

from __future__ import annotations

from models.zoo.network import Network, NetworkInput, Recipe

NETWORKS = (
    Network(
        name="cnn-1d",
        task="beat",
        title="deep 1-D CNN, AAMI classes of a beat",
        sees=NetworkInput(
            125.0, 187, 1, "one beat from its R peak on, scaled to 0 .. 1, zeros behind it"
        ),
        labels=("N", "S", "V", "F", "Q"),
        citation="Deep 1-D CNN with class weights, on the beats of Kachuee M, Fazeli S, "
        "Sarrafzadeh M, arXiv:1805.00794 (2018)",
        claim="accuracy .9186, precision .9618, F1 .9338 (weighted)",
        claimed={"accuracy": 0.9186, "weighted_precision": 0.9618, "weighted_f1": 0.9338},
        module="models.zoo.modules.cnn_1d",
        data="models.zoo.data.heartbeats",
        recipe=Recipe(
            epochs=16,
            batch_size=256,
            learning_rate=2e-3,
            patience=5,
            plateau=2,
            share_of_largest=0.25,
            class_weights=True,
        ),
        weights={
            "mixed": "models/zoo/weights/cnn-1d.mixed.onnx",
            "patients": "models/zoo/weights/cnn-1d.patients.onnx",
        },
        licence="MIT; trained on MIT-BIH (ODC-By 1.0)",
        card="models/zoo/cards/cnn-1d.MODEL_CARD.md",
        figures=("zoo-cnn-1d-mixed", "zoo-cnn-1d-patients"),
    ),
)
