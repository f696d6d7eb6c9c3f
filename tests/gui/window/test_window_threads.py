"""Nothing loads a model or the inference runtime on the GUI thread, whatever the hand does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_models_and_the_runtime_are_loaded_off_the_gui_thread(qapp, private_state):
    done = subprocess.run(
        [sys.executable, str(HERE / "walk_with_guard.py")],
        cwd=HERE.parents[2], capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert [entry for entry in seen if entry[1]] == [], "on the GUI thread"
    passed = {what for what, _, _ in seen}
    assert {"import onnxruntime", "Runtime.open", "ModelFiles._checked_bytes"} <= passed, "the guard sees nothing"
