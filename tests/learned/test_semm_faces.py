"""Faces of the SEMM: windows of what the painter makes of them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")

from expression_energy_sample import expression_energy
from semm_sample import write_semm

from rhytid.core.arkit import expression_array
from rhytid.core.detail.request import EngineSettings, Pose, SourceDetail, displacement_digest
from rhytid.core.learned.expression_energy import CELLS
from rhytid.core.learned.map_face import MapFace
from rhytid.core.learned.semm import SemmModel
from rhytid.core.learned.semm_faces import Face, SemmFaces
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.bands import band, log_energies
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


def test_with_tables_an_imported_smile_fades_as_they_say_and_elsewhere_nothing_does(model):
    noise = np.random.default_rng(4).normal(size=(256, 256)).astype(np.float32)
    values = band(noise, 0.8, 4.0)
    values *= np.float32(0.03) / values.std()
    smile = expression_array({"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5})
    source = SourceDetail(values, tuple(smile.tolist()), 30.0, "smile", (), displacement_digest(values))
    captured, rest = (Pose.without_head(w, 30.0, EngineSettings(name="semm")) for w in (smile, np.zeros_like(smile)))
    with_tables = SemmFaces(model, ArrayCache(), expression_energy()).reposed(source, captured, rest).change
    own = log_energies(values * 10, CELLS)
    moved = log_energies((values + with_tables.added_mm) * 10, CELLS) - own
    inner = np.s_[1:3, 16:21, 8:11]
    expected = expression_energy().change(own, (30.0, smile), (30.0, rest.expression))[inner].mean()
    assert expected < -0.4
    assert moved[inner].mean() == pytest.approx(expected, abs=0.15)
    assert with_tables.line_gain[140, 76] < 0.8
    assert not with_tables.added_mm[20:80].any()
    by_itself = SemmFaces(model, ArrayCache()).reposed(source, captured, rest).change
    assert by_itself.added_mm[20:80].any()  # the random weights' directions say something everywhere
