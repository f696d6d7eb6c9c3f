"""What a training run was started with, as plain values; written to its folder as `config.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from rhytid.core.files.writing import replacing
from rhytid.core.learned.weights import MODELS
from rhytid.core.networks.semm_config import ABLATIONS, VARIANTS

FORMAT = "rhytid-training"
DEVICES = ("auto", "cpu", "cuda", "mps")
_MAX_BYTES = 1 << 20
Plain = bool | int | float | str
# What a resumed run may be given anew; the rest is what the run is.
CHANGEABLE = ("minutes", "steps", "device", "threads", "workers", "readers", "checkpoint_minutes", "picture_minutes")


@dataclass(frozen=True)
class RunConfig:
    """A training run.

    Attributes
    ----------
    network : str
        One of `core.learned.weights.MODELS`.
    data : str
        "synthetic", or a folder of displacement maps.
    records : str
        Folder of records made before; "" makes them in the run folder.
    variant, ablation : str
        Of SEMM.
    minutes : float
        Training stops after this time, all resumed parts together.
    steps : int
        It also stops after so many steps; 0 is no limit.
    pairs : int
        Pairs of poses in a batch (crops for super-resolution) of one process.
    seed : int
    device : str
        One of `DEVICES`.
    threads : int
        Of torch; 0 leaves it to torch.
    workers : int
        Processes that make records while the run trains.
    readers : int
        Processes that draw batches; 0 draws them in a thread of the trainer's.
    groups : int
        Persons whose records are made when data are made for this run.
    checkpoint_minutes, picture_minutes : float
        Time between checkpoints and between pictures.
    model : mapping
        What the network is built and trained with (channels, rates, weights of losses), by name; empty stands for
        what this version of the program builds, as in run folders of versions that did not write it.
    """

    network: str
    data: str = "synthetic"
    records: str = ""
    variant: str = "structured"
    ablation: str = ""
    minutes: float = 60.0
    steps: int = 0
    pairs: int = 8
    seed: int = 0
    device: str = "auto"
    threads: int = 0
    workers: int = 1
    readers: int = 0
    groups: int = 2000
    checkpoint_minutes: float = 5.0
    picture_minutes: float = 5.0
    model: Mapping[str, Plain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, allowed in (
            ("network", MODELS),
            ("variant", VARIANTS),
            ("ablation", ABLATIONS),
            ("device", DEVICES),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} {getattr(self, name)!r} is none of {', '.join(filter(None, allowed))}")
        for name in ("minutes", "checkpoint_minutes", "picture_minutes"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise ValueError(f"{name} must be a positive number, not {getattr(self, name)}")
        for name, low, high in (
            ("steps", 0, 10**9),
            ("pairs", 1, 4096),
            ("seed", 0, 2**31),
            ("threads", 0, 1024),
            ("workers", 0, 256),
            ("readers", 0, 256),
            ("groups", 1, 10**7),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be {low}..{high}, not {getattr(self, name)}")


def write_config(path: Path, config: RunConfig) -> None:
    """Write `config` as JSON."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps({"format": FORMAT, **asdict(config)}, indent=2) + "\n", "utf-8")


def read_config(path: Path) -> RunConfig:
    """The config that `write_config` wrote.

    Raises
    ------
    ValueError
        No such config; the message names the file.
    OSError
        The file cannot be read.
    """
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"{path}: too large for the config of a training run")
    try:
        content: Any = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: damaged ({error}); start the run anew in another folder") from None
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise ValueError(f"{path}: not the config of a training run")
    types: dict[str, Any] = {entry.name: type(entry.default) for entry in fields(RunConfig)}
    types |= {"network": str, "model": dict}
    for name, value in content.items():
        wanted = types.get(name)
        right = isinstance(value, (int, float) if wanted is float else wanted) if wanted else False
        if not right or isinstance(value, bool):
            raise ValueError(f"{path}: {name} = {value!r} is no setting of a training run; start it anew elsewhere")
    if "network" in content:
        content["network"] = content["network"].replace("-", "_")  # as run folders were once written
    try:
        return RunConfig(**content)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None
