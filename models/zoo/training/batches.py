"""Batches of examples, in an order that the seed and the number of the epoch decide alone.

So a training that is resumed sees what an uninterrupted one would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from models.zoo.data.examples import Examples, Floats

Batch = tuple[torch.Tensor, torch.Tensor]


class Batches:
    """Goes once through examples, batch by batch.

    Args:
        examples: what to go through.
        size: examples per batch; the last one may be smaller, but is never of one example alone
            (batch normalisation cannot learn from it): such a one joins the batch before.
        order: seed and number of the epoch; None: as they are.
        chance: with which each class is seen in this epoch, shape (classes,); None: all are.
    """

    def __init__(
        self,
        examples: Examples,
        size: int,
        order: tuple[int, int] | None,
        chance: Floats | None = None,
    ) -> None:
        self._inputs = torch.from_numpy(np.ascontiguousarray(examples.inputs))
        self._targets = torch.from_numpy(np.ascontiguousarray(examples.targets))
        rows = np.arange(len(examples))
        if order is not None:
            random = np.random.default_rng(order)
            random.shuffle(rows)
            if chance is not None:
                rows = rows[random.random(len(rows)) < chance[examples.targets[rows]]]
        self._rows = torch.from_numpy(rows)
        alone = len(rows) % size == 1 < len(rows)
        self._starts = list(range(0, len(rows) - alone, size))

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Batch]:
        for start, end in zip(self._starts, [*self._starts[1:], len(self._rows)], strict=True):
            chosen = self._rows[start:end]
            yield self._inputs[chosen], self._targets[chosen]
