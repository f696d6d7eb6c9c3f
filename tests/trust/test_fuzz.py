"""Damaged files of every format: a valid result or one line that names the file, in little time and memory.

`python -m pytest tests/trust/test_fuzz.py --fuzz-inputs 100000` tries more of them, `--fuzz-seed 7` others, and
`--fuzz-keep FOLDER` keeps what failed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="inputs are read in forked processes")

HERE = Path(__file__).resolve().parent
NAMES = (
    "project", "map png", "map tiff", "map exr", "map npy", "sidecar", "line picture", "clip", "wrinkle table",
    "recording csv", "recording json", "photo", "head npz", "head safetensors", "mesh obj", "pickle", "glb", "gltf",
    "scan ply", "scan glb", "scan materials", "head h5", "head usd",
    "settings", "presets", "model", "weights", "wrinkles", "recovery note",
)  # fmt: skip
# Readers that take anything: a damaged file of settings is no settings, a damaged note no name, and JSON beside a map
# that is not ours another program's. Materials that cannot be read cost a scan its colour.
FORGIVING = ("settings", "recovery note", "sidecar", "scan materials")


def fuzzed(name: str, inputs: int, seed: int, keep: str = "") -> dict[str, Any]:
    """What came of a format, see `fuzz_worker`."""
    command = [sys.executable, str(HERE / "fuzz_worker.py"), name, str(inputs), str(seed), *([keep] if keep else [])]
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **single}  # threads do not survive a fork
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_are_read_or_refused(name: str, pytestconfig: pytest.Config) -> None:
    option = pytestconfig.getoption
    came = fuzzed(name, option("fuzz_inputs"), option("fuzz_seed"), option("fuzz_keep"))
    if came["missing"]:
        pytest.skip(f"needs {came['missing']}")
    inputs = came["inputs"]
    assert came["found"] == 0, "\n".join(came["told"])
    assert sum(came["kinds"].values()) == inputs
    assert came["kinds"].get("valid", 0) > 0, "the valid files are among the inputs"
    if name not in FORGIVING:
        assert came["kinds"].get("refused", 0) > inputs // 20, "damage was found out"


def test_every_format_is_here() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import json, formats; print(json.dumps(list(formats.FORMATS)))"],
        cwd=HERE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(listed.stdout.splitlines()[-1]) == list(NAMES)


def test_every_fault_is_found() -> None:
    """A reader that crashes, hangs, floods the memory or says the wrong thing does not get through."""
    came = fuzzed("broken", 9, 1)
    assert came["kinds"] == {"valid": 1, "crash": 2, "KeyError": 1, "message": 2, "memory": 1, "slow": 1, "hang": 1}
    assert came["found"] == 8
