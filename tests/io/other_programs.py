"""Khronos' glTF validator and Assimp, where this machine has them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
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
