"""Trains a network of the zoo: the same seed gives the same weights, resumed or not."""

from __future__ import annotations

import importlib
import logging
import pickle
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, RichProgressBar

from ecg_monitor.core.errors import EcgMonitorError, SettingsError
from models.zoo.data.examples import SplitData, check, check_classes
from models.zoo.network import Network
from models.zoo.training.lesson import KEPT, Lesson
from models.zoo.training.options import Progress, Run, TrainingOptions
from models.zoo.training.scaled import ScaledNetwork

CHECKPOINT = "last.ckpt"
"""Written after each epoch into the folder of a training."""
OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")
"""What torch says when memory ran out, besides `torch.OutOfMemoryError`."""


class TrainingError(EcgMonitorError):
    """A network cannot be trained as asked for."""


class _Keep(Callback):
    """Writes the checkpoint after each epoch, and ends a training that no longer improves."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        """Keep what the epoch gave."""
        trainer.save_checkpoint(self._path)
        if pl_module.exhausted:
            pl_module.say("no better for some epochs: this is the end")
            trainer.should_stop = True


def build(network: Network, data: SplitData, seed: int) -> ScaledNetwork:
    """Return a new network with its scaler fitted to the training part.

    Args:
        network: which; its labels are those of the data.
        data: what it will be trained on.
        seed: of its weights.
    """
    if network.module is None:
        hint = network.command or "see its card"
        raise TrainingError("{name} is not trained here: {hint}", name=network.name, hint=hint)
    definition = importlib.import_module(network.module)
    torch.manual_seed(seed)
    return ScaledNetwork.fitted(definition.build(fitting(network, data)), data.train.inputs)


def fitting(network: Network, data: SplitData) -> Network:
    """Return the row with the labels, leads and samples that the data have."""
    _, leads, samples = data.train.inputs.shape
    return replace(
        network,
        labels=network.labels if network.recipe.loss == "rebuild" else data.labels,
        sees=replace(network.sees, leads=leads, samples=samples),
    )


def fit(network: Network, data: SplitData, options: TrainingOptions, say: Progress = print) -> Run:
    """Train a network.

    Args:
        network: what to train.
        data: what on; its test part is not looked at.
        options: how.
        say: called with a line after each epoch.

    Raises:
        TrainingError: the checkpoint to resume from is of another network, data or options.
        ExamplesError: the data cannot be trained on.
    """
    for name in ("train", "validation"):
        part = getattr(data, name)
        check(part, part.inputs.shape[1], part.inputs.shape[2], f"the {name} part")
    if network.recipe.loss == "classes":
        check_classes(data.train, data.labels, "the training part")
    options.out.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            return _fit(network, data, options, say)
        except RuntimeError as error:
            if not _out_of_memory(error) or options.batch_size == 1:
                raise
        half = options.batch_size // 2
        say(f"memory ran out with {options.batch_size} examples per step: again with {half}")
        options = replace(options, batch_size=half, resume=None)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or any(
        words in str(error).lower() for words in OUT_OF_MEMORY
    )


def _fit(network: Network, data: SplitData, options: TrainingOptions, say: Progress) -> Run:
    lesson = Lesson(network, build(network, data, options.seed), data, options)
    lesson.say = say
    checkpoint = options.out / CHECKPOINT
    kept = _checked(options.resume, lesson) if options.resume is not None else None
    if kept is not None:
        lesson.take_up(kept)
        if lesson.exhausted or len(lesson.history) == options.epochs:
            say(f"{options.resume} is of a training that has come to its end")
            return _run(lesson, options, options.resume or checkpoint)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # Advice about workers and loggers, which a few seconds per epoch do not need.
        warnings.simplefilter("ignore")
        trainer = lightning.Trainer(
            max_epochs=options.epochs,
            accelerator=_accelerator(options.device),
            devices=1,
            deterministic="warn",
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            enable_progress_bar=options.bar,
            num_sanity_val_steps=0,
            reload_dataloaders_every_n_epochs=1,
            callbacks=[_Keep(checkpoint), *([RichProgressBar()] if options.bar else [])],
        )
        resume = str(options.resume) if options.resume else None
        trainer.fit(lesson, ckpt_path=resume, weights_only=False if resume else None)
    return _run(lesson, options, checkpoint)


def _run(lesson: Lesson, options: TrainingOptions, checkpoint: Path) -> Run:
    lesson.module.load_state_dict(lesson.best_state)
    module = lesson.module.cpu().eval()
    return Run(module, tuple(lesson.history), lesson.best_epoch, options.batch_size, checkpoint)


def _accelerator(device: str) -> str:
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise SettingsError("--device: cuda, but torch finds no CUDA device; use cpu or auto")
    return "cuda" if there and device != "cpu" else "cpu"


def _checked(path: Path, lesson: Lesson) -> dict[str, Any]:
    """Return what a checkpoint keeps of a training, once it is seen to be of this one."""
    try:
        kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)["lesson"]
        known = kept["fingerprint"]
        if not kept.keys() >= KEPT:
            raise KeyError(f"lesson lacks {KEPT - kept.keys()}")
    except OSError as error:
        raise TrainingError(
            "--resume: {path}: {error}", path=path, error=error.strerror or "cannot be read"
        ) from error
    except (KeyError, TypeError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as e:
        raise TrainingError("--resume: {path} is no checkpoint of a training", path=path) from e
    for name, value in lesson.fingerprint.items():
        if known.get(name) != value:
            raise TrainingError(
                "--resume: {path} is of {name} {kept}, this training has {value}; give the same "
                "network, data and options, or begin anew",
                path=path,
                name=name.replace("_", " "),
                kept=known.get(name),
                value=value,
            )
    if len(kept["history"]) > lesson.epochs:
        raise TrainingError(
            "--epochs: {path} has {done} behind it, more than {wanted}",
            path=path,
            done=len(kept["history"]),
            wanted=lesson.epochs,
        )
    return kept
