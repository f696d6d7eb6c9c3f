"""Khronos' glTF validator, Assimp and Blender, where this machine has them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

_VALIDATE = """
const { readFileSync } = require('fs');
const [, place, ...files] = process.argv;
const validator = require(require.resolve('gltf-validator', { paths: [place] }));
Promise.all(files.map((file) => validator.validateBytes(new Uint8Array(readFileSync(file)), { maxIssues: 0 })))
  .then((reports) => console.log(JSON.stringify(reports.map((report) => report.issues))));
"""


@lru_cache(maxsize=1)
def _validator_folder() -> str | None:
    """Folder from which node finds the package gltf-validator."""
    if shutil.which("node") is None:
        return None
    places = [os.environ.get("RHYTID_GLTF_VALIDATOR", ""), os.getcwd()]
    return next((place for place in places if place and not _node(place).returncode), None)


def _node(place: str, *files: Path) -> subprocess.CompletedProcess[str]:
    command = ["node", "-e", _VALIDATE, place, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def gltf_issues(path: Path) -> dict[str, Any]:
    """What Khronos' validator says of a file; skips the test where there is none."""
    place = _validator_folder()
    if place is None:
        pytest.skip("needs node and the npm package gltf-validator; RHYTID_GLTF_VALIDATOR names its folder")
    done = _node(place, path)
    assert done.returncode == 0, done.stderr
    (issues,) = json.loads(done.stdout)
    return issues


def assimp_info(path: Path) -> str:
    """What Assimp's command line says of a file that it could open; skips the test where there is none."""
    if shutil.which("assimp") is None:
        pytest.skip("needs Assimp's command line, Debian's assimp-utils")
    done = subprocess.run(["assimp", "info", str(path)], capture_output=True, timeout=300)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, said
    assert "ERROR" not in said
    return said


_BLENDER_PRELUDE = """
import json, sys
_given = json.loads(open(sys.argv[-1], encoding="utf-8").read())
ARGS = _given["args"]
def tell(value):
    with open(_given["answer"], "w", encoding="utf-8") as stream:
        json.dump(value, stream)
exec(compile(_given["script"], _given["name"], "exec"))
"""


@lru_cache(maxsize=1)
def _blender_command() -> tuple[str, ...]:
    """How a script is run with the module bpy, empty where there is none."""
    python = os.environ.get("RHYTID_BPY", "")
    if python and not subprocess.run([python, "-c", "import bpy"], capture_output=True, timeout=120).returncode:
        return (python,)
    if program := shutil.which("blender"):
        return (program, "--background", "--factory-startup", "--python-exit-code", "1", "--python")
    return ()


def blender(script: str | Path, *args: object, timeout_s: float = 300) -> Any:
    """What a script says that runs in Blender; skips the test where there is none.

    Parameters
    ----------
    script : str or path
        Python text, or its file. It finds `args` as texts in ``ARGS``, and gives its answer with ``tell(value)``,
        which is anything that JSON holds. Large arrays go through files that `args` name.
    """
    command = _blender_command()
    if not command:
        pytest.skip("needs Blender: RHYTID_BPY names a Python with the module bpy, or blender is on the PATH")
    name, text = (str(script), script.read_text("utf-8")) if isinstance(script, Path) else ("<script>", script)
    with tempfile.TemporaryDirectory() as folder:
        prelude, given, answer = (Path(folder) / part for part in ("run.py", "given.json", "answer.json"))
        prelude.write_text(_BLENDER_PRELUDE, "utf-8")
        content = {"script": text, "name": name, "args": [str(arg) for arg in args], "answer": str(answer)}
        given.write_text(json.dumps(content), "utf-8")
        between = () if len(command) == 1 else ("--",)
        words = [*command, str(prelude), *between, str(given)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, cwd=folder)
        said = f"{done.stdout[-4000:]}{done.stderr[-4000:]}"
        assert done.returncode == 0, said
        assert answer.is_file(), f"the script told nothing: {said}"
        return json.loads(answer.read_text("utf-8"))
