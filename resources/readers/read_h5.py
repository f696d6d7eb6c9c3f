"""Run in a process of its own: a Basel Face Model out of an HDF5 file, as arrays in `arrays.npz`."""

import json
import sys

import h5py
import numpy as np

N_MODES = 80
MOST_VERTICES, MOST_FACES, MOST_MODES = 400_000, 800_000, 1000


class Refused(Exception):
    pass


def dataset(file, name, sides):
    """A dataset that lies in this file alone, of that many sides, unread."""
    group = file
    steps = name.split("/")
    for step in steps:
        if not isinstance(group, h5py.Group) or step not in group:
            return None
        if not isinstance(group.get(step, getlink=True), h5py.HardLink):
            raise Refused(f"{name} lies in another file")
        group = group[step]
    if not isinstance(group, h5py.Dataset) or len(group.shape) != sides or group.dtype.kind not in "fiu":
        raise Refused(f"{name} is no array of numbers")
    if group.is_virtual or group.external:
        raise Refused(f"{name} lies in another file")
    return group


def needed(file, name, sides):
    found = dataset(file, name, sides)
    if found is None:
        raise Refused(f"{name} is missing; this is no Basel Face Model of 2017 or 2019")
    return found


def main(job):
    with h5py.File(job["file"], "r") as file:
        mean, basis = needed(file, "shape/model/mean", 1), needed(file, "shape/model/pcaBasis", 2)
        variance = needed(file, "shape/model/pcaVariance", 1)
        points = needed(file, "shape/representer/points", 2)
        cells = needed(file, "shape/representer/cells", 2)
        count = mean.shape[0] // 3
        if mean.shape[0] != 3 * count or not 0 < count <= MOST_VERTICES:
            raise Refused(f"shape/model/mean has {mean.shape[0]} numbers, too many for a head")
        if basis.shape[0] != 3 * count or not 0 < basis.shape[1] <= MOST_MODES or variance.shape != basis.shape[1:]:
            raise Refused(f"shape/model/pcaBasis {basis.shape} does not fit the mean")
        if 3 not in cells.shape or 3 not in points.shape or max(cells.shape) > MOST_FACES or points.size != 3 * count:
            raise Refused("the mesh of shape/representer does not fit the mean")
        n = min(N_MODES, basis.shape[1])
        rest = mean[()].astype(np.float64)
        extra = dataset(file, "expression/model/mean", 1)
        if extra is not None and extra.shape == mean.shape:
            rest = rest + extra[()]
        corners = cells[()] if cells.shape[1] == 3 and cells.shape[0] != 3 else cells[()].T
        template = points[()] if points.shape[1] == 3 and points.shape[0] != 3 else points[()].T
        np.savez(
            "arrays.npz",
            rest=rest.reshape(-1, 3),
            template=template.astype(np.float64),
            modes=(basis[:, :n] * np.sqrt(np.maximum(variance[:n], 0))).T.reshape(n, -1, 3).astype(np.float32),
            cells=corners.astype(np.int64),
        )


with open(sys.argv[-1], encoding="utf-8") as stream:
    task = json.load(stream)
answer = {}
try:
    main(task)
except (Refused, OSError, ValueError, KeyError, RuntimeError, TypeError, MemoryError) as error:
    answer = {"refused": str(error) or type(error).__name__}
with open("answer.json", "w", encoding="utf-8") as stream:
    json.dump(answer, stream)
