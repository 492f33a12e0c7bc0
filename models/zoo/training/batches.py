"""Batches of examples, in an order that the seed and the number of the epoch decide alone.

So a training that is resumed sees what an uninterrupted one would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from models.zoo.data.examples import Examples

Batch = tuple[torch.Tensor, torch.Tensor]


class Batches:
    """Goes once through examples, batch by batch.

    Args:
        examples: what to go through.
        size: examples per batch; the last one may be smaller, but is never of one example alone
            (batch normalisation cannot learn from it): such a one joins the batch before.
        order: seed and number of the epoch; None: as they are.
    """

    def __init__(self, examples: Examples, size: int, order: tuple[int, int] | None) -> None:
        self._inputs = torch.from_numpy(np.ascontiguousarray(examples.inputs))
        self._targets = torch.from_numpy(np.ascontiguousarray(examples.targets))
        self._order = order
        rest = len(examples) % size
        self._starts = list(range(0, len(examples) - (rest == 1 < len(examples)), size))
        self._count = len(examples)

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Batch]:
        rows = np.arange(self._count)
        if self._order is not None:
            np.random.default_rng(self._order).shuffle(rows)
        for start, end in zip(self._starts, [*self._starts[1:], self._count], strict=True):
            chosen = torch.from_numpy(rows[start:end])
            yield self._inputs[chosen], self._targets[chosen]
