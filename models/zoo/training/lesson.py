"""One network in training, as lightning drives it: loss, optimiser, learning rate, what is kept."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import lightning
import numpy as np
import torch
from torch.nn import functional

from models.zoo.data.examples import Floats, SplitData
from models.zoo.network import Network
from models.zoo.scores import by_class
from models.zoo.training.batches import Batch, Batches
from models.zoo.training.options import Epoch, Progress, TrainingOptions
from models.zoo.training.scaled import ScaledNetwork

JUDGED_AT_ONCE = 1024
"""Examples per step of the validation."""
MOST_WEIGHT = 20.0
"""Most that a rare label counts for against its absence."""
SEED_STEP = 1_000_003
"""The random state of an epoch is seeded with seed * SEED_STEP + epoch: no two meet."""

KEPT = frozenset({"fingerprint", "history", "least", "best_epoch", "best_state", "plateau"})
"""What a checkpoint keeps of a lesson beside the weights."""


class Lesson(lightning.LightningModule):
    """Trains a network, and keeps the weights of its best epoch.

    Each epoch seeds its own random state and shuffles by its own number, so nothing but what the
    checkpoint holds (weights, optimiser, learning rate, history, best weights) passes from one
    epoch to the next.
    """

    class_weights: torch.Tensor | None

    def __init__(
        self, network: Network, module: ScaledNetwork, data: SplitData, options: TrainingOptions
    ) -> None:
        super().__init__()
        self.module = module
        self.history: list[Epoch] = []
        self.least = float("inf")
        self.best_epoch = 0
        self.best_state: dict[str, torch.Tensor] = {}
        self._recipe = network.recipe
        self._data = data
        self._options = options
        self._losses: dict[str, list[tuple[float, int]]] = {"train": [], "validation": []}
        self._confusion = np.zeros((len(data.labels),) * 2)
        self._chance = self._chances()
        self.register_buffer("class_weights", self._weights(), persistent=False)
        self.say: Progress = print
        self.epochs = options.epochs
        self.fingerprint = {
            "network": network.name,
            "split": data.name,
            "data": data.digest,
            "labels": ",".join(data.labels),
            "seed": options.seed,
            "batch_size": options.batch_size,
            "learning_rate": options.learning_rate,
        }

    def _weights(self) -> torch.Tensor | None:
        """Return what each class (or each label that holds) counts for, None if all the same."""
        recipe = self._recipe
        if recipe.loss == "rebuild":
            return None
        counts = np.maximum(list(self._data.train.counts(self._data.labels).values()), 1)
        if recipe.loss == "labels":
            if not recipe.class_weights:
                return None
            rare = (len(self._data.train) - counts) / counts
            return torch.tensor(np.minimum(rare, MOST_WEIGHT), dtype=torch.float32)
        weights = np.ones(len(counts))
        if recipe.class_weights:
            weights = counts.sum() / (len(counts) * counts)
        if self._chance is not None:
            weights = weights / self._chance
        return torch.tensor(weights, dtype=torch.float32)

    def _chances(self) -> Floats | None:
        """Return with what chance an epoch sees an example of each class."""
        recipe = self._recipe
        if recipe.loss != "classes" or recipe.share_of_largest == 1.0:
            return None
        counts = list(self._data.train.counts(self._data.labels).values())
        chance = np.ones(len(counts), np.float32)
        chance[int(np.argmax(counts))] = recipe.share_of_largest
        return chance

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return AdamW; the learning rate falls on a plateau if the recipe says so."""
        optimizer = torch.optim.AdamW(
            self.module.parameters(),
            lr=self._options.learning_rate,
            weight_decay=self._recipe.weight_decay,
        )
        self._plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer,
            factor=self._recipe.plateau_factor,
            # Never, where the recipe has no plateau.
            patience=self._recipe.plateau - 1 if self._recipe.plateau else 10**9,
        )
        if self._restored is not None:
            self._plateau.load_state_dict(self._restored)
        return optimizer

    _restored: dict[str, Any] | None = None

    def train_dataloader(self) -> Batches:
        """Return the training part in the order of this epoch."""
        order = (self._options.seed, self.current_epoch)
        return Batches(self._data.train, self._options.batch_size, order, self._chance)

    def val_dataloader(self) -> Batches:
        """Return the validation part."""
        return Batches(self._data.validation, JUDGED_AT_ONCE, None)

    def on_train_epoch_start(self) -> None:
        """Seed the epoch."""
        torch.manual_seed(self._options.seed * SEED_STEP + self.current_epoch)

    def training_step(self, batch: Batch, index: int) -> torch.Tensor:
        """Return the loss of a batch."""
        del index
        loss = self._loss(self._said(batch[0]), batch, sampled=True)
        self._losses["train"].append((loss.item(), len(batch[0])))
        return loss

    def validation_step(self, batch: Batch, index: int) -> None:
        """Note the loss of a batch of the validation part."""
        del index
        said = self._said(batch[0])
        loss = self._loss(said, batch, sampled=False)
        self._losses["validation"].append((loss.item(), len(batch[0])))
        if self._recipe.loss == "classes":
            pairs = torch.stack((batch[1], said.argmax(dim=1))).cpu().numpy()
            np.add.at(self._confusion, tuple(pairs), 1)

    def _said(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits, or what is left of the scaled signal once it is rebuilt."""
        if self._recipe.loss == "rebuild":
            seen = self.module.scaled(inputs)
            left: torch.Tensor = self.module.inner(seen) - seen
            return left
        said: torch.Tensor = self.module(inputs)
        return said

    def _loss(self, said: torch.Tensor, batch: Batch, *, sampled: bool) -> torch.Tensor:
        targets = batch[1]
        weights = self.class_weights
        if weights is not None and self._chance is not None and not sampled:
            weights = weights * torch.from_numpy(self._chance).to(weights)
        if self._recipe.loss == "rebuild":
            return said.square().mean()
        if self._recipe.loss == "labels":
            return functional.binary_cross_entropy_with_logits(said, targets, pos_weight=weights)
        return functional.cross_entropy(said, targets, weight=weights)

    def on_validation_epoch_end(self) -> None:
        """Judge the epoch: keep it if it is the best, lower the learning rate on a plateau."""
        if self.trainer.sanity_checking:
            return
        train, validation = self._mean("train"), self._mean("validation")
        rate = float(self.optimizers().param_groups[0]["lr"])  # type: ignore[union-attr]
        f1 = float(by_class(self._confusion)[2].mean())
        self._confusion[:] = 0
        epoch = Epoch(len(self.history) + 1, train, validation, rate, f1)
        self.history.append(epoch)
        judged = 1.0 - f1 if self._data.judged_by == "f1" else validation
        if judged < self.least:
            self.least, self.best_epoch = judged, epoch.epoch
            self.best_state = copy.deepcopy(
                {name: value.cpu() for name, value in self.module.state_dict().items()}
            )
        self._plateau.step(judged)
        self.say(
            f"epoch {epoch.epoch}: loss {train:.4f}, validation {validation:.4f}"
            + (f", F1 {f1:.4f}" if self._recipe.loss == "classes" else "")
            + (", the best so far" if self.best_epoch == epoch.epoch else "")
        )

    def _mean(self, part: str) -> float:
        noted = self._losses[part]
        total = sum(loss * count for loss, count in noted) / max(sum(n for _, n in noted), 1)
        noted.clear()
        return total

    @property
    def exhausted(self) -> bool:
        """Whether no epoch has been better for as long as the recipe waits."""
        patience = self._recipe.patience
        return patience > 0 and len(self.history) - self.best_epoch >= patience

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Put beside the weights what else passes from one epoch to the next."""
        checkpoint["lesson"] = {
            "fingerprint": self.fingerprint,
            "history": [epoch.row() for epoch in self.history],
            "least": self.least,
            "best_epoch": self.best_epoch,
            "best_state": self.best_state,
            "plateau": self._plateau.state_dict(),
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take the lesson up again where the checkpoint left it."""
        self.take_up(checkpoint["lesson"])

    def take_up(self, kept: Mapping[str, Any]) -> None:
        """Go on from what `on_save_checkpoint` has put beside the weights."""
        self.history = [Epoch(**{**row, "epoch": int(row["epoch"])}) for row in kept["history"]]
        self.least = kept["least"]
        self.best_epoch = kept["best_epoch"]
        self.best_state = kept["best_state"]
        self._restored = kept["plateau"]
