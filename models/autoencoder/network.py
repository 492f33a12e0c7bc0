"""The hybrid autoencoder's definition in torch (training and export; live it runs from ONNX)."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a network.

    Attributes:
        points: samples of a beat, a multiple of ``patch``.
        patch: samples per step of the LSTMs: few steps are what makes them cheap.
        code: numbers that a beat is squeezed through.
        hidden: width of the LSTMs.
        channels: width of the convolutions.
        template: numbers by which the decoder gets the patient's template; 0: no template,
            the network sees the beat alone.
    """

    points: int
    patch: int = 10
    code: int = 4
    hidden: int = 32
    channels: int = 16
    template: int = 0

    def as_map(self) -> dict[str, int]:
        """Return the sizes for a manifest."""
        return asdict(self)


class HybridAutoencoder(nn.Module):
    """LSTM branch over patches and CNN branch over samples, fused to one code and decoded by both.

    After the hybrid systems reported on ECG5000; here with patches, and with an optional second
    input: the patient's running template. The encoder then sees the beat's deviation from it
    beside it, and the decoder's output is added to it, so the network learns which deviations
    (noise, breathing, displacement) are everyday and which it cannot explain.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        inputs = 2 if shape.template else 1
        ch, hidden = shape.channels, shape.hidden
        self.steps = shape.points // shape.patch
        self.width = (shape.points + 7) // 8
        self.encode_lstm = nn.LSTM(shape.patch * inputs, hidden, batch_first=True)
        self.encode_cnn = nn.Sequential(
            nn.Conv1d(inputs, ch, 7, 2, 3),
            nn.ELU(),
            nn.Conv1d(ch, ch, 5, 2, 2),
            nn.ELU(),
            nn.Conv1d(ch, ch, 5, 2, 2),
            nn.ELU(),
        )
        self.fuse = nn.Linear(hidden + ch * self.width, shape.code)
        self.tell = nn.Linear(shape.points, shape.template) if shape.template else None
        context = shape.code + shape.template
        self.decode_lstm = nn.LSTM(context, hidden, batch_first=True)
        self.to_patch = nn.Linear(hidden, shape.patch)
        self.to_map = nn.Linear(context, ch * self.width)
        self.decode_cnn = nn.Sequential(
            nn.ELU(),
            nn.ConvTranspose1d(ch, ch, 4, 2, 1),
            nn.ELU(),
            nn.ConvTranspose1d(ch, ch, 4, 2, 1),
            nn.ELU(),
            nn.ConvTranspose1d(ch, 1, 4, 2, 1),
        )

    def forward(self, beats: Tensor, templates: Tensor | None = None) -> Tensor:
        """Reconstruct beats.

        Args:
            beats: shape (B, points).
            templates: shape (B, points); given exactly if the shape has a template.

        Returns:
            shape (B, points).
        """
        rows, shape = beats.shape[0], self.shape
        seen = beats[:, None]
        if templates is not None:
            seen = torch.stack((beats - templates, templates), dim=1)
        steps = seen.reshape(rows, -1, self.steps, shape.patch).transpose(1, 2)
        _, (last, _) = self.encode_lstm(steps.reshape(rows, self.steps, -1))
        code = self.fuse(torch.cat((last[-1], self.encode_cnn(seen).flatten(1)), dim=1))
        if self.tell is not None and templates is not None:
            code = torch.cat((code, torch.tanh(self.tell(templates))), dim=1)
        coarse, _ = self.decode_lstm(code[:, None].expand(-1, self.steps, -1))
        fine = self.decode_cnn(self.to_map(code).reshape(rows, shape.channels, self.width))
        out = self.to_patch(coarse).reshape(rows, shape.points) + fine[:, 0, : shape.points]
        rebuilt: Tensor = out if templates is None else out + templates
        return rebuilt


class RhythmHead(nn.Module):
    """Predicts the intervals before and after a beat from the rhythm so far.

    The beat's own intervals are masked: the network reconstructs them from trend, irregularity
    and the interval before, as two Laplace distributions. Under atrial fibrillation it expects a
    wide spread, so a short interval surprises it less than in a regular rhythm.
    """

    def __init__(self, hidden: int = 16) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, hidden), nn.ELU(), nn.Linear(hidden, 4))

    def forward(self, rhythm: Tensor) -> tuple[Tensor, Tensor]:
        """Return expected log ratios and their spreads.

        Args:
            rhythm: shape (B, 5), see `models.autoencoder.inputs.RHYTHM_FIELDS`; the first two
                columns are not used.

        Returns:
            middle and scale, each shape (B, 2), for the columns ``early`` and ``late``.
        """
        out = self.layers(rhythm[:, 2:] * torch.tensor([4.0, 10.0, 2.0]))
        return out[:, :2], torch.nn.functional.softplus(out[:, 2:]) * 0.1 + 0.02


class BeatModel(nn.Module):
    """The network that is exported for live use: reconstruction and surprise at the rhythm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.autoencoder = HybridAutoencoder(shape)
        self.rhythm = RhythmHead()

    def forward(self, beats: Tensor, templates: Tensor, rhythm: Tensor) -> tuple[Tensor, Tensor]:
        """Return the reconstruction (B, points) and the surprises (B, 2), in spreads."""
        middle, scale = self.rhythm(rhythm)
        return self.autoencoder(beats, templates), (rhythm[:, :2] - middle) / scale
