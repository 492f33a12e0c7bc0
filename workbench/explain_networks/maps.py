"""Maps of what a network looks at: one number for each sample that it has seen.

Attention: the weights that the network itself gives its steps. Residual: what an autoencoder
leaves of a beat. Integrated gradients: Sundararajan M, Taly A, Yan Q, ICML (2017). Grad-CAM:
Selvaraju RR et al., ICCV (2017), at the last convolution. The two last are captum's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from models.zoo.modules.cnn_bilstm_attention import CnnBilstmAttention
from models.zoo.modules.hybrid_autoencoder import Score
from workbench.explain_networks.subject import Floats, Subject

STEPS = 16
"""Points of the way from nothing to the signal at which gradients are taken."""
AT_ONCE = 16
Targets = npt.NDArray[np.int64]


def attention(subject: Subject, signal: Floats, targets: Targets) -> Floats:
    """Return the network's own weights over time, shape (n, 1, samples); sum 1 over its steps."""
    del targets
    network: Any = subject.network
    with torch.no_grad():
        weights, _ = network.attention(*subject.prepare(torch.from_numpy(signal)))
    return _over_samples(weights.transpose(1, 2), signal)


def residual(subject: Subject, signal: Floats, targets: Targets) -> Floats:
    """Return how far each sample is from what was rebuilt, squared and smoothed, (n, 1, samples).

    Args:
        subject: an autoencoder with its score.
        signal: beats, shape (n, 1, samples).
        targets: not looked at.
    """
    del targets
    network: Any = subject.network
    with torch.no_grad():
        left = network.residuals(torch.from_numpy(signal))
    found: Floats = (left**2)[:, None].numpy()
    return found


def integrated_gradients(subject: Subject, signal: Floats, targets: Targets) -> Floats:
    """Return what each sample adds to the logit of its target, signed, shape as the signal.

    The way begins at a signal of the mean of the training part throughout: no deflection at all.
    """
    from captum.attr import IntegratedGradients  # noqa: PLC0415  # of the extra for training

    method = IntegratedGradients(subject.network)
    parts = []
    for at in range(0, len(signal), AT_ONCE):
        seen, *beside = subject.prepare(torch.from_numpy(signal[at : at + AT_ONCE]))
        parts.append(
            method.attribute(
                seen,
                target=torch.from_numpy(targets[at : at + AT_ONCE]),
                additional_forward_args=tuple(beside) or None,
                n_steps=STEPS,
                internal_batch_size=AT_ONCE,
            )
            .detach()
            .numpy()
        )
    return np.concatenate(parts).astype(np.float32)


def grad_cam(subject: Subject, signal: Floats, targets: Targets) -> Floats:
    """Return where the last convolution speaks for the target, 0 or more, shape (n, 1, samples)."""
    from captum.attr import LayerGradCam  # noqa: PLC0415  # of the extra for training

    method = LayerGradCam(subject.network, subject.convolution)
    seen, *beside = subject.prepare(torch.from_numpy(signal))
    found = method.attribute(
        seen,
        target=torch.from_numpy(targets),
        additional_forward_args=tuple(beside) or None,
        relu_attributions=True,
    )
    return _over_samples(found.detach(), signal)


def _over_samples(coarse: torch.Tensor, signal: Floats) -> Floats:
    fine = functional.interpolate(coarse, signal.shape[2], mode="linear", align_corners=False)
    found: Floats = fine.numpy().astype(np.float32)
    return found


Method = Callable[[Subject, Floats, Targets], Floats]
METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "attention": attention,
        "residual": residual,
        "integrated gradients": integrated_gradients,
        "Grad-CAM": grad_cam,
    }
)


def methods(subject: Subject) -> tuple[str, ...]:
    """Return the names of the methods that suit a network."""
    network = subject.network
    if isinstance(network, Score):
        return ("residual",)
    found = ["attention"] if isinstance(network, CnnBilstmAttention) else []
    return (*found, "integrated gradients", *(["Grad-CAM"] if subject.convolution else []))
