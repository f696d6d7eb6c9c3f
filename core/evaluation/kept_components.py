"""Principal components of synthetic maps, kept in the user's cache folder: making them takes minutes.

A file holds the very numbers that would be made anew, under a name that tells all they depend on: the source and the
data of the recipe, the libraries, the machine. It is 151 MB; the newest two stay, one for `--quick` and one for all
maps. A file that is missing, damaged or cannot be written costs the minutes, nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import scipy

from rhytid.core.evaluation import principal, training_maps
from rhytid.core.evaluation.principal import N_COMPONENTS, Components, principal_components
from rhytid.core.evaluation.tasks import Setup, Workers
from rhytid.core.evaluation.training_maps import made_maps
from rhytid.core.files.reading import read_file
from rhytid.core.files.state_folder import cache_dir
from rhytid.core.files.writing import replacing
from rhytid.core.maps.units import SIDE
from rhytid.core.resources import resource

Float32 = npt.NDArray[np.float32]
_KEPT = 2
_DIGEST_BYTES = 32
_MAX_BYTES = 4 * (N_COMPONENTS + 1) * SIDE * SIDE + 4096
# What `training_maps` runs through: the floors of core up to `synthesis`.
_FLOORS = ("ageing.py", "arkit.py", "files", "head", "lines", "maps", "detail", "synthesis")
_DATA = ("head", "presets", "synthesis")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def made_components(n_maps: int, setup: Setup, workers: Workers) -> Components:
    """Components of as many synthetic maps (see `training_maps`), read where they were made before."""
    name = f"{recipe_digest(n_maps)}.components"
    found = _read(name)
    if found is None:
        made = principal_components(made_maps(n_maps, setup, workers))
        found = np.concatenate([made.mean[None], made.vectors])
        _write(name, found)
    return Components(found[0], found[1:], n_maps)


def recipe_digest(n_maps: int) -> str:
    """SHA-256 of everything that the components of made maps depend on."""
    digest = hashlib.sha256()
    libraries = (np.__version__, scipy.__version__, cv2.__version__, platform.python_version())
    # Sums of matrix products follow the processor's instructions and the number of threads.
    machine = (platform.system(), platform.machine(), platform.processor(), os.cpu_count())
    threads = tuple(os.environ.get(name, "") for name in _THREADS)
    digest.update(repr((n_maps, libraries, machine, threads)).encode())
    for path in _recipe_files():
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)} ".encode() + content)
    return digest.hexdigest()


def _recipe_files() -> Iterator[Path]:
    core = Path(__file__).parents[1]
    yield from (Path(module.__file__ or "") for module in (principal, training_maps))
    for floor in (core / name for name in _FLOORS):
        yield from [floor] if floor.is_file() else sorted(floor.rglob("*.py"))
    for name in _DATA:
        yield from sorted(path for path in resource(name).iterdir() if path.suffix in (".json", ".npz"))


def _folder() -> Path:
    return cache_dir() / "components"


def _read(name: str) -> Float32 | None:
    """Mean and components of that name, float32 (k + 1, 65536); None where there are none, or not what was written."""
    try:
        data = read_file(_folder() / name, _MAX_BYTES)
        content = memoryview(data)[_DIGEST_BYTES:]
        if hashlib.sha256(content).digest() != data[:_DIGEST_BYTES]:
            return None
        rows: Float32 = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except (OSError, ValueError):
        return None
    if rows.dtype != np.float32 or rows.ndim != 2 or rows.shape[1] != SIDE * SIDE or len(rows) < 2:
        return None
    return rows


def _write(name: str, rows: Float32) -> None:
    """Keep mean and components, the oldest of more than two go; where nothing can be written nothing is kept."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, rows, allow_pickle=False)
    content = stream.getbuffer()
    with contextlib.suppress(OSError, ValueError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / name) as temporary, temporary.open("wb") as file:
            file.write(hashlib.sha256(content).digest())
            file.write(content)
        kept = sorted(folder.glob("*.components"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[_KEPT:]:
            path.unlink(missing_ok=True)
