"""Faces between two, wrinkles of one face on another; and which engines can be used."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")

from rhytid.core.arkit import expression_array
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.learned.engines import learned_engines
from rhytid.core.learned.latent import interpolate_detail, reposed_detail, transfer_detail
from rhytid.core.lines.extract import extract_lines
from rhytid.core.maps.bands import band


def face(seed, resolution=256, age=30.0, amplitude=0.03):
    noise = np.random.default_rng(seed).normal(size=(resolution, resolution)).astype(np.float32)
    scale = resolution / 256
    values = band(noise, 0.8 * scale, 3 * scale)
    values *= np.float32(amplitude) / values.std()
    values.setflags(write=False)
    return SourceDetail(values, (0.0,) * 52, age, "face", extract_lines(values), displacement_digest(values))


def test_a_map_in_its_own_pose_is_itself(semm_engine):
    source = face(1)
    assert reposed_detail(semm_engine, source, source.expression, source.age) is source.displacement
    older = reposed_detail(semm_engine, source, expression_array({"jawOpen": 1.0}), 50.0)
    assert np.abs(older - source.displacement).max() > 0.001


def test_interpolation_goes_from_one_face_to_the_other_without_flattening(semm_engine):
    a, b = face(1), face(2, resolution=512, amplitude=0.04)
    assert interpolate_detail(semm_engine, a, b, 0) is a.displacement
    end = interpolate_detail(semm_engine, a, b, 1)
    assert end.shape == a.displacement.shape
    assert np.corrcoef(end.ravel(), interpolate_detail(semm_engine, a, b, 0.999).ravel())[0, 1] > 0.99
    middle = interpolate_detail(semm_engine, a, b, 0.5)
    assert middle.std() > 0.9 * min(a.displacement.std(), end.std())
    assert np.corrcoef(middle.ravel(), a.displacement.ravel())[0, 1] > 0.4
    assert np.corrcoef(middle.ravel(), end.ravel())[0, 1] > 0.4


def test_transfer_brings_the_wrinkles_and_leaves_the_skin(semm_engine):
    giver, taker = face(1), face(2)
    assert transfer_detail(semm_engine, giver, taker, 0) is taker.displacement
    values = transfer_detail(semm_engine, giver, taker)
    coarse, fine = (band(values, 1.5, 4).ravel(), band(values, 0, 0.4).ravel())
    assert np.corrcoef(coarse, band(giver.displacement, 1.5, 4).ravel())[0, 1] > 0.9
    assert np.corrcoef(fine, band(taker.displacement, 0, 0.4).ravel())[0, 1] > 0.6


def test_engines_without_weights_say_why(tmp_path):
    engines = Engines(learned_engines(tmp_path))
    assert engines.reasons_so_far() == {"procedural": ""}
    known = engines.reasons()
    assert list(known) == ["semm", "sd_detail", "facedet3d", "procedural"]
    assert known["procedural"] == ""
    assert "semm.json" in known["semm"]
    assert "train" in known["sd_detail"]
