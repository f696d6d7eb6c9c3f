"""Compare synthetic detail with scans.

DIR holds a folder per subject with displacement/EXPRESSION.png, and skin_mask.png. Without --data there is
nothing to compare with. Scans are measured; nothing but figures is kept of them.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.cli.options import output_file

Float32 = npt.NDArray[np.float32]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    from core.synthesis.figures import FIGURES_PATH

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

    from core.io.displacement_file import read_displacement
    from core.synthesis.measure import SIZE

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
        rows.append([_at_size(read_displacement(maps / f"{stem}.png"), SIZE) for stem in expressions])
    mask_path = folder / "skin_mask.png"
    mask = cv2.imread(str(mask_path), cv2.IMREAD_GRAYSCALE) if mask_path.is_file() else None
    if mask is None:
        raise ValueError(f"{mask_path}: not a readable picture; it tells skin (white) from the rest")
    skin = cv2.resize(mask, (SIZE, SIZE), interpolation=cv2.INTER_AREA) > 127
    return Scans(tuple(chosen), tuple(expressions), np.array(rows, np.float32), np.asarray(skin, np.bool_))


def _at_size(displacement: Float32, size: int) -> Float32:
    import cv2

    if displacement.shape == (size, size):
        return displacement
    return np.asarray(cv2.resize(displacement, (size, size), interpolation=cv2.INTER_AREA), np.float32)


def run(arguments: argparse.Namespace) -> int:
    """Write the figures, or print the report. Returns 0."""
    from core.io.atomic import replacing
    from core.synthesis.figures import figures_text, summarised
    from core.synthesis.measure import measure_map, stacked

    wanted = tuple(name.strip() for name in arguments.subjects.split(",")) if arguments.subjects else ()
    scans = read_scans(arguments.data, wanted)
    measured = stacked([stacked([measure_map(item, scans.mask) for item in row]) for row in scans.maps])
    if arguments.write_figures:
        text = figures_text(summarised(measured, scans.expressions))
        with replacing(arguments.write_figures) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
        print(f"{arguments.write_figures}: {len(scans.subjects)} subjects, {len(scans.expressions)} expressions")
    return 0
