"""Faces of the SEMM: windows of what the painter makes of them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")

from semm_sample import write_semm

from rhytid.core.learned.map_face import MapFace
from rhytid.core.learned.semm import SemmModel
from rhytid.core.learned.semm_faces import Face
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.rect import Rect

WINDOWS = (Rect(40, 30, 97, 81), Rect(0, 0, 50, 256), Rect(40, 30, 97, 81), Rect(200, 11, 256, 12))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return SemmModel.load(write_semm(tmp_path_factory.mktemp("semm")))


@pytest.mark.parametrize("with_map", [False, True])
def test_windows_of_a_bare_face_are_crops_of_it(model, with_map):
    points = np.linspace((0.2, 0.2), (0.8, 0.3), 12, dtype=np.float32)
    scan = relief([(Stroke("own", points, np.ones(12, np.float32), depth_mm=0.3), 1.0)], 256)
    cache = ArrayCache()
    own = MapFace(model, scan, cache) if with_map else None
    whole = Face(model, cache, model.random_code(1), own).bare_mm
    face = Face(model, cache, model.random_code(1), own)
    for window in WINDOWS:
        assert face.bare_in(window).tobytes() == whole[window.slices].tobytes()
    if with_map:
        assert own.lines.strong.any()
