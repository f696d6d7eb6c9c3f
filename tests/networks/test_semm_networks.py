"""The structured SEMM: size of its code, locality and exactness on crops of its painter, transforms, variants."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from rhytid.core.ageing import skin_decades
from rhytid.core.maps.bands import ENERGY_FLOOR, band
from rhytid.core.networks.semm import Semm, halved
from rhytid.core.networks.semm_config import CODE, N_EXPRESSION, STRUCTURE, STYLE, SemmConfig
from rhytid.core.networks.semm_discriminator import Discriminator, age_group, chosen_verdicts
from rhytid.core.networks.semm_lapped import CELLS, WINDOW, Lapped, origins, outline, window_weights
from rhytid.core.networks.semm_painter import CONDITION, REACH_PX, Painter, near_field
from rhytid.core.networks.semm_style import BandEnergies

TINY = SemmConfig(refiner_channels=8, inner_channels=8, painter_channels=8, discriminator_channels=4)


def maps(count=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 256, 256, generator=generator), torch.rand(count, 256, 256, generator=generator)


def test_a_face_is_576_numbers_and_comes_back_as_maps():
    torch.manual_seed(0)
    model = Semm(TINY)
    x, y = maps()
    with torch.no_grad():
        code = model.encode(x, y)
        decoded = model.decode(code)
    assert code.shape == (2, CODE) == (2, 576)
    assert STRUCTURE == 8 * 8 * 8
    assert STYLE == 64
    assert decoded.x_base.shape == decoded.relief.shape == decoded.y.shape == (2, 1, 256, 256)
    assert decoded.log_energy.shape == (2, 4, 16, 16)
    assert decoded.y.min() >= 0
    assert decoded.y.max() <= 1
    with torch.no_grad():
        assert model.painted(decoded).shape == (2, 1, 256, 256)


def test_a_texel_of_the_painter_reaches_seven_px_and_no_further():
    torch.manual_seed(0)
    painter = Painter(8)
    seen = torch.rand(1, CONDITION, 64, 64)
    with torch.no_grad():
        before = painter(seen)
        farthest = 0
        for row, column in ((30, 30), (31, 33)):
            touched = seen.clone()
            touched[..., row, column] += 3
            changed = (painter(touched) != before)[0, 0].nonzero() - torch.tensor([row, column])
            farthest = max(farthest, int(changed.abs().max()))
    assert 0 < farthest <= REACH_PX


def test_the_painter_is_exact_on_crops_with_even_origin():
    torch.manual_seed(0)
    painter = Painter(8)
    seen = torch.rand(1, CONDITION, 128, 128)
    with torch.no_grad():
        whole, crop = painter(seen), painter(seen[..., 22:86, 40:104])
    assert torch.allclose(crop[..., 8:-8, 8:-8], whole[..., 30:78, 48:96], atol=1e-6)
    assert not torch.allclose(crop[..., :2, :2], whole[..., 22:24, 40:42], atol=1e-6)


def test_near_field_is_cut_at_five_px():
    distance_px = torch.tensor([0.0, 2.5, 5.0, 9.0, 12.8])
    assert torch.allclose(near_field(distance_px / 12.8), torch.tensor([1.0, 0.5, 0.0, 0.0, 0.0]), atol=1e-6)


def test_windows_lie_on_the_face_and_see_all_of_it():
    corner = origins()
    assert corner.shape == (CELLS, 2)
    assert (corner % 2 == 0).all()
    assert corner.min() >= 0
    assert corner.max() <= 256 - WINDOW
    power = np.zeros((256, 256))
    for (row, column), weight in zip(corner, window_weights(), strict=True):
        power[row : row + WINDOW, column : column + WINDOW] += weight**2
    assert power.max() <= 1.0001
    assert (power[outline() > 0.5] > 0.9).mean() > 0.97


def test_synthesis_writes_each_number_into_its_window_only():
    lapped = Lapped()
    structure = torch.zeros(1, 8, 8, 8)
    structure[0, 3, 2, 5] = 1.0
    with torch.no_grad():
        x, y = lapped.synthesise(structure)
    row, column = origins()[2 * 8 + 5]
    window = x[0, row : row + WINDOW, column : column + WINDOW]
    assert torch.equal(window, lapped.synthesis_x[21, 3])
    assert float(x.abs().sum()) == pytest.approx(float(window.abs().sum()), rel=1e-5)
    half = y[0, row // 2 : row // 2 + WINDOW // 2, column // 2 : column // 2 + WINDOW // 2]
    assert torch.equal(half, lapped.synthesis_y[21, 3])


def test_analysis_is_the_inner_product_with_the_window():
    lapped = Lapped()
    x, y = maps(1)
    half = halved(y)
    with torch.no_grad():
        structure = lapped.analyse(x, half)
        row, column = origins()[40]
        expected = (lapped.analysis_x[40, 6] * x[0, row : row + WINDOW, column : column + WINDOW]).sum()
        part = half[0, row // 2 : row // 2 + WINDOW // 2, column // 2 : column // 2 + WINDOW // 2]
        expected = expected + (lapped.analysis_y[40, 6] * part).sum()
    assert float(structure[0, 6, 5, 0]) == pytest.approx(float(expected), rel=1e-4, abs=1e-4)
    lapped.mix[6 * 64 + 40] *= 0.5
    lapped.mix[6 * 64 + 40, 3] = 1.0
    mixed = lapped.analyse(x, half)
    assert float(mixed[0, 6, 5, 0]) == pytest.approx(
        0.5 * float(expected) + float(structure[0, 0, 0, 3]), rel=1e-4, abs=1e-4
    )


def test_band_energies_are_those_of_the_bands():
    x = np.random.default_rng(0).normal(size=(256, 256)).astype(np.float32)
    energies = BandEnergies()(torch.from_numpy(x)[None])[0].numpy()
    for level, sigma in enumerate((0.5, 1.0, 2.0, 4.0)):
        square = band(x, sigma, 2 * sigma) ** 2
        expected = np.log(square.reshape(16, 16, 16, 16).mean((1, 3)) + ENERGY_FLOOR)
        np.testing.assert_allclose(energies[level], expected, atol=2e-3)


@pytest.mark.parametrize("ablation", ["", "concatenation"])
def test_no_change_of_expression_and_age_changes_nothing(ablation):
    model = Semm(SemmConfig(ablation=ablation, refiner_channels=8, inner_channels=8, painter_channels=8))
    code, expression, age = torch.randn(3, CODE), torch.rand(3, N_EXPRESSION), torch.tensor([20.0, 40.0, 60.0])
    with torch.no_grad():
        if not ablation:
            model.transform.expression.normal_()
            model.transform.age.normal_()
        same = model.transform(code, expression, expression, age, age)
        assert torch.equal(same, code)
        if not ablation:
            there = model.transform(code, expression, expression * 0, age, age + 10)
            decades = skin_decades(age + 10) - skin_decades(age)
            expected = code - expression @ model.transform.expression + decades[:, None] * model.transform.age
            assert torch.allclose(there, expected, atol=1e-5)


def test_without_distance_field_the_lines_are_not_seen():
    model = Semm(SemmConfig(ablation="no-distance-field", refiner_channels=8, inner_channels=8, painter_channels=8))
    x, y = maps()
    with torch.no_grad():
        assert torch.equal(model.encode(x, y), model.encode(x, 1 - y))


def test_only_own_tasks_judge_a_face():
    verdicts, features = Discriminator(4)(torch.rand(3, 2, 256, 256))
    assert verdicts.shape == (3, 27)
    assert len(features) == 4
    chosen, counts = chosen_verdicts(verdicts, torch.tensor([0, 19, -1]), torch.tensor([16.0, 35.0, 70.0]))
    assert torch.equal(chosen[:2, 0], verdicts[[0, 1], [0, 19]])
    assert torch.equal(chosen[:, 1], verdicts[[0, 1, 2], [20, 22, 26]])
    assert counts.tolist() == [[1, 1], [1, 1], [0, 1]]
    assert age_group(torch.tensor([19.9, 20.0, 69.0, 80.0])).tolist() == [0, 1, 5, 6]


@pytest.mark.parametrize("values", [{"variant": "other"}, {"ablation": "no-lines"}, {"crop_px": 33}, {"crop_px": 1000}])
def test_impossible_configurations_are_refused(values):
    with pytest.raises(ValueError, match=r"variant|ablation|crop_px"):
        SemmConfig(**values)
