"""Classical models of what an expert measures, and a linear model on an untrained network.

They keep the networks honest: what a logistic regression on heights and intervals does as well
needs no network. All settings are fixed beforehand; missing values are filled with the median of
the training part where a model cannot take them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from models.diagnosis.data.collection import Collection
from models.diagnosis.leads import FloatArray

SEED = 1
WIDTHS = (64, 96, 128, 256)
"""Channels of the untrained network: wider than the trained one, since its features are drawn."""
BATCH = 128


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    return _scaled(LogisticRegression(C=0.05, max_iter=2000, class_weight="balanced"))


def _forest() -> Any:
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415

    forest = RandomForestClassifier(
        400, min_samples_leaf=3, max_features="sqrt", class_weight="balanced", random_state=SEED
    )
    return filled(forest)


def _boosted() -> Any:
    from lightgbm import LGBMClassifier  # noqa: PLC0415

    return LGBMClassifier(
        n_estimators=250,
        learning_rate=0.04,
        num_leaves=15,
        min_child_samples=15,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.4,
        reg_lambda=5.0,
        random_state=SEED,
        n_jobs=1,
        verbosity=-1,
        deterministic=True,
    )


def _perceptron() -> Any:
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415

    return _scaled(
        MLPClassifier((64,), alpha=1.0, early_stopping=True, max_iter=200, random_state=SEED)
    )


def filled(model: Any) -> Any:
    """Return a model before which the median stands in for what was not measured."""
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415

    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), model)


def _scaled(model: Any) -> Any:
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    pipeline = filled(model)
    pipeline.steps.insert(1, ("scale", StandardScaler()))
    return pipeline


MODELS: Mapping[str, Callable[[], Any]] = MappingProxyType(
    {"lr": _logistic, "rf": _forest, "lgb": _boosted, "mlp": _perceptron}
)
"""Logistic regression, random forest, boosted trees, a perceptron of one hidden layer."""


def scores(
    make: Callable[[], Any],
    features: FloatArray,
    holds: npt.NDArray[np.float32],
    asked: FloatArray,
) -> FloatArray:
    """Train a model for each label, and return what it says of other recordings.

    Args:
        make: gives a new model.
        features: of the training part, shape (n, features), NaN where there is none.
        holds: which labels hold, shape (n, labels).
        asked: features to be judged, shape (m, features).

    Returns:
        Probabilities, shape (m, labels).
    """
    columns = []
    for i in range(holds.shape[1]):
        model = make()
        model.fit(features, holds[:, i] > 0.5)
        columns.append(model.predict_proba(asked)[:, 1])
    return np.stack(columns, axis=1)


def untrained_features(data: Collection, seed: int = SEED) -> FloatArray:
    """Return what an untrained network of the shape of ours makes of windows, (n, features).

    Its normalisations are set by what passes through, its weights stay as drawn.
    """
    import torch  # noqa: PLC0415

    from models.diagnosis.networks.compact import CompactNet  # noqa: PLC0415

    torch.manual_seed(seed)
    network = CompactNet(1, widths=WIDTHS)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.momentum = None  # the mean over all that passes, not a running one
    rows = torch.randperm(len(data))[: 4 * BATCH].numpy()
    some = [torch.from_numpy(a) for a in (data.ecg, data.mask, data.about)]
    with torch.no_grad():
        network.train()
        for at in range(0, len(rows), BATCH):
            chosen = rows[at : at + BATCH]
            network.features(*(one[chosen] for one in some))
        network.eval()
        parts = [
            network.features(*(one[at : at + BATCH] for one in some)).numpy()
            for at in range(0, len(data), BATCH)
        ]
    return np.concatenate(parts).astype(np.float64)
