"""What a training is told, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from ecg_monitor.core.errors import SettingsError
from models.zoo.network import Network

DEVICES = ("auto", "cpu", "cuda")
Progress = Callable[[str], None]
"""Called with a line for people."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How one training runs.

    Attributes:
        out: folder of checkpoints, curves and weights.
        epochs: most passes over the training part.
        batch_size: examples per step.
        learning_rate: of Adam, at the beginning.
        seed: of the weights, of the order of the examples and of dropout.
        device: ``auto``, ``cpu`` or ``cuda``.
        resume: checkpoint to go on from; None: begin anew.
        bar: whether to draw a progress bar.
        about: goes into the metadata of the exported weights, ``commit`` among it.
    """

    out: Path
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int = 0
    device: str = "auto"
    resume: Path | None = None
    bar: bool = False
    about: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            if getattr(self, name) < least:
                option = f"--{name.replace('_', '-')}"
                raise SettingsError(f"{option}: {getattr(self, name)} is less than {least}")
        if not 0 < self.learning_rate < 1:
            raise SettingsError(f"--lr: {self.learning_rate} is not between 0 and 1")
        if self.device not in DEVICES:
            raise SettingsError(f"--device: {self.device} is none of {', '.join(DEVICES)}")

    @classmethod
    def of(cls, network: Network, out: Path, **changes: Any) -> Self:
        """Return the options of a network's recipe, with those changed that are not None."""
        recipe = network.recipe
        usual = cls(out, recipe.epochs, recipe.batch_size, recipe.learning_rate)
        return replace(usual, **{k: v for k, v in changes.items() if v is not None})


@dataclass(frozen=True, slots=True)
class Epoch:
    """What was measured after an epoch.

    Attributes:
        epoch: counted from 1.
        train_loss: mean over the training part, while it changed.
        validation_loss: mean over the validation part, after the epoch.
        learning_rate: that the epoch was trained with.
        validation_f1: mean F1 of the classes over the validation part; 0 where no class is told.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    learning_rate: float
    validation_f1: float = 0.0

    def row(self) -> dict[str, float]:
        """Return the values by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Outcome of a training.

    Attributes:
        module: the trained network with its scaler, as it was after its best epoch.
        epochs: what was measured after each epoch, those before a resume included.
        best: the epoch whose weights were kept, counted from 1.
        batch_size: that was used, less than asked for if memory ran out.
        checkpoint: from which the training can go on.
    """

    module: Any
    epochs: tuple[Epoch, ...]
    best: int
    batch_size: int
    checkpoint: Path
