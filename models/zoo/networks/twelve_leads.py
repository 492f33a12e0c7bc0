"""Networks of twelve leads: the rows of the registry."""

from __future__ import annotations

from models.zoo.network import Network, NetworkInput, Recipe

_PTBXL = "Wagner P et al., PTB-XL, Scientific Data 7:154 (2020)"
_CARD = "models/diagnosis/MODEL_CARD.md"
_LICENCE = "MIT; trained on PTB-XL (CC BY 4.0)"
_CLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
_NINE = ("SNR", "AF", "IAVB", "LBBB", "RBBB", "PAC", "PVC", "STD", "STE")
_SEES = NetworkInput(100.0, 1000, 12, "10 s of twelve leads, 0.5 to 40 Hz")


def _superclasses(name: str, title: str, claim: float, recipe: Recipe) -> Network:
    return Network(
        name=name,
        task="record",
        title=title,
        sees=_SEES,
        labels=_CLASSES,
        citation=f"public project on {_PTBXL}",
        claim=f"AUC {claim:g}",
        claimed={"macro_auc": claim},
        module="models.diagnosis.networks.superclasses",
        data="models.diagnosis.data.examples",
        recipe=recipe,
        weights={"patients": f"models/diagnosis/weights/{name}.onnx"},
        licence=_LICENCE,
        card=_CARD,
        figures=(f"zoo-{name}",),
    )


NETWORKS = (
    Network(
        name="resnet34-12lead",
        task="record",
        title="residual network of 34 layers, nine labels of 30 s",
        sees=NetworkInput(
            500.0, 15000, 12, "30 s of twelve leads in mV, 0 ahead of a shorter recording"
        ),
        labels=_NINE,
        citation="He K et al., CVPR (2016), in one dimension; public project on CPSC2018 (Liu F "
        "et al., J Med Imaging Health Inform 8:1368-1373, 2018)",
        claim="AUC .970, F1 .813 over ten folds of 6877 recordings",
        claimed={"macro_auc": 0.97, "macro_f1": 0.813},
        module="models.diagnosis.networks.resnet34",
        data="models.diagnosis.data.examples",
        recipe=Recipe(loss="labels", epochs=30, batch_size=32, learning_rate=1e-3, patience=8),
        card=_CARD,
        figures=("zoo-resnet34-12lead",),
    ),
    _superclasses(
        "ptbxl-cnn",
        "four convolutions, five superclasses of 10 s",
        0.95,
        Recipe(loss="labels", epochs=8, batch_size=64, learning_rate=1e-3, patience=3),
    ),
    _superclasses(
        "ptbxl-lstm",
        "bidirectional LSTM of two layers, five superclasses of 10 s",
        0.93,
        Recipe(
            loss="labels",
            epochs=8,
            batch_size=64,
            learning_rate=2e-3,
            patience=3,
            constants={"every": 4},
        ),
    ),
    _superclasses(
        "ptbxl-hybrid",
        "three convolutions and a bidirectional LSTM, five superclasses of 10 s",
        0.97,
        Recipe(loss="labels", epochs=8, batch_size=64, learning_rate=1e-3, patience=3),
    ),
    Network(
        name="ecg-diagnosis",
        task="record",
        title="fourteen labels of any of twelve leads, with age and sex",
        sees=NetworkInput(100.0, 1000, 12, "10 s of any leads, 0.5 to 40 Hz, in mV if known"),
        labels=_CLASSES + _NINE,
        citation="own design: residual network with squeeze and excitation, leads left out in "
        "training",
        weights={"patients": "models/diagnosis/weights/ecg-diagnosis.onnx"},
        licence="MIT; trained on PTB-XL and CPSC2018 (CC BY 4.0)",
        card=_CARD,
        command="ecg-monitor train ecg-diagnosis data/",
        figures=("twelve-leads",),
    ),
)
