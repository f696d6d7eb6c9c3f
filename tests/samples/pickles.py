"""Pickles for tests, written by another process: this one has nothing to do with them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

# Arrays come as .npz; those named in "sparse" and "chumpy" are wrapped as published models have them.
_SCRIPT = """
import json, pickle, sys, types
import numpy as np
job = json.loads(sys.argv[1])
chumpy, ch = types.ModuleType("chumpy"), types.ModuleType("chumpy.ch")
class Ch:
    pass
Ch.__module__, ch.Ch, chumpy.ch = "chumpy.ch", Ch, ch
sys.modules.update({"chumpy": chumpy, "chumpy.ch": ch})
content = dict(np.load(job["arrays"]))
for name in job["sparse"]:
    from scipy import sparse
    content[name] = getattr(sparse, job["sparse_kind"])(content[name])
for name in job["chumpy"]:
    wrapped = Ch()
    wrapped.__dict__.update({"x": content[name], "_dirty_vars": {"x"}, "_itr": None, "_status": "new"})
    content[name] = wrapped
content.update(job["more"])
for protocol, file in job["files"].items():
    with open(file, "wb") as stream:
        pickle.dump(content, stream, int(protocol))
"""


def write_pickles(
    folder: Path,
    arrays: dict[str, np.ndarray],
    protocols: tuple[int, ...] = (2,),
    sparse: tuple[str, ...] = (),
    chumpy: tuple[str, ...] = (),
    sparse_kind: str = "csc_matrix",
) -> dict[int, Path]:
    """Files `model-<protocol>.pkl` of a dictionary of arrays, by protocol."""
    files = {protocol: folder / f"model-{protocol}.pkl" for protocol in protocols}
    np.savez(folder / "arrays.npz", allow_pickle=False, **arrays)
    job = {
        "arrays": str(folder / "arrays.npz"), "sparse": sparse, "chumpy": chumpy, "sparse_kind": sparse_kind,
        "more": {"bs_style": "lbs", "weights_prior": [0.5, 1], "nothing": None, "deep": {"a": [True, {}, -70000]}},
        "files": {str(protocol): str(file) for protocol, file in files.items()},
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", _SCRIPT, json.dumps(job)], check=True)
    return files
