"""`render P --in-photo`: the photo of a project with its edits, as a file."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from photo_document import photo_document, photo_layer, photo_pixels

from rhytid.core.document.project import save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.learned import weights
from rhytid.core.photo.rendered_photo import render_network
from rhytid.gui.cli.program import main


def test_a_picture_of_the_photo_s_size_is_written(tmp_path):
    project, output = tmp_path / "anna.rhytid", tmp_path / "anna.png"
    save_project(project, photo_document())
    assert main(["render", str(project), "--in-photo", str(output)]) == 0
    assert np.array_equal(cv2.imread(str(output))[..., ::-1], photo_pixels())
    assert main(["render", str(project), "--in-photo", str(output), "--expression", "jawOpen=0.8", "--overwrite"]) == 0
    edited = cv2.imread(str(output))[..., ::-1]
    changed = (edited != photo_pixels()).any(axis=2)
    assert changed.sum() > 300
    assert not changed[:40].any()


def one_line(capsys) -> str:
    text = capsys.readouterr().err.strip()
    assert "\n" not in text
    return text


def test_without_a_photo_one_line_says_what_to_do(tmp_path, capsys):
    project, output = tmp_path / "plain.rhytid", tmp_path / "plain.png"
    save_project(project, DocumentState())
    assert main(["render", str(project), "--in-photo", str(output)]) == 2
    assert "New from Photo" in one_line(capsys)
    assert not output.exists()


def test_a_photo_whose_light_is_unknown_is_told_of(tmp_path, capsys):
    project, output = tmp_path / "dark.rhytid", tmp_path / "dark.png"
    save_project(project, replace(photo_document(), photo=photo_layer(light=False)))
    assert main(["render", str(project), "--in-photo", str(output)]) == 2
    assert "refine the photo" in one_line(capsys)
    assert not output.exists()


def test_a_damaged_photo_is_told_of(tmp_path, capsys):
    project, output = tmp_path / "torn.rhytid", tmp_path / "torn.png"
    state = photo_document()
    save_project(project, replace(state, photo=replace(state.photo, data=state.photo.data[:100])))
    assert main(["render", str(project), "--in-photo", str(output)]) == 2
    one_line(capsys)
    assert not output.exists()


def test_only_pictures_are_written(tmp_path, capsys):
    project = tmp_path / "anna.rhytid"
    save_project(project, photo_document())
    assert main(["render", str(project), "--in-photo", str(tmp_path / "anna.exr")]) == 2
    assert ".png or .jpg" in one_line(capsys)


def test_the_rendering_network_is_a_switch(tmp_path):
    project, output = tmp_path / "anna.rhytid", tmp_path / "anna.png"
    save_project(project, photo_document())
    command = ["render", str(project), "--in-photo", str(output), "--overwrite", "--renderer", "network"]
    assert main(command) == 0
    assert np.array_equal(cv2.imread(str(output))[..., ::-1], photo_pixels())  # nothing is edited
    assert main([*command, "--expression", "jawOpen=0.8"]) == 0
    by_network = cv2.imread(str(output))
    assert main([*command[:-1], "ratio", "--expression", "jawOpen=0.8"]) == 0
    by_ratio = cv2.imread(str(output))
    assert (by_network != by_ratio).any(axis=2).sum() > 50
    untouched = (by_ratio[..., ::-1] == photo_pixels()).all(axis=2)
    assert not (by_network != by_ratio)[:40].any()
    assert untouched[:40].all()


def test_without_the_network_s_weights_one_line_says_so_and_ratio_images_work(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(weights, "WEIGHTS_FOLDER", tmp_path)
    render_network.cache_clear()
    project, output = tmp_path / "anna.rhytid", tmp_path / "anna.png"
    save_project(project, photo_document())
    command = ["render", str(project), "--in-photo", str(output), "--expression", "jawOpen=0.8"]
    assert main([*command, "--renderer", "network"]) == 2
    assert "photo_render.json" in one_line(capsys)
    assert not output.exists()
    assert main(command) == 0
    assert output.exists()
