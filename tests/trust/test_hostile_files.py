"""Hostile files of every format are refused with the right line, within a second and 300 MB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="devices, pipes and forks of a Unix")

HERE = Path(__file__).resolve().parent


def test_hostile_files_are_refused() -> None:
    environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")}
    result = subprocess.run(
        [sys.executable, "hostile_files.py"],
        cwd=HERE, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    outcomes = json.loads(result.stdout.splitlines()[-1])
    assert len(outcomes) > 120
    wrong = [f"{o['name']}: {o['kind']}: {o['text']}" for o in outcomes if o["kind"] not in ("valid", "refused")]
    assert not wrong, "\n".join(wrong)
