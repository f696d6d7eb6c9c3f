"""Compare synthetic detail with scans.

DIR holds a folder per subject with displacement/EXPRESSION.png, and skin_mask.png. Scans are measured;
nothing but figures is kept of them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rhytid.core.cli.options import add_overwrite_option, output_file

if TYPE_CHECKING:
    from rhytid.core.synthesis.measure import Measures

Float32 = npt.NDArray[np.float32]
_FIRST_SEED = 7_000_000  # far from the seeds that trainings begin with
_AGES = (22.0, 36.0)
_PICTURED = ("1_neutral", "2_smile", "4_anger", "11_chin_raiser", "19_brow_raiser")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    from rhytid.core.synthesis.figures import FIGURES_PATH

    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of scanned subjects")
    parser.add_argument("--subjects", metavar="A,B,...", help="only these subjects; default: all")
    parser.add_argument(
        "--write-figures",
        type=output_file,
        nargs="?",
        const=FIGURES_PATH,
        metavar="FILE",
        help="measure the scans, write the generator's figures and stop; default: the program's own file",
    )
    parser.add_argument("--samples", type=int, default=10, metavar="N", help="synthetic persons, default 10")
    parser.add_argument("--first-seed", type=int, default=_FIRST_SEED, metavar="N", help="seed of the first of them")
    parser.add_argument("--two-sample", action="store_true", help="train networks to tell synthetic patches from scans")
    parser.add_argument("--steps", type=int, default=320, metavar="N", help="training steps of each such network")
    parser.add_argument("--json", type=output_file, metavar="F", help="write all figures of the report to F too")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="write pictures side by side to DIR")
    add_overwrite_option(parser)


@dataclass(frozen=True, eq=False)
class Scans:
    """Scanned subjects: names (S,), expressions (E,), maps in mm float32 (S, E, 256, 256), mask bool (256, 256)."""

    subjects: tuple[str, ...]
    expressions: tuple[str, ...]
    maps: Float32
    mask: npt.NDArray[np.bool_]


def read_scans(folder: Path, wanted: tuple[str, ...] = ()) -> Scans:
    """Scans of a folder, every subject in all expressions; `wanted` names the subjects, none means all.

    Raises
    ------
    ValueError
        No such subjects, a map is missing or unreadable.
    """
    import cv2

    from rhytid.core.io.displacement_file import read_displacement
    from rhytid.core.maps.units import SIDE

    root = folder / "subjects" if (folder / "subjects").is_dir() else folder
    found = {path.parent.name: path for path in sorted(root.glob("*/displacement")) if path.is_dir()}
    missing = [name for name in wanted if name not in found]
    if missing or not found:
        raise ValueError(f"{root}: no SUBJECT/displacement folder {'of ' + ', '.join(missing) if missing else 'in it'}")
    chosen = {name: found[name] for name in (wanted or found)}
    expressions = sorted(
        {path.stem for maps in chosen.values() for path in maps.glob("*.png")},
        key=lambda stem: (int(stem.partition("_")[0]) if stem.partition("_")[0].isdigit() else 0, stem),
    )
    if "1_neutral" not in expressions or expressions[0] != "1_neutral":
        raise ValueError(f"{root}: expressions are files named as 1_neutral.png, 2_smile.png, ...")
    rows = []
    for maps in chosen.values():
        absent = [stem for stem in expressions if not (maps / f"{stem}.png").is_file()]
        if absent:
            raise ValueError(f"{maps}: {', '.join(absent)} missing; every subject needs all expressions of the folder")
        rows.append([_at_size(read_displacement(maps / f"{stem}.png"), SIDE) for stem in expressions])
    mask_path = folder / "skin_mask.png"
    mask = cv2.imread(str(mask_path), cv2.IMREAD_GRAYSCALE) if mask_path.is_file() else None
    if mask is None:
        raise ValueError(f"{mask_path}: not a readable picture; it tells skin (white) from the rest")
    skin = cv2.resize(mask, (SIDE, SIDE), interpolation=cv2.INTER_AREA) > 127
    return Scans(tuple(chosen), tuple(expressions), np.array(rows, np.float32), np.asarray(skin, np.bool_))


def _at_size(displacement: Float32, size: int) -> Float32:
    import cv2

    if displacement.shape == (size, size):
        return displacement
    return np.asarray(cv2.resize(displacement, (size, size), interpolation=cv2.INTER_AREA), np.float32)


def run(arguments: argparse.Namespace) -> int:
    """Write the figures, or print the report. Returns 0.

    Raises
    ------
    ValueError
        Scans that cannot be read, or too few persons for what is asked.
    """
    from rhytid.core.files.outputs import outputs
    from rhytid.core.synthesis.figures import FIGURES_PATH

    written = [arguments.json] if arguments.json else []
    if arguments.pictures:
        written += [arguments.pictures / name for name in ("faces.png", "patches.png")]
    if arguments.write_figures:
        written = [arguments.write_figures]
    own = arguments.write_figures == FIGURES_PATH
    with outputs(written, arguments.overwrite or own):
        _report(arguments)
    return 0


def _report(arguments: argparse.Namespace) -> None:
    from rhytid.core.files.writing import write_text
    from rhytid.core.synthesis.figures import summarised
    from rhytid.core.synthesis.report import compare, comparison_record, comparison_text, held_out

    if not 2 <= arguments.samples <= 1000 or arguments.steps < 1:
        raise ValueError("--samples must be 2..1000 and --steps 1 or more")
    wanted = tuple(name.strip() for name in arguments.subjects.split(",")) if arguments.subjects else ()
    scans = read_scans(arguments.data, wanted)
    measured = _measured(scans.maps, scans.mask)
    real = summarised(measured, scans.expressions)
    if arguments.write_figures:
        from rhytid.core.synthesis.figures import figures_text

        write_text(arguments.write_figures, figures_text(real))
        print(f"{arguments.write_figures}: {len(scans.subjects)} subjects, {len(scans.expressions)} expressions")
        return
    made = synthetic_maps(arguments.samples, scans.expressions, arguments.first_seed)
    found = compare(summarised(_measured(made, scans.mask), scans.expressions), real)
    print(comparison_text(found))
    record = comparison_record(found) | {"samples": arguments.samples, "subjects": len(scans.subjects)}
    if len(scans.subjects) >= 4:
        limit = held_out(measured, scans.expressions, (len(scans.subjects) + 1) // 2)
        record["held_out"] = vars(limit)
        print(
            f"for comparison, {limit.n_known} subjects against the other {limit.n_unseen}: neutral "
            f"{limit.neutral_share:.0%}, all expressions {limit.overall_share:.0%} within the goal, "
            f"change correlation {limit.change_correlation:.2f}"
        )
    if arguments.pictures:
        _write_pictures(arguments.pictures, scans, made)
    if arguments.two_sample:
        record["two_sample"] = _two_sample(arguments, scans, made)
    if arguments.json:
        write_text(arguments.json, json.dumps(record, indent=1) + "\n")


def _measured(maps: Float32, mask: npt.NDArray[np.bool_]) -> Measures:
    from tqdm import tqdm

    from rhytid.core.synthesis.measure import measure_map, stacked

    rows = tqdm(maps, unit="person", desc="measuring", disable=None, leave=False)
    return stacked([stacked([measure_map(item, mask) for item in row]) for row in rows])


def synthetic_maps(n_persons: int, expressions: tuple[str, ...], first_seed: int = _FIRST_SEED) -> Float32:
    """Synthetic persons of the scans' ages in their expressions, float32 (N, E, 256, 256) in mm.

    Raises
    ------
    ValueError
        An expression that the generator does not know by name.
    """
    from tqdm import tqdm

    from rhytid.core.maps.units import SIDE
    from rhytid.core.synthesis.key_expressions import KEY_EXPRESSIONS
    from rhytid.core.synthesis.sample import synthesise

    unknown = [name for name in expressions if name not in KEY_EXPRESSIONS]
    if unknown:
        raise ValueError(f"expressions {', '.join(unknown)} are none of {', '.join(KEY_EXPRESSIONS)}")
    maps = np.empty((n_persons, len(expressions), SIDE, SIDE), np.float32)
    for person in tqdm(range(n_persons), unit="person", desc="synthesising", disable=None, leave=False):
        age = _AGES[0] + (_AGES[1] - _AGES[0]) * ((person * 0.618034) % 1)
        for i, name in enumerate(expressions):
            maps[person, i] = synthesise(first_seed + person, age, KEY_EXPRESSIONS[name], SIDE).displacement
    return maps


def _two_sample(arguments: argparse.Namespace, scans: Scans, made: Float32) -> dict[str, object]:
    try:
        from rhytid.core.training.two_sample import two_sample_test
    except ImportError as error:
        raise ValueError(f"--two-sample needs torch ({error}): pip install 'rhytid[train]'") from error

    found = two_sample_test(scans.maps, made, scans.mask, steps=arguments.steps)
    folds = ", ".join(f"{value:.2f}" for value in found.by_fold)
    print(f"two-sample test on unseen persons: accuracy {found.accuracy:.3f} (folds {folds}); goal 0.65, chance 0.5")
    by_expression = dict(zip(scans.expressions, np.round(found.by_expression, 3).tolist(), strict=True))
    print("  by expression: " + ", ".join(f"{name} {value:.2f}" for name, value in by_expression.items()))
    order = np.argsort(found.by_corner[:, 2])
    for title, rows in (("hardest", order[:4]), ("easiest", order[::-1][:4])):
        places = ", ".join(f"({x:.0f}, {y:.0f}) {value:.2f}" for x, y, value in found.by_corner[rows])
        print(f"  {title} patches by corner (column, row): {places}")
    if arguments.pictures:
        from rhytid.core.io.map_pixels import write_png
        from rhytid.core.synthesis.report import patch_sheet

        sheet = patch_sheet(found.scanned, found.passing, found.telling)
        write_png(arguments.pictures / "patches.png", sheet)
    return {
        "accuracy": found.accuracy,
        "by_fold": list(found.by_fold),
        "by_expression": by_expression,
        "by_corner": np.round(found.by_corner, 3).tolist(),
    }


def _write_pictures(folder: Path, scans: Scans, made: Float32) -> None:
    from rhytid.core.io.map_pixels import write_png
    from rhytid.core.synthesis.report import side_by_side

    folder.mkdir(parents=True, exist_ok=True)
    columns = [scans.expressions.index(name) for name in _PICTURED if name in scans.expressions]
    count = min(len(made), len(scans.maps), 4)
    write_png(folder / "faces.png", side_by_side(scans.maps[:count, columns], made[:count, columns]))
    print(f"{folder}: pictures, scans in black frames, synthetic maps in white ones")
