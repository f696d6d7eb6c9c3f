"""`import rhytid`: its documented names, its examples, and a face opened, set, looked at, saved and exported."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
from dataclasses import fields as fields_of

import cv2
import numpy as np
import pytest

import rhytid
from rhytid.core.resources import resource

PAGE = resource("help", "python.md")


@pytest.mark.usefixtures("few_rays")
@pytest.mark.parametrize("name", ["rhytid", "rhytid.face", "rhytid.core.face.face", "rhytid.core.face.edit"])
def test_examples_in_the_docstrings_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.usefixtures("few_rays")
def test_the_examples_of_the_manual_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 40
    assert result.failed == 0


def test_the_manual_names_everything_that_is_public():
    text = PAGE.read_text("utf-8")
    members = [name for name in dir(rhytid.Face) if not name.startswith("_")]
    fields = [field.name for kind in (rhytid.Stroke, rhytid.Binding, rhytid.MapReading) for field in fields_of(kind)]
    for name in (*rhytid.__all__, *members, *fields):
        assert re.search(rf"\b{name}\b", " ".join(re.findall(r"`[^`]+`", text))), name


def test_every_public_name_is_there_and_documented():
    for name in rhytid.__all__:
        assert f"`{name}`" in rhytid.__doc__ or f"`{name}." in rhytid.__doc__, name
        assert getattr(rhytid, name).__doc__, name
        assert name in dir(rhytid)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = rhytid.nonsense


def test_importing_it_imports_nothing_heavy():
    heavy = ("numpy", "cv2", "PySide6", "moderngl", "onnxruntime", "torch")
    code = f"import main, sys, rhytid; sys.exit(', '.join(m for m in {heavy} if m in sys.modules) or 0)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_a_face_is_set_saved_and_opened_again(tmp_path):
    face = rhytid.Face()
    face.expression = {"mouthSmileLeft": 0.5}
    face.action_units = {"AU4": 0.25}
    face.age = 55
    face.strokes = [rhytid.Stroke("a", [(0.4, 0.1), (0.6, 0.1)], [1, 1], depth_mm=0.3)]
    face.be_random(7)
    face.save(tmp_path / "anna.v002.rhytid")
    again = rhytid.Face(tmp_path / "anna.v002.rhytid")
    assert again.state == face.state
    assert again.expression == {"mouthSmileLeft": 0.5}
    assert again.action_units == {"AU4": 0.25}
    assert (again.age, again.strokes[0].id, again.remark) == (55, "a", "")
    np.testing.assert_array_equal(again.maps(256).displacement, face.maps(256).displacement)


def test_measures_of_the_person_are_set_held_and_saved(tmp_path):
    face = rhytid.Face()
    face.be_random(7)
    before = face.identity_measures
    face.identity_measures = {"jaw_width": 118.0, "eye_spacing": 35.0}
    after = face.identity_measures
    assert (after["jaw_width"], after["eye_spacing"]) == (pytest.approx(118, abs=0.1), pytest.approx(35, abs=0.1))
    assert after["mouth_width"] == pytest.approx(before["mouth_width"], abs=2.0)
    corners = (0.0459, 0.784), (0.9541, 0.784)
    go_right, go_left = (np.argmin(np.linalg.norm(face.head.chart - at, axis=1)) for at in corners)
    rest = face.head.shape(face.state.identity, np.zeros(52))
    assert np.linalg.norm(rest[go_left] - rest[go_right]) == pytest.approx(after["jaw_width"], abs=0.01)
    face.save(tmp_path / "measured.rhytid")
    assert rhytid.Face(tmp_path / "measured.rhytid").identity_measures == pytest.approx(after, abs=1e-6)
    state = face.state
    for wrong in ({"jaw": 118.0}, {"jaw_width": 400.0}, {"jaw_width": "wide"}):
        with pytest.raises(ValueError, match="jaw"):
            face.identity_measures = wrong
    assert face.state is state


def test_what_is_set_shows_in_the_maps():
    face = rhytid.Face()
    before = face.maps(256).displacement
    face.strokes = [rhytid.Stroke("a", [(0.4, 0.1), (0.6, 0.1)], [1, 1], depth_mm=0.4)]
    drawn = face.maps(256)
    assert drawn.displacement[25, 128] < before[25, 128] - 0.15
    assert drawn.line_map[24:28, 128].any()
    assert (drawn.displacement[200:] == before[200:]).all()
    face.strokes = ()
    face.expression = {"browInnerUp": 1.0}
    assert np.abs(face.maps(256).displacement[10:50] - before[10:50]).max() > 0.05
    assert np.abs(face.pose().vertices - face.pose().rest).max() > 2.0


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("expression", {"smile": 1}, "'smile' is no ARKit name"),
        ("expression", {"jawOpen": 1.5}, "jawOpen must be 0..1"),
        ("expression", {"jawOpen": float("nan")}, "jawOpen must be 0..1"),
        ("action_units", {"AU99": 1}, "not in the table of action units"),
        ("action_units", {"AU12": -1}, "AU12"),
        ("age", 81, "age must lie in 16..80"),
        ("age", float("inf"), "finite"),
        ("engine", "nonsense", "no engine 'nonsense'"),
    ],
)
def test_bad_values_are_refused_and_change_nothing(name, value, reason):
    face = rhytid.Face()
    before = face.state
    with pytest.raises(ValueError, match=reason):
        setattr(face, name, value)
    assert face.state is before


def test_a_map_is_worn_bit_for_bit_and_its_lines_can_be_erased(tmp_path):
    face = rhytid.Face()
    face.age = 65
    own = face.maps(256).displacement
    rhytid.write_displacement(tmp_path / "own.exr", own)
    other = rhytid.Face()
    other.wear(rhytid.read_displacement(tmp_path / "own.exr"), age=65)
    np.testing.assert_array_equal(other.maps(256).displacement, own)
    assert [line.id for line in other.strokes] == [line.id for line in rhytid.extract_lines(own)]
    other.strokes = ()
    assert (other.maps(256).displacement != own).any()
    assert other.age == 65


@pytest.mark.usefixtures("few_rays")
def test_pictures_differ_by_view_and_camera():
    face = rhytid.Face()
    front = face.picture(size=(80, 60), resolution=256, samples=1)
    assert front.shape == (60, 80, 3)
    assert front.dtype == np.uint8
    assert (face.picture(size=(80, 60), resolution=256, samples=1, yaw_deg=60.0) != front).any()
    assert (face.picture("normals", (80, 60), resolution=256, samples=1) != front).any()
    with pytest.raises(ValueError, match="nonsense"):
        face.picture("nonsense")


def test_an_export_holds_what_the_face_shows(tmp_path):
    face = rhytid.Face()
    face.age = 60
    report = face.export(tmp_path, what=["displacement"], resolution=1024, name="anna")
    assert all(check.passed for check in report.checks)
    read = rhytid.read_displacement(report.path("displacement", ".exr"))
    assert read.shape == (1024, 1024)
    # Towards eyes and edge the head fades detail out; on the forehead the file is what the maps say.
    inside = np.s_[120:200, 400:600]
    np.testing.assert_allclose(read[inside], face.maps(1024).displacement[inside], atol=1e-6)
    with pytest.raises(ValueError, match="resolution must be one of"):
        face.export(tmp_path, resolution=1000)


def test_edit_map_draws_the_lines_of_a_picture():
    skin = rhytid.Face().maps(256).displacement
    picture = rhytid.draw_line_map(rhytid.extract_lines(skin), 256).astype(np.uint8)
    cv2.line(picture, (100, 40), (160, 40), 1)
    edited = rhytid.edit_map(skin, line_map=picture > 0)
    # Where the line runs along one that was there already, nothing is new.
    assert np.median((edited - skin)[40, 104:120]) < -0.05


def test_engines_say_whether_they_can_run():
    found = rhytid.engines()
    assert found["procedural"] == ""
    assert {"semm", "sd_detail", "facedet3d"} <= set(found)
