"""How much of a photo's lines runs where no wrinkle can be: known strokes on a known head under known masks."""

from __future__ import annotations

import argparse
import json
from itertools import pairwise

import cv2
import numpy as np
import pytest
from portraits import astronaut, needs_models

from rhytid.core.evaluation.photo_scores import line_lengths
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.lines.stroke import Stroke
from rhytid.core.photo import photo_face
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.fit import HeadFit
from rhytid.gui.cli import evaluate_photo

SIZE = (320, 320)


@pytest.fixture(scope="module")
def raster():
    return ChartRaster(default_head(), 64)


@pytest.fixture(scope="module")
def fit(raster):
    head = raster.head
    middle = head.neutral[: head.n_skin].mean(axis=0)
    rotation = np.diag([1.0, -1.0, -1.0])
    camera = PhotoCamera(rotation, np.array([0, 0, 900.0]) - rotation @ middle, 1100.0, (160.0, 160.0), SIZE)
    return HeadFit(np.zeros(40, np.float32), np.zeros(52, np.float32), camera, None, 1.0)


def stroke(*points):
    return Stroke("line", np.float32(points), np.ones(len(points), np.float32))


@pytest.fixture(scope="module")
def across():
    """Over the forehead."""
    return stroke(*((x, 0.08) for x in np.linspace(0.3, 0.7, 30)))


def test_lengths_are_those_of_the_photo_and_of_the_skin(raster, fit, across):
    points = raster.position(fit.vertices(raster.head), across.points)
    seen = fit.camera.project(points)
    found = line_lengths([across, across], fit, raster, np.zeros(SIZE, bool))
    assert found.all_px == pytest.approx(2 * np.linalg.norm(np.diff(seen, axis=0), axis=1).sum(), rel=1e-5)
    assert found.true_mm == pytest.approx(2 * np.linalg.norm(np.diff(points, axis=0), axis=1).sum(), rel=1e-5)
    assert found.false_px == 0


def test_the_share_on_the_mask_is_exact(raster, fit, across):
    """A mask right of a column takes what of the line lies right of it."""
    seen = fit.camera.project(raster.position(fit.vertices(raster.head), across.points))
    border = 170
    false = np.zeros(SIZE, bool)
    false[:, border:] = True
    fine = np.concatenate([np.linspace(a, b, 1000) for a, b in pairwise(seen)])
    lengths = np.linalg.norm(np.diff(fine, axis=0), axis=1)
    right = (fine[:-1, 0] >= border) & (fine[1:, 0] >= border)
    found = line_lengths([across], fit, raster, false)
    assert 0.2 < found.false_px / found.all_px < 0.8
    assert found.false_px == pytest.approx(lengths[right].sum(), abs=0.3)
    other = line_lengths([across], fit, raster, ~false)
    assert other.false_px + found.false_px == pytest.approx(found.all_px, rel=1e-6)
    assert other.true_mm + found.true_mm == pytest.approx(
        line_lengths([across], fit, raster, np.zeros(SIZE, bool)).true_mm, rel=1e-6
    )


def test_what_leaves_the_picture_is_false(raster, fit, across):
    cut = np.zeros((40, 40), bool)  # the forehead lies below it
    found = line_lengths([across], fit, raster, cut)
    assert found.false_px == pytest.approx(found.all_px)
    assert line_lengths([], fit, raster, cut).all_px == 0


def options(folder, **others):
    plain = {"people": 0, "scans": None, "photos": folder, "masks": None, "json": None, "overwrite": False}
    plain["render_weights"] = None
    return argparse.Namespace(**{**plain, **others})


@needs_models
def test_the_command_finds_masks_beside_photos_and_elsewhere(tmp_path, capsys, monkeypatch):
    pytest.importorskip("moderngl")
    read, found = photo_face.read_photos, []

    def read_once(photos, tools):  # the photo stays, its masks change
        found.extend(() if found else read(photos, tools))
        return iter(found)

    monkeypatch.setattr(photo_face, "read_photos", read_once)
    photos, masks = tmp_path / "photos", tmp_path / "masks"
    photos.mkdir()
    masks.mkdir()
    picture = cv2.resize(np.ascontiguousarray(astronaut()[:256, 96:352]), (512, 512), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(photos / "one.png"), picture[..., ::-1])
    cv2.imwrite(str(photos / "one.mask.png"), np.full((512, 512), 255, np.uint8))
    cv2.imwrite(str(masks / "one.mask.png"), np.zeros((512, 512), np.uint8))
    figures = {}
    for name, folder in (("beside", None), ("elsewhere", masks)):
        file = tmp_path / f"{name}.json"
        assert evaluate_photo.run(options(photos, masks=folder, json=file)) == 0
        figures[name] = json.loads(file.read_text())
    assert "false lines, share" in capsys.readouterr().out
    assert figures["elsewhere"]["true lines, mm, one.png"]["found"] > 5
    assert figures["elsewhere"]["false lines, share"]["found"] == 0
    assert figures["beside"]["false lines, share"]["found"] == pytest.approx(1)
    assert figures["beside"]["true lines, mm, one.png"]["found"] == 0

    cv2.imwrite(str(masks / "one.mask.png"), np.zeros((300, 400), np.uint8))
    with pytest.raises(ValueError, match=r"one\.mask\.png: 400 x 300 px; its photo has 512 x 512"):
        evaluate_photo.run(options(photos, masks=masks))
