"""What is known of a network without loading it: its row in the registry.

A row is plain data. The definition of the network itself, which needs torch, is a module that the
row names and that only training imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Task = Literal["beat", "beat-anomaly", "record", "live"]
"""What one answer is about: a beat, how unusual a beat is, a recording, a stream."""
Loss = Literal["classes", "labels", "rebuild"]
"""What is minimised: cross entropy of one class, of each label by itself, squared residual."""
ROOT = Path(__file__).resolve().parents[2]
TASKS: Mapping[Task, str] = MappingProxyType(
    {
        "beat": "the class of a beat",
        "beat-anomaly": "how unusual a beat is",
        "record": "the labels of a recording",
        "live": "part of the live engine",
    }
)


@dataclass(frozen=True, slots=True)
class NetworkInput:
    """The input of a network.

    Attributes:
        fs: sampling rate in hertz.
        samples: samples per lead.
        leads: number of leads.
        what: in a few words, ``one beat from its R peak on, scaled to 0 .. 1``.
    """

    fs: float
    samples: int
    leads: int = 1
    what: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained unless the command line says otherwise.

    Attributes:
        loss: what is minimised.
        epochs: most passes over the training part.
        batch_size: examples per step.
        learning_rate: of Adam, at the beginning.
        weight_decay: of AdamW; 0 is plain Adam.
        patience: epochs without a better validation loss before the training ends; 0: never early.
        plateau: epochs without a better validation loss before the learning rate is divided;
            0: it stays.
        plateau_factor: what it is multiplied with then.
        class_weights: whether the loss counts each class by the inverse of its share.
        share_of_largest: part of the most frequent class that an epoch sees, drawn anew for each;
            those seen count for the rest too.
        constants: what the definition needs besides, by name.
    """

    loss: Loss = "classes"
    epochs: int = 20
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    patience: int = 5
    plateau: int = 0
    plateau_factor: float = 0.5
    class_weights: bool = False
    share_of_largest: float = 1.0
    constants: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Network:
    """One network of the zoo.

    Attributes:
        name: by which commands know it, ``cnn-1d``.
        task: what one answer is about.
        title: one line for a table.
        sees: its input.
        labels: names of its outputs, in their order.
        citation: whose design it is.
        claim: what its authors report, in their words; empty for a design of our own.
        claimed: the same as figures, by their path in a result, ``classes/S/f1``.
        module: dotted path of its definition with ``build(network) -> torch.nn.Module``, imported
            for training alone; None: it is not trained by the trainer of the zoo.
        data: dotted path of the module whose ``load(folder, network, options)`` builds its
            examples; None where ``module`` is.
        recipe: how it is trained.
        weights: released weights by the split that they were trained on, relative to the
            repository; the first is the default. Empty: none are shipped.
        licence: of the released weights, empty where none are shipped.
        card: model card, relative to the repository.
        command: what trains it, where it is not ``ecg-monitor train NAME DATA``.
        figures: files of `docs/figures/` that hold its results, without ``.json``.
    """

    name: str
    task: Task
    title: str
    sees: NetworkInput
    labels: tuple[str, ...]
    citation: str
    claim: str = ""
    claimed: Mapping[str, float] = field(default_factory=dict)
    module: str | None = None
    data: str | None = None
    recipe: Recipe = field(default_factory=Recipe)
    weights: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    card: str | None = None
    command: str = ""
    figures: tuple[str, ...] = ()

    @property
    def trainable(self) -> bool:
        """Whether the trainer of the zoo trains it."""
        return self.module is not None and self.data is not None

    def files(self) -> tuple[Path, ...]:
        """Return the released weights that are there."""
        return tuple(path for name in self.weights.values() if (path := ROOT / name).is_file())
