"""The check that the program's faces read as people."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.document.state import Camera
from rhytid.core.photo.landmarks import LEFT_OUTER_CORNER, N_MESH, RIGHT_OUTER_CORNER
from rhytid.gui.cli import evaluate_people


def test_an_error_is_told_in_parts_of_the_eye_distance() -> None:
    points = np.zeros((N_MESH, 3))
    points[LEFT_OUTER_CORNER], points[RIGHT_OUTER_CORNER] = (45.0, 0, 0), (-45.0, 0, 0)
    depth_mm = 600.0
    px_per_mm = evaluate_people.SIDE_PX / (2 * depth_mm * np.tan(np.radians(Camera().fov_deg / 2)))
    off_px = np.full((7, 2), (0.0, 0.9 * px_per_mm))  # 0.9 mm of 90
    error = evaluate_people._error_percent(off_px, points, np.full(N_MESH, depth_mm))
    assert error == pytest.approx(1.0, abs=1e-6)


def test_the_table_counts_who_was_not_found() -> None:
    rows = [
        {"person": 0, "age": 20.0, "expression": "neutral", "yaw": 5.0, "error": 1.0},
        {"person": 0, "age": 70.0, "expression": "smile", "yaw": -30.0, "error": 4.0},
        {"person": 1, "age": 20.0, "expression": "neutral", "yaw": 10.0, "error": 2.0},
        {"person": 1, "age": 70.0, "expression": "anger", "yaw": 39.0, "error": None},
    ]
    figures = evaluate_people.summary(rows)
    assert figures["all"] == pytest.approx({"n": 4, "found": 0.75, "median": 2.0, "p95": 3.8, "within": 0.5})
    assert figures["70 years"]["found"] == 0.5
    assert figures["anger"] == {"n": 1, "found": 0.0}
    assert figures["0 to 20 degrees"]["within"] == 1.0
    assert "surprise" not in figures
    assert evaluate_people.table(figures)[1].split() == ["all", "4", "0.750", "2.00", "3.80", "0.500"]


def test_a_young_neutral_face_is_found_with_its_landmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate_people, "AGES", (20.0,))
    monkeypatch.setattr(evaluate_people, "EXPRESSIONS", {"neutral": {}})
    monkeypatch.setattr(evaluate_people, "GOAL_PERCENT", -1.0)  # so that every picture is kept
    file, pictures = tmp_path / "people.json", tmp_path / "pictures"
    assert evaluate_people.run(Namespace(people=1, pictures=pictures, json=file, overwrite=False)) == 0
    figures = json.loads(file.read_text(encoding="utf-8"))["all"]
    assert figures["found"] == 1
    assert 0.3 < figures["median"] < 5
    assert [path.name for path in pictures.iterdir()] == ["0_20_neutral.png"]
