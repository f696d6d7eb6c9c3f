"""Train the networks of the learned engines.

  rhytid train semm --data synthetic --out RUN --minutes 60
  rhytid train semm --out RUN --resume --minutes 90
  rhytid train semm --records DIR --out RUN
  rhytid train records --groups 2000 --workers 2 --out DIR
  rhytid train semm --variant paper --channels 32 --records DIR --out RUN
  rhytid train semm-variants --records DIR --minutes 2 --readers 8 --out RUNS
  rhytid train expression-energy --out DIR

Training goes on until its minutes are over or Ctrl-C is pressed, and leaves config.json, stats.jsonl, checkpoints,
pictures and the weights (export/) in the run folder. --data DIR trains on your own displacement maps: a folder for
each subject, maps named as FaceScape's key expressions, ages in subjects.json. Several GPUs:
torchrun --nproc-per-node 4 -m rhytid train semm --records DIR --out RUN
"""

from __future__ import annotations

import argparse
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rhytid.core.learned.weights import (
    FACEDET3D,
    PHOTO_ALBEDO,
    PHOTO_DETAIL,
    PHOTO_RENDER,
    SD_DETAIL,
    SEMM,
    SUPER_RESOLUTION,
)

if TYPE_CHECKING:
    from rhytid.core.training.config import RunConfig

VARIANTS = "semm-variants"
TABLE = "expression-energy"
NETWORKS = {
    SEMM: "wrinkle lines, expression and age to displacement (the default engine)",
    SD_DETAIL: "static and dynamic detail",
    FACEDET3D: "detail for target action units, by a mask",
    SUPER_RESOLUTION: "256 to 1024 and 1024 to 4096 along the lines",
    PHOTO_DETAIL: "relief and lines of an unwrapped photograph",
    PHOTO_ALBEDO: "light and skin colour of an unwrapped photograph",
    PHOTO_RENDER: "what edits in a photograph lack by ratio images",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    commands = parser.add_subparsers(dest="network", required=True, metavar="WHAT")
    for name, text in NETWORKS.items():
        spelled = name.replace("_", "-")
        aliases = [] if spelled == name else [name]
        _add_run(commands.add_parser(spelled, aliases=aliases, help=text, description=text), name)
    text = "both variants of SEMM and its table 1's ablations, one after the other, for the same time each"
    variants = commands.add_parser(VARIANTS, help=text, description=text)
    variants.add_argument("--out", type=Path, required=True, metavar="RUNS", help="folder of the run folders; what was "
                          "stopped in it goes on")  # fmt: skip
    variants.add_argument("--records", type=Path, required=True, metavar="DIR", help="made with: train records")
    variants.add_argument("--channels", type=int, default=32, metavar="N", help="of the paper's variant; default 32")
    _add_pace(variants)
    text = "solve for what expressions do to the strength of relief; takes minutes and no torch"
    table = commands.add_parser(TABLE, help=text, description=text)
    table.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the weights")
    table.add_argument("--people", type=int, default=120, metavar="N", help="synthetic people; default 120")
    text = "make records to train on, in parallel; adds what is missing"
    records = commands.add_parser("records", help=text, description=text)
    records.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the records")
    records.add_argument("--data", default="synthetic", metavar="synthetic|DIR", help="what to make them of")
    records.add_argument("--groups", type=int, default=2000, metavar="N", help="synthetic persons; default 2000")
    records.add_argument("--first-seed", type=int, default=0, metavar="S", help="first person; default 0")
    records.add_argument("--workers", type=int, default=2, metavar="N", help="processes; default 2")
    records.add_argument("--fine", action="store_true", help="maps of 1024 texels, for super-resolution")


def _add_run(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="run folder")
    parser.add_argument("--data", default="synthetic", metavar="synthetic|DIR", help="or a folder of your own maps")
    parser.add_argument("--records", type=Path, metavar="DIR", help="records made before with: train records")
    _add_pace(parser)
    parser.add_argument("--groups", type=int, default=2000, help="synthetic persons made for this run; default 2000")
    parser.add_argument("--workers", type=int, default=1, help="processes that make records meanwhile; default 1")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write the weights there, too")
    if name == PHOTO_RENDER:
        parser.add_argument("--plain", action="store_true", help="without wrinkles that photos do not show")
    if name == SEMM:
        parser.add_argument("--variant", default="structured", choices=("structured", "paper"))
        parser.add_argument(
            "--ablation", default="", choices=("no-feature-matching", "no-distance-field", "concatenation")
        )
        parser.add_argument("--channels", type=int, metavar="N", help="of the paper's variant at 256 texels; default "
                            "32, in StyleGAN2 128")  # fmt: skip


def _add_pace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=60.0, help="of training, resumed parts together; default 60")
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps")
    parser.add_argument("--pairs", type=int, default=8, help="pairs of poses in a batch; default 8")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument("--threads", type=int, default=0, help="of torch; default as torch likes")
    parser.add_argument("--readers", type=int, default=0, help="processes that draw batches; default 0, a thread")
    parser.add_argument("--checkpoint-minutes", type=float, default=5.0, help="default 5")
    parser.add_argument("--picture-minutes", type=float, default=5.0, help="default 5")


