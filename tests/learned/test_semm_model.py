"""The run time of the structured SEMM on a small random model."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("onnx")
from semm_sample import write_semm

from rhytid.core.learned.code import Code
from rhytid.core.learned.lapped import halved
from rhytid.core.learned.semm import SemmModel, crop_rect, normal_numbers
from rhytid.core.learned.weights import WeightsError
from rhytid.core.maps.bands import band, log_energies
from rhytid.core.maps.rect import Rect


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_semm(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def model(folder):
    return SemmModel.load(folder)


def noise(*shape, seed=0, scale=0.05):
    return (scale * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def test_a_code_is_its_576_numbers():
    vector = noise(576)
    code = Code.of(vector)
    assert code.structure[1, 2, 3] == vector[64 + 2 * 8 + 3]
    assert (code.vector == vector).all()
    other = Code.of(noise(576, seed=1))
    assert code.mixed(other, 0) is code
    assert code.mixed(other, 1) is other
    assert np.allclose(code.mixed(other, 0.25).vector, 0.75 * vector + 0.25 * other.vector, atol=1e-7)
    for wrong in (np.zeros(575), np.full(576, np.nan)):
        with pytest.raises(ValueError, match="576"):
            Code.of(wrong)


def test_the_lapped_transform_is_linear_and_local(model):
    lapped, structure = model._lapped, noise(8, 8, 8, scale=1.0)
    x, y = lapped.synthesised(structure)
    x0, y0 = lapped.synthesised(0 * structure)
    x2, y2 = lapped.synthesised(2 * structure)
    assert np.allclose(x2 - x0, 2 * (x - x0), atol=1e-5)
    assert np.allclose(y2 - y0, 2 * (y - y0), atol=1e-5)
    one = np.zeros((8, 8, 8), np.float32)
    one[3, 2, 5] = 1
    changed = np.argwhere(lapped.synthesised(one)[0] != x0)
    assert tuple(changed.min(axis=0).tolist()) == lapped._origin[2 * 8 + 5]
    assert (changed.max(axis=0) - changed.min(axis=0) == 47).all()
    field = noise(256, 256)
    a, b = lapped.analysed(x, halved(field)), lapped.analysed(x0, halved(0 * field))
    both = lapped.analysed((x + x0) / 2, halved(field / 2))
    assert np.allclose(both, (a + b) / 2, atol=1e-4)


def test_log_energies_are_those_of_the_octave_bands():
    x = noise(256, 256, scale=1.0)
    energies = log_energies(x)
    expected = np.log((band(x, 2.0, 4.0)[32:48, 64:80] ** 2).mean() + 1e-4)
    assert energies.shape == (4, 16, 16)
    assert energies[2, 2, 4] == pytest.approx(expected, rel=1e-4)


def test_the_transform_adds_directions_and_leaves_what_stays(model):
    code = model.encode(noise(256, 256), np.ones((256, 256), np.float32))
    assert model.transform(code, np.zeros(52), (30.0, 30.0)) is code
    smile = np.zeros(52, np.float32)
    smile[10] = 0.5
    there = model.transform(code, smile, (20.0, 50.0))
    back = model.transform(there, -smile, (50.0, 20.0))
    assert np.abs(there.vector - code.vector).max() > 0.01
    assert np.allclose(back.vector, code.vector, atol=1e-5)
    once, twice = (model.transform(code, share * smile, (20.0, 20.0)) for share in (1, 2))
    assert np.allclose(twice.vector - code.vector, 2 * (once.vector - code.vector), atol=1e-5)


def test_random_codes_are_the_same_for_a_seed(model):
    assert (model.random_code(5).vector == model.random_code(5).vector).all()
    assert (model.random_code(5).vector != model.random_code(6).vector).mean() > 0.99
    numbers = normal_numbers(3, 20001)
    assert len(numbers) == 20001
    assert abs(numbers.mean()) < 0.03
    assert numbers.std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    "rect",
    [
        Rect(100, 101, 130, 130),
        Rect(0, 0, 20, 30),
        Rect(201, 0, 256, 99),
        Rect(30, 31, 160, 90),
        Rect(3, 140, 251, 150),
    ],
)
def test_painting_a_window_gives_the_crop_of_the_whole(model, rect):
    decoded = model.decode(model.random_code(1))
    lines = noise(256, 256), np.abs(noise(256, 256, seed=1, scale=1)), np.abs(noise(256, 256, seed=2, scale=1))
    whole = model.paint(decoded, *lines)
    assert model.paint(decoded, *lines, rect).tobytes() == whole[rect.slices].tobytes()
    crop = crop_rect(rect)
    assert crop.x0 % 2 == crop.y0 % 2 == 0
    assert crop.width % 16 == crop.height % 16 == 0
    assert crop.union(rect.grown(8, 256)) == crop
    assert crop.width < rect.width + 16 + 17
    assert crop.height < rect.height + 16 + 17


def test_decoding_says_base_lines_and_energies(model):
    code = model.random_code(2)
    decoded = model.decode(code)
    assert decoded.base_mm.shape == decoded.relief_mm.shape == decoded.distance_field.shape == (256, 256)
    assert 0 <= decoded.distance_field.min() < decoded.distance_field.max() <= 1
    assert (decoded.log_energy == model.log_energy(code)).all()
    assert decoded.conditions.shape == (5, 256, 256)
    painted = model.reconstructed(code)
    assert np.corrcoef(painted.ravel(), (decoded.base_mm + decoded.relief_mm).ravel())[0, 1] > 0.9


def test_files_that_do_not_fit_are_named(folder, tmp_path):
    with pytest.raises(WeightsError, match=r"semm\.json"):
        SemmModel.load(tmp_path)
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "semm_painter.onnx").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="semm_painter"):
        SemmModel.load(tmp_path)
    described = json.loads((tmp_path / "semm.json").read_text())
    del described["files"]["semm_refiner.onnx"]
    (tmp_path / "semm.json").write_text(json.dumps(described))
    with pytest.raises(WeightsError, match="semm_refiner"):
        SemmModel.load(tmp_path)


def test_maps_of_another_size_are_refused(model):
    with pytest.raises(ValueError, match="256"):
        model.encode(noise(128, 128), noise(128, 128))
