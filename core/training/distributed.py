"""Several processes that train one network, as `torchrun` starts them; one process is a group of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

import torch
from torch import distributed
from torch.optim.optimizer import Optimizer, register_optimizer_step_pre_hook

# The first process makes records and solves for what can be solved while the others wait for it.
_LONGEST_WAIT = timedelta(hours=12)


@dataclass(frozen=True)
class Ranks:
    """This process among all.

    Attributes
    ----------
    rank, world : int
        Its number and how many there are.
    device : torch.device
    """

    rank: int
    world: int
    device: torch.device

    @property
    def first(self) -> bool:
        """This process writes the files."""
        return self.rank == 0

    def wait(self) -> None:
        """Until all processes are here."""
        if self.world > 1:
            distributed.barrier()

    def any_of(self, flag: bool) -> bool:
        """Whether `flag` holds in any process: all stop at the same step."""
        if self.world == 1:
            return flag
        value = torch.tensor([float(flag)], device=self.device)
        distributed.all_reduce(value, distributed.ReduceOp.MAX)
        return bool(value.item())


def chosen_device(name: str) -> torch.device:
    """The device `name` means; "auto" is CUDA, then Apple's GPU, then the processor.

    Raises
    ------
    ValueError
        This machine has no such device.
    """
    has_mps = torch.backends.mps.is_available()
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if has_mps else "cpu"
    if (name == "cuda" and not torch.cuda.is_available()) or (name == "mps" and not has_mps):
        raise ValueError(f"this machine, or the installed torch, has no {name} device; use --device auto")
    return torch.device(name)


@contextmanager
def ranks(device_name: str) -> Iterator[Ranks]:
    """Join the processes that `torchrun` started; gradients are averaged over them before each optimiser step."""
    device = chosen_device(device_name)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Ranks(0, 1, device)
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
        torch.cuda.set_device(device)
    # The functions of this module have the group there is when it is imported as a default argument. An optimiser
    # imports it sooner or later; were the group made by then, its threads would outlive it and, now and then,
    # abort the process while the interpreter ends.
    import_module("torch.distributed.nn.functional")
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=_LONGEST_WAIT)
    hook = register_optimizer_step_pre_hook(_average_gradients)
    try:
        yield Ranks(distributed.get_rank(), world, device)
    finally:
        hook.remove()
        distributed.destroy_process_group()


def _average_gradients(optimiser: Optimizer, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    """Replace the gradients that `optimiser` is about to use by their mean over all processes."""
    gradients = [p.grad for group in optimiser.param_groups for p in group["params"] if p.grad is not None]
    if not gradients:
        return
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    start = 0
    for gradient in gradients:
        gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
        start += gradient.numel()
