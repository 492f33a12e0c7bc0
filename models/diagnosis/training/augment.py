"""What a training batch of twelve leads is put through: leads go, sizes and times change, noise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.diagnosis.leads import LIMB, STANDARD

CHEST = len(STANDARD) - LIMB


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How often and how much.

    Attributes:
        leads: share of the windows that lose leads.
        voltage: share of those with known voltages that are treated as if they had none.
        person: share that lose age and sex.
        shift: samples by which a window is moved at most, at either side.
        short: share that is cut to a part of its length.
        gain: standard deviation of the logarithm of a common gain.
        noise: largest noise, as a share of a lead's size.
        wander: largest slow wander, as a share of a lead's size.
    """

    leads: float = 0.4
    voltage: float = 0.3
    person: float = 0.3
    shift: int = 100
    short: float = 0.1
    gain: float = 0.1
    noise: float = 0.15
    wander: float = 0.3


def augmented(
    ecg: Tensor, mask: Tensor, about: Tensor, how: Augmentation, random: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Return a changed copy of a batch; arguments as of `models.diagnosis.networks.compact`."""
    n, _, samples = ecg.shape

    def chance(share: float) -> Tensor:
        return (torch.rand(n, generator=random) < share).float()

    ecg = ecg * torch.exp(how.gain * torch.randn(n, 1, 1, generator=random))
    size = ecg.std(dim=2, keepdim=True)
    noise = torch.randn(ecg.shape, generator=random) * size
    ecg = ecg + noise * how.noise * torch.rand(n, 1, 1, generator=random) ** 2
    at = torch.linspace(0, 6.2832, samples)
    turns = 1 + 4 * torch.rand(n, 12, 1, generator=random)
    phase = 6.2832 * torch.rand(n, 12, 1, generator=random)
    share = how.wander * torch.rand(n, 1, 1, generator=random) ** 2
    ecg = ecg + share * size * torch.sin(turns * at + phase)
    if how.shift:
        offsets = torch.randint(-how.shift, how.shift + 1, (n,), generator=random)
        places = (torch.arange(samples)[None] - offsets[:, None]) % samples
        ecg = torch.gather(ecg, 2, places[:, None].expand_as(ecg))
    lengths = torch.where(
        chance(how.short) > 0, 0.3 + 0.7 * torch.rand(n, generator=random), torch.ones(n)
    )
    ecg = ecg * (torch.arange(samples)[None] < (lengths * samples)[:, None])[:, None]
    mask = mask * kept_leads(n, how.leads, random)
    about = about.clone()
    about[:, 0] *= 1 - chance(how.voltage)
    about[:, 1:] *= (1 - chance(how.person))[:, None]
    return ecg * mask[:, :, None], mask, about


def kept_leads(n: int, share: float, random: torch.Generator) -> Tensor:
    """Return masks, (n, 12): all leads, or all limb leads, one or none, and some chest leads."""
    kept = torch.ones(n, len(STANDARD))
    for i in torch.nonzero(torch.rand(n, generator=random) < share).flatten().tolist():
        draw = float(torch.rand(1, generator=random))
        if draw < 0.5:  # noqa: SIM108
            limb = torch.ones(LIMB)
        else:
            limb = torch.zeros(LIMB)
        if 0.5 <= draw < 0.85:
            limb[int(torch.randint(LIMB, (1,), generator=random))] = 1
        chest = (torch.rand(CHEST, generator=random) < torch.rand(1, generator=random)).float()
        if draw < 0.2 or (0.5 <= draw < 0.7):
            chest.zero_()
        if limb.sum() + chest.sum() == 0:
            chest[int(torch.randint(CHEST, (1,), generator=random))] = 1
        kept[i, :LIMB], kept[i, LIMB:] = limb, chest
    return kept
