"""Editing single maps, and the real scans where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from band_samples import region_energy

from rhytid.core.face.edit import edit_map
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.lines.extract import extract_lines
from rhytid.core.lines.raster import draw_line_map

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "facescape-sample"


def test_nothing_changed_gives_the_input_bit_for_bit(scan):
    displacement = scan
    assert edit_map(displacement).tobytes() == displacement.tobytes()
    picture = draw_line_map(extract_lines(displacement), 256)
    assert edit_map(displacement, line_map=picture).tobytes() == displacement.tobytes()


def test_input_stays_writable_and_untouched(scan):
    displacement = scan.copy()
    before = displacement.copy()
    edit_map(displacement, strokes=())
    displacement[0, 0] += 0
    assert (displacement == before).all()


def test_lines_erased_and_drawn_in_the_picture(scan):
    displacement = scan
    picture = draw_line_map(extract_lines(displacement), 256)
    picture[:40] = False
    cv2.line(canvas := picture.astype(np.uint8), (60, 220), (120, 225), 1)
    edited = edit_map(displacement, line_map=canvas > 0)
    before, after = region_energy(displacement), region_energy(edited)
    assert after["forehead"] < 0.6 * before["forehead"]
    assert edited[222, 90] < displacement[222, 90] - 0.03
    assert (edited[100:120, 180:] == displacement[100:120, 180:]).all()


def test_another_resolution(scan):
    assert edit_map(scan, resolution=512).shape == (512, 512)


@pytest.mark.skipif(not SHARED.exists(), reason="the sample scans are not on this machine")
@pytest.mark.parametrize("name", ["122/6_jaw_right", "212/15_lip_roll", "344/4_anger", "610/19_brow_raiser"])
def test_unedited_lines_of_a_real_scan(name):
    """These have wrinkles that run out at the border of the map."""
    subject, expression = name.split("/")
    displacement = read_displacement(SHARED / subject / "displacement" / f"{expression}.png")
    picture = draw_line_map(extract_lines(displacement), 256)
    assert edit_map(displacement, line_map=picture).tobytes() == displacement.tobytes()


@pytest.mark.skipif(not SHARED.exists(), reason="the sample scans are not on this machine")
def test_relaxed_anger_of_a_real_scan():
    raw = cv2.imread(str(SHARED / "122" / "displacement" / "4_anger.png"), cv2.IMREAD_UNCHANGED)
    displacement = (raw.astype(np.float32) - 32768) / 32768 * np.float32(0.914)
    anger = json.loads((SHARED / "expression_weights.json").read_text())["expressions"]["4_anger"]
    pose = {"source_expression": anger, "source_age": 22.0, "engine": "procedural"}
    assert edit_map(displacement, expression=anger, **pose).tobytes() == displacement.tobytes()
    relaxed = edit_map(displacement, expression={}, **pose)
    before, after = region_energy(displacement), region_energy(relaxed)
    assert after["glabella"] < 0.8 * before["glabella"]
    assert after["cheek_left"] == pytest.approx(before["cheek_left"], rel=0.05)
