"""Killed at any moment, a writer leaves the old file or the new one, and nothing that the next start does not clear.

`python -m pytest tests/trust/test_kills.py --kills 1000` kills more often, `--fuzz-seed 7` at other moments.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked")

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize("kind", ["project", "linked project", "autosave", "head"])
def test_kills_leave_the_old_or_the_new_file(kind: str, pytestconfig: pytest.Config) -> None:
    kills, seed = pytestconfig.getoption("kills"), pytestconfig.getoption("fuzz_seed")
    result = subprocess.run(
        [sys.executable, "kill_worker.py", kind, str(kills), str(seed)],
        cwd=HERE, capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    counts = json.loads(result.stdout.splitlines()[-1])
    assert counts["wrong"] == []
    assert counts["old"] + counts["newer"] == kills
    assert counts["newer"] > 0, "the writers came to write"
