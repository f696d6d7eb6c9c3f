"""Files and folders in, files and folders out."""

from __future__ import annotations

import errno
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from tqdm import tqdm

from rhytid.core.cli.run import reason_of
from rhytid.core.files.failures import WriteError
from rhytid.core.files.leftovers import is_temporary
from rhytid.core.files.outputs import check_outputs, remember

MAP_SUFFIXES = (".png", ".tif", ".tiff", ".exr", ".npy", ".npz")
# Archives are read and not written.
_WRITTEN_AS = {".npz": ".npy"}
# After these nothing more can be written, so the rest is not tried.
_DISK_ENDS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)

Pair = tuple[Path, Path]


def map_pairs(source: Path, target: Path, suffix: str | None = None) -> list[Pair]:
    """(input, output) for a displacement map or every map in a folder tree.

    Hidden files and folders (`.DS_Store`, the `._` files of a Mac) are skipped, and so is `target` where it lies
    in `source`. Whatever else has a map's ending is listed; reading it tells whether it is one.

    Parameters
    ----------
    source
        A map, or a folder that is searched with its sub-folders.
    target
        The output file, or for a folder the folder that gets the same tree; it need not exist.
    suffix
        Ending of the outputs; None keeps the input's, but an NPZ becomes an NPY.

    Raises
    ------
    ValueError
        The input does not exist or holds no map, or two maps have one output.
    OSError
        A folder cannot be listed.
    """
    if not source.exists():
        raise ValueError(f"{source}: no such file or folder")
    if not source.is_dir():
        if target.is_dir():
            target = target / (source.stem + (suffix or _written_as(source)))
        return [(source, target)]
    if target.is_file():
        raise ValueError(f"{target} is a file, but {source} is a folder: name a folder for the output")
    files = sorted(_maps_below(source, target))
    if not files:
        raise ValueError(f"{source}: no displacement map ({', '.join(MAP_SUFFIXES)}) in this folder")
    found = [(p, target / p.relative_to(source).with_suffix(suffix or _written_as(p))) for p in files]
    of_output: dict[Path, Path] = {}
    for before, after in found:
        if after in of_output:
            raise ValueError(f"{of_output[after]} and {before} would both become {after}; rename one")
        of_output[after] = before
    return found


def _written_as(source: Path) -> str:
    return _WRITTEN_AS.get(source.suffix.lower(), source.suffix)


def _maps_below(folder: Path, target: Path) -> Iterator[Path]:
    out = os.path.realpath(target)
    skipped = None if out == os.path.realpath(folder) else out
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [
            name for name in folders
            if not name.startswith(".") and os.path.realpath(os.path.join(place, name)) != skipped
        ]  # fmt: skip
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in MAP_SUFFIXES and not is_temporary(name):
                yield Path(place, name)


def _refuse(error: OSError) -> None:
    raise error


def process(
    pairs: list[Pair],
    work: Callable[[Path, Path], None],
    files_of: Callable[[Path], list[Path]],
    overwrite: bool,
    inputs: list[Path | None],
) -> int:
    """Do the work on every pair; what fails is told on stderr after the rest is done.

    Parameters
    ----------
    pairs
        Of `map_pairs`. A single pair that fails raises.
    work
        Reads the first file of a pair and writes the second, whose folder is there.
    files_of
        All files that are written for an output.
    overwrite
        Whether files that the program did not write may be replaced.
    inputs
        What is read besides the maps.

    Returns
    -------
    int
        Exit code: 0 all done, 1 some failed, 2 all failed.

    Raises
    ------
    ValueError, OSError
        Nothing may be written, or nothing more can.
    """
    check_outputs((p for _, output in pairs for p in files_of(output)), overwrite, [*inputs, *(p for p, _ in pairs)])
    failures: list[str] = []
    done: dict[str, Path] = {}
    try:
        for source, target in tqdm(pairs, unit="map", disable=None if len(pairs) > 1 else True):
            try:
                _check_alias(source, target, done)
                target.parent.mkdir(parents=True, exist_ok=True)
                work(source, target)
                remember(files_of(target))
            except (ValueError, OSError) as error:
                if len(pairs) == 1 or (isinstance(error, WriteError) and error.errno in _DISK_ENDS):
                    raise
                failures.append(reason_of(error))
    finally:
        for failure in failures:
            print(f"rhytid: {failure}", file=sys.stderr)
        if failures:
            print(f"rhytid: {len(failures)} of {len(pairs)} maps were not done, see above", file=sys.stderr)
    if not failures:
        return 0
    return 2 if len(failures) == len(pairs) else 1


def _check_alias(source: Path, target: Path, done: dict[str, Path]) -> None:
    """Refuse an output that the disk takes for an earlier one: many do not tell `A` from `a`, or ü from u + ¨."""
    name = unicodedata.normalize("NFC", str(target)).casefold()
    earlier = done.setdefault(name, target)
    if earlier != target and earlier.exists() and target.exists() and earlier.samefile(target):
        raise ValueError(f"{source}: on this disk its output {target.name} is {earlier.name} again; rename one")
