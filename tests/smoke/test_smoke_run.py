"""The whole program from the command line: it opens, shows the refined face, saves a picture and leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        pytest.skip("no screen: neither DISPLAY nor WAYLAND_DISPLAY is set (run under xvfb-run)")
    return subprocess.run(
        [sys.executable, "main.py", "--smoke", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def test_smoke_saves_a_picture_of_the_window_with_the_face_in_it(tmp_path):
    mine = tmp_path / "mine"
    result = run("--screenshot", str(tmp_path / "window.png"), "--size", "1280x800", RHYTID_STATE_DIR=str(mine))
    assert result.returncode == 0, result.stderr
    # The user's settings are left alone; there is but the note of what was being written, which was the picture.
    assert [path.name for path in mine.iterdir()] == ["written"]
    picture = cv2.imread(str(tmp_path / "window.png"))
    assert picture.shape == (800, 1280, 3)
    face = picture[300:500, 560:720].reshape(-1, 3).astype(int)
    blue, _, red = np.median(face, axis=0)
    assert red > blue + 20  # skin
    assert len(np.unique(picture[:, :200].reshape(-1, 3), axis=0)) > 30  # panels


def test_smoke_at_one_and_a_half_times_the_pixels(tmp_path):
    picture_file = tmp_path / "window.png"
    result = run("--screenshot", str(picture_file), "--size", "1000x640", QT_SCALE_FACTOR="1.5")
    assert result.returncode == 0, result.stderr
    picture = cv2.imread(str(picture_file))
    assert picture.shape == (960, 1500, 3)
    face = picture[380:560, 700:860].reshape(-1, 3).astype(int)
    assert np.median(face[:, 2]) > np.median(face[:, 0]) + 20


def test_smoke_fails_with_a_reason_for_a_bad_project(tmp_path):
    bad = tmp_path / "bad.rhytid"
    bad.write_bytes(b"nothing")
    result = run(str(bad))
    assert result.returncode == 1
    assert "bad.rhytid" in result.stderr
