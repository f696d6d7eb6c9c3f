"""Starts, resumes and exports a run of any network."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from rhytid.core.learned.weights import FACEDET3D, PHOTO_ALBEDO, PHOTO_DETAIL, PHOTO_RENDER, SD_DETAIL, SEMM, open_model
from rhytid.core.training.batches import Batches
from rhytid.core.training.config import CHANGEABLE, RunConfig, read_config, write_config
from rhytid.core.training.data import Data, open_data
from rhytid.core.training.distributed import Ranks, ranks
from rhytid.core.training.loop import Progress, run_training
from rhytid.core.training.run_folder import RunFolder
from rhytid.core.training.shipping import save_model
from rhytid.core.training.trainer import Scored, Trainer

# In the configurations of structured runs of older versions, which made no use of them.
_FORMER_SETTINGS = ("paper_channels",)


def tell(message: str) -> None:
    """A line on stderr, which is for progress."""
    print(message, file=sys.stderr, flush=True)


def start(config: RunConfig, out: Path, resume: bool = False, export: Path | None = None) -> Progress:
    """Train as `config` says in the run folder `out`, and write what would be shipped to ``out/export``.

    Parameters
    ----------
    resume : bool
        Go on with the run in `out`: of `config` only what `CHANGEABLE` names counts, the rest is as it was started.
    export : Path, optional
        A second folder that gets the weights.

    Returns
    -------
    Progress
        How far the run is.

    Raises
    ------
    ValueError
        The folder, the data or the device cannot be used as asked.
    """
    folder = RunFolder(out)
    with ranks(config.device) as group:
        config = _agreed(config, folder, resume, group)
        resume = resume and folder.resumable  # one that was stopped before its first checkpoint starts anew
        if config.threads:
            torch.set_num_threads(config.threads)
        told: Callable[[str], None] = tell if group.first else lambda message: None
        try:
            trainer = make_trainer(config, group.device)
        except ValueError as error:
            raise ValueError(f"{folder.config}: {error}") from None
        if not resume:
            config = replace(config, model=_network_config(trainer))
        if group.first:
            write_config(folder.config, config)
        with open_data(config, folder.records, group, told) as data:
            batches = Batches(
                data.source, data.held, config.pairs, config.seed, group.rank, group.device, config.readers
            )
            try:
                progress = run_training(config, folder, trainer, data.records, batches, group, resume, told)
            finally:
                batches.close()
            if group.first:
                for target in filter(None, (folder.export, export)):
                    path = write_export(config, trainer, target, progress, data, group.device)
                    told(f"weights written to {path}")
        group.wait()
        return progress


def make_trainer(config: RunConfig, device: torch.device) -> Trainer:
    """The trainer of the network that `config` names, built as ``config.model`` says.

    Raises
    ------
    ValueError
        The network has no such setting.
    """
    if config.network == SEMM:
        return _semm_trainer(config, device)
    if config.network == SD_DETAIL:
        from rhytid.core.training.sd_detail import DEFAULTS, SdDetailTrainer

        return SdDetailTrainer(_settings(config, DEFAULTS | {"seed": config.seed}), device)
    if config.network == FACEDET3D:
        from rhytid.core.training.facedet3d import DEFAULTS as HALLUCINATION_DEFAULTS
        from rhytid.core.training.facedet3d import FaceDet3DTrainer

        return FaceDet3DTrainer(_settings(config, HALLUCINATION_DEFAULTS), device)
    if config.network == PHOTO_ALBEDO:
        from rhytid.core.training.photo_albedo import DEFAULTS as ALBEDO_DEFAULTS
        from rhytid.core.training.photo_albedo import PhotoAlbedoTrainer

        return PhotoAlbedoTrainer(_settings(config, ALBEDO_DEFAULTS), device)
    if config.network == PHOTO_DETAIL:
        from rhytid.core.training.photo_detail import DEFAULTS as PHOTO_DEFAULTS
        from rhytid.core.training.photo_detail import PhotoDetailTrainer

        return PhotoDetailTrainer(_settings(config, PHOTO_DEFAULTS), device)
    if config.network == PHOTO_RENDER:
        from rhytid.core.training.photo_render import DEFAULTS as RENDER_DEFAULTS
        from rhytid.core.training.photo_render import PhotoRenderTrainer

        return PhotoRenderTrainer(_settings(config, RENDER_DEFAULTS), device)
    from rhytid.core.training.super_resolution import CHANNELS, SuperResolutionTrainer

    return SuperResolutionTrainer(**_settings(config, {"channels": CHANNELS}), device=device)


def _semm_trainer(config: RunConfig, device: torch.device) -> Trainer:
    from rhytid.core.networks.semm_config import PAPER, PaperConfig, SemmConfig

    if config.variant == PAPER:
        from rhytid.core.training.semm_paper import PaperSemmTrainer

        paper = asdict(PaperConfig(ablation=config.ablation, seed=config.seed))
        return PaperSemmTrainer(PaperConfig(**_settings(config, paper)), device)
    from rhytid.core.training.semm import SemmTrainer

    structured = asdict(SemmConfig(ablation=config.ablation, seed=config.seed))
    return SemmTrainer(SemmConfig(**_settings(config, structured)), device)


def _settings(config: RunConfig, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """`defaults` with what ``config.model`` says instead."""
    model = {name: value for name, value in config.model.items() if name not in _FORMER_SETTINGS}
    for name, value in model.items():
        wanted = type(defaults.get(name))
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise ValueError(
                f"model: {name} = {value!r} is no setting of {config.network} in this version of the "
                "program; resume with the version that the run was started with, or start it anew in another folder"
            )
    return dict(defaults) | model


def write_export(
    config: RunConfig, trainer: Trainer, target: Path, progress: Progress, data: Data, device: torch.device
) -> Path:
    """Write the trainer's model as it is shipped, open it again, and give the path of its JSON."""
    scores = trainer.scores(data.held) if isinstance(trainer, Scored) else {}
    path = save_model(
        target,
        config.network,
        trainer.tensors(),
        _network_config(trainer),
        {
            "data": config.data if config.data == "synthetic" else "a folder of displacement maps",
            "groups": data.source.n_groups,
            "steps": progress.step,
            "minutes": round(progress.seconds / 60, 2),
            "device": device_name(device),
        },
        scores,
        trainer.export_onnx,
    )
    open_model(config.network, target).tensors()
    return path


def device_name(device: torch.device) -> str:
    """ "cpu", one core of it or several, or the name of the GPU."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"cpu, {torch.get_num_threads()} of {os.cpu_count()} cores" if device.type == "cpu" else device.type


def _network_config(trainer: Trainer) -> dict[str, Any]:
    """Plain values that the network was built with."""
    config = getattr(trainer, "config", {})
    return dict(config) if isinstance(config, dict) else asdict(config)


def _agreed(config: RunConfig, folder: RunFolder, resume: bool, group: Ranks) -> RunConfig:
    """The config that counts; the first process makes the folder."""
    if resume:
        if not folder.started:
            raise ValueError(f"{folder.path}: no training run to resume; start it without --resume")
        started = read_config(folder.config)
        if started.network != config.network:
            raise ValueError(f"{folder.path} is a run of {started.network}, not of {config.network}")
        config = replace(started, **{name: getattr(config, name) for name in CHANGEABLE})
    elif folder.resumable and group.first:
        raise ValueError(f"{folder.path}: a run was started here; add --resume, or name another folder")
    if group.first:
        folder.make()
    group.wait()
    return config
