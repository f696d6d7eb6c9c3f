"""Files and folders in, files and folders out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from rhytid.core.files.leftovers import is_temporary

MAP_SUFFIXES = (".png", ".tif", ".tiff", ".exr", ".npy")


def map_pairs(source: Path, target: Path, suffix: str | None = None) -> list[tuple[Path, Path]]:
    """(input, output) for a displacement map or every map in a folder tree.

    Parameters
    ----------
    source
        A map, or a folder that is searched with its sub-folders.
    target
        The output file, or for a folder the folder that gets the same tree; it need not exist.
    suffix
        Ending of the outputs; None keeps the input's.

    Raises
    ------
    ValueError
        The input does not exist or holds no map, or two maps have one output.
    """
    if not source.exists():
        raise ValueError(f"{source}: no such file or folder")
    if source.is_file():
        if target.is_dir():
            target = target / (source.stem + (suffix or source.suffix))
        found = [(source, target)]
    else:
        if target.is_file():
            raise ValueError(f"{target} is a file, but {source} is a folder: name a folder for the output")
        maps = (p for p in source.rglob("*") if p.suffix.lower() in MAP_SUFFIXES and p.is_file())
        files = sorted(p for p in maps if not is_temporary(p.name))
        if not files:
            raise ValueError(f"{source}: no displacement map ({', '.join(MAP_SUFFIXES)}) in this folder")
        found = [(p, target / p.relative_to(source).with_suffix(suffix or p.suffix)) for p in files]
    of_output: dict[Path, Path] = {}
    for before, after in found:
        if after in of_output:
            raise ValueError(f"{of_output[after]} and {before} would both become {after}; rename one")
        of_output[after] = before
    return found


def progress(pairs: list[tuple[Path, Path]]) -> Iterator[tuple[Path, Path]]:
    """The pairs, with a progress bar on stderr when there are several and stderr is a terminal; makes folders."""
    for source, target in tqdm(pairs, unit="map", disable=None if len(pairs) > 1 else True):
        target.parent.mkdir(parents=True, exist_ok=True)
        yield source, target