def run(arguments: argparse.Namespace) -> int:
    """Make records or train. Returns 0, or 1 where runs were interrupted that have not had their time."""
    if arguments.network == "records":
        _make_records(arguments)
        return 0
    if arguments.network == TABLE:
        _solve_table(arguments)
        return 0
    try:
        from rhytid.core.training.config import RunConfig
        from rhytid.core.training.start import start
    except ImportError as error:
        raise ValueError(f"training needs torch and onnx ({error}); pip install 'rhytid[train]'") from None
    not_of_the_run = ("out", "resume", "export", "records", "channels", "plain")
    values: dict[str, Any] = {name: value for name, value in vars(arguments).items() if name not in not_of_the_run}
    if arguments.network == VARIANTS:
        return _train_variants(arguments, RunConfig(**values | {"network": SEMM, "records": _path(arguments.records)}))
    values["network"] = values["network"].replace("-", "_")
    if values["data"] != "synthetic":
        values["data"] = _path(Path(values["data"]))
    records = _path(arguments.records) if arguments.records else ""
    channels = getattr(arguments, "channels", None)
    if channels is not None and arguments.variant != "paper":
        raise ValueError("--channels is for --variant paper; the structured variant has a size of its own")
    model: dict[str, bool | int] = {} if channels is None else {"channels": channels}
    if getattr(arguments, "plain", False):
        model["augmented"] = False
    start(RunConfig(records=records, model=model, **values), arguments.out, arguments.resume, arguments.export)
    return 0


def _train_variants(arguments: argparse.Namespace, config: RunConfig) -> int:
    from rhytid.core.training.semm_variants import train_variants

    return 0 if train_variants(config, arguments.channels, arguments.out) else 1


def _path(path: Path) -> str:
    return str(path.resolve())


def _solve_table(arguments: argparse.Namespace) -> None:
    if not 1 <= arguments.people <= 10_000:
        raise ValueError("--people must be 1..10000")
    from tqdm import tqdm

    from rhytid.core.training.expression_energy import make

    with tqdm(total=arguments.people, unit="person") as bar:
        path = make(arguments.out, arguments.people, bar.update)
    print(path)


def _make_records(arguments: argparse.Namespace) -> None:
    if not (1 <= arguments.groups <= 10**7 and 0 <= arguments.first_seed <= 10**9 and 0 <= arguments.workers <= 256):
        raise ValueError("--groups must be 1..10000000, --first-seed 0..1000000000 and --workers 0..256")
    from tqdm import tqdm

    seeds = range(arguments.first_seed, arguments.first_seed + arguments.groups)
    stop = threading.Event()
    with tqdm(total=None if arguments.data != "synthetic" else len(seeds), unit="person") as bar:

        def told(added: int) -> None:
            bar.update(added - bar.n)

        try:
            if arguments.data != "synthetic":
                from rhytid.core.training.folder_data import make_folder_records

                make_folder_records(Path(arguments.data), arguments.out, arguments.workers, stop, told)
            elif arguments.fine:
                from rhytid.core.training.fine_records import fine_map, make_fine_records

                make_fine_records(arguments.out, seeds, fine_map, arguments.workers, stop, told)
            else:
                from rhytid.core.training.make_records import make_records
                from rhytid.core.training.synthetic_groups import synthetic_group

                make_records(arguments.out, seeds, synthetic_group, arguments.workers, stop, told)
        except KeyboardInterrupt:
            stop.set()
            raise
