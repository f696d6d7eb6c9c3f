"""The loop that all networks train in: time, checkpoints, exact resume, pictures, interruption.

A step's random numbers and its batch follow from (seed, step, rank) alone, so that a run that was interrupted
and resumed computes the very numbers of one that was not, as long as its records are the same.
"""

from __future__ import annotations

import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch

from rhytid.core.training.batches import Batches
from rhytid.core.training.checkpoint import CheckpointError
from rhytid.core.training.config import RunConfig
from rhytid.core.training.distributed import Ranks
from rhytid.core.training.pictures import as_picture
from rhytid.core.training.run_folder import RunFolder
from rhytid.core.training.trainer import Paced, Trainer

STATS_SECONDS = 10.0
PICTURE_PAIRS = 4
_LONGEST_REASON = 300


@dataclass
class Progress:
    """How far a run is.

    Attributes
    ----------
    step : int
        Steps done.
    seconds : float
        Time in steps, over all resumed parts.
    """

    step: int = 0
    seconds: float = 0.0


@dataclass
class _Means:
    """Means of the losses since they were last written."""

    totals: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, losses: dict[str, float]) -> None:
        for name, value in losses.items():
            self.totals[name] += value
            self.counts[name] += 1

    def taken(self) -> dict[str, float]:
        means = {name: total / self.counts[name] for name, total in self.totals.items()}
        self.totals.clear()
        self.counts.clear()
        return means


def run_training(
    config: RunConfig,
    folder: RunFolder,
    trainer: Trainer,
    records: Any,
    batches: Batches,
    ranks: Ranks,
    resume: bool,
    told: Callable[[str], None] = lambda message: print(message, file=sys.stderr, flush=True),
) -> Progress:
    """Train until the time or the steps of `config` are over, or Ctrl-C; the last state is always written.

    Parameters
    ----------
    records
        What the trainer's `initialise` is given.
    resume : bool
        Go on from the newest checkpoint of `folder`.

    Returns
    -------
    Progress

    Raises
    ------
    FloatingPointError
        A loss is not finite; the checkpoints before it stay.
    CheckpointError
        There is nothing to resume, or it is damaged or of another network.
    """
    progress = Progress()
    if not resume:
        torch.manual_seed(config.seed)
        if ranks.first:
            told("initialising")
            trainer.initialise(records)
            _write(folder, trainer, progress)
        ranks.wait()
    if resume or not ranks.first:
        progress = _resumed(folder, trainer)
        if ranks.first:
            folder.forget_stats_after(progress.step)
            told(f"resumed at step {progress.step}, {progress.seconds / 60:.1f} min")
    fixed = batches.fixed(PICTURE_PAIRS) if ranks.first else {}
    means = _Means()
    with _interruptible() as interrupted:
        checkpoint_at = stats_at = progress.seconds
        picture_at = progress.seconds if progress.step else -60 * config.picture_minutes
        while not ranks.any_of(bool(interrupted) or over(config, progress)):
            if ranks.first and progress.seconds - picture_at >= 60 * config.picture_minutes:
                picture_at = progress.seconds
                folder.write_picture(progress.step, as_picture(trainer.picture(fixed)))
            _step(config, trainer, batches, ranks, progress, means)
            if progress.seconds - stats_at >= STATS_SECONDS:
                stats_at = progress.seconds
                _tell(folder, progress, means, ranks, told)
            if progress.seconds - checkpoint_at >= 60 * config.checkpoint_minutes:
                checkpoint_at = progress.seconds
                batches.refresh()
                if ranks.first:
                    _write(folder, trainer, progress)
        if means.counts:
            _tell(folder, progress, means, ranks, told)
        if ranks.first:
            _write(folder, trainer, progress)
            folder.write_picture(progress.step, as_picture(trainer.picture(fixed)))
    if interrupted and ranks.first:
        told(f"interrupted; rhytid train {config.network} --out {folder.path} --resume goes on")
    return progress


def _resumed(folder: RunFolder, trainer: Trainer) -> Progress:
    """Take up the newest checkpoint."""
    state = folder.read_checkpoint()
    try:
        trainer.load_state_dict(state["trainer"])
        return Progress(int(state["step"]), float(state["seconds"]))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:  # torch tells with a RuntimeError what differs
        what = " ".join(str(error).split())[:_LONGEST_REASON]
        raise CheckpointError(
            f"{folder.path}: its checkpoint is not of the network that config.json describes ({what}); resume with the "
            "version of the program that the run was started with, or start it anew in another folder"
        ) from None


def _step(
    config: RunConfig, trainer: Trainer, batches: Batches, ranks: Ranks, progress: Progress, means: _Means
) -> None:
    started = time.perf_counter()
    batch = batches.get(progress.step)
    if isinstance(trainer, Paced):
        share = progress.step / config.steps if config.steps else progress.seconds / (60 * config.minutes)
        trainer.progress(min(share, 1.0))
    torch.manual_seed((config.seed * 1_000_003 + progress.step) * 1009 + ranks.rank)
    losses = trainer.step(batch)
    for name, value in losses.items():
        if not abs(value) < float("inf"):
            raise FloatingPointError(f"step {progress.step}: {name} is {value}; resume with another --seed")
    means.add(losses)
    progress.step += 1
    progress.seconds += time.perf_counter() - started


def over(config: RunConfig, progress: Progress) -> bool:
    """Whether a run has had its time or its steps."""
    return progress.seconds >= 60 * config.minutes or 0 < config.steps <= progress.step


def _tell(folder: RunFolder, progress: Progress, means: _Means, ranks: Ranks, told: Callable[[str], None]) -> None:
    values = means.taken()
    if ranks.first:
        minutes = progress.seconds / 60
        folder.append_stats({"step": progress.step, "minutes": minutes, **values})
        told(f"step {progress.step}  {minutes:.1f} min  " + "  ".join(f"{k} {v:.4g}" for k, v in values.items()))


def _write(folder: RunFolder, trainer: Trainer, progress: Progress) -> None:
    state = {"trainer": trainer.state_dict(), "step": progress.step, "seconds": progress.seconds}
    folder.write_checkpoint(progress.step, state)


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """A list that the first Ctrl-C or termination request puts something into; the second one is not caught."""
    caught: list[int] = []
    before: dict[signal.Signals, Any] = {}

    def note(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        for known, handler in before.items():
            signal.signal(known, handler)

    try:
        for wanted in (signal.SIGINT, signal.SIGTERM):
            before[wanted] = signal.signal(wanted, note)
    except ValueError:
        before.clear()  # not the main thread: nobody interrupts us
    try:
        yield caught
    finally:
        for known, handler in before.items():
            signal.signal(known, handler)
