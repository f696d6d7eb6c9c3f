"""A batch on a Ray cluster of this machine with two workers, of which one is killed while it writes an export."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from rhytid.gui.cli.batch import RECORD
from rhytid.gui.cli.program import main

ray = pytest.importorskip("ray", reason="Ray is not installed (the optional extra cluster)")

ROOT = Path(__file__).resolve().parents[2]
# What each worker runs at its start: it names the source, and kills the first worker that writes into an export.
START = """
import os, signal, sys
sys.path.insert(0, {root!r})
import main

def watch(event, given):
    if event == "open" and ".rhytid-set-" in str(given[0]) and isinstance(given[1], str) and "w" in given[1]:
        try:
            with os.fdopen(os.open({mark!r}, os.O_CREAT | os.O_EXCL | os.O_WRONLY), "w") as mark:
                mark.write(str(given[0]))
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
"""
JOB = """
engine = "procedural"
[[faces]]
seeds = [1, 2, 3]
[[expressions]]
preset = "smile"
[[exports]]
what = ["line_map"]
resolution = 1024
"""


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    start = tmp_path / "start"
    start.mkdir()
    (start / "sitecustomize.py").write_text(START.format(root=str(ROOT), mark=str(tmp_path / "killed")))
    monkeypatch.setenv("PYTHONPATH", str(start))
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=80_000_000)
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


def test_a_batch_is_whole_though_a_worker_was_killed(address: str, tmp_path: Path, capsys) -> None:
    job = tmp_path / "job.toml"
    job.write_text(JOB)
    assert main(["batch", str(job), "--ray", address]) == 0
    assert ".rhytid-set-" in (tmp_path / "killed").read_text()  # one was killed, in the middle of an export
    output = tmp_path / "batch"
    folders = [output / f"seed-{seed}/own/smile/export" for seed in (1, 2, 3)]
    for folder in folders:
        listed = {file["name"] for file in json.loads((folder / "export.json").read_text())["files"]}
        assert listed | {"export.json", "README.txt"} == set(os.listdir(folder))
        assert np.count_nonzero(cv2.imread(str(folder / "face_lines.1001.png"))) > 0
    assert sorted(path for path in output.rglob("*") if path.is_file() and path.parent not in folders) == [
        output / RECORD
    ]
    capsys.readouterr()
    assert main(["batch", str(job), "--jobs", "1"]) == 0
    assert "3 were there before" in capsys.readouterr().out
