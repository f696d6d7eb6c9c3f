"""Enlarging along lines: seamless, exact on windows, and never drifting from the map that is enlarged."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from rhytid.core.learned import super_resolution as run_time
from rhytid.core.learned.super_resolution import SuperResolution, enlarged_inside, nearness
from rhytid.core.learned.weights import WeightsError
from rhytid.core.lines.distance import distance_field
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.resample import resample
from rhytid.core.networks import super_resolution as reference
from rhytid.core.training.shipping import save_model
from rhytid.core.training.super_resolution import SuperResolutionTrainer

SIDE = 128
STROKE = Stroke("a", np.array([[0.1, 0.2], [0.5, 0.45], [0.93, 0.9]], np.float32), np.ones(3, np.float32))
FIELDS = {size: distance_field([STROKE], size) for size in (SIDE * 4, SIDE * 16)}


def field_at(resolution: int, rect: Rect) -> np.ndarray:
    return FIELDS[resolution][rect.slices]


@pytest.fixture(scope="module")
def displacement() -> np.ndarray:
    noise = np.random.default_rng(0).standard_normal((SIDE, SIDE)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 1.5) * 0.2


@pytest.fixture(scope="module")
def trainer() -> SuperResolutionTrainer:
    torch.manual_seed(0)
    trainer = SuperResolutionTrainer(8)
    with torch.no_grad():
        for parameter in trainer.average.parameters():
            parameter.copy_(torch.randn_like(parameter).half() * 0.2)
    return trainer


@pytest.fixture(scope="module")
def model(trainer: SuperResolutionTrainer, tmp_path_factory: pytest.TempPathFactory) -> SuperResolution:
    folder = tmp_path_factory.mktemp("weights")
    training = {"data": "synthetic", "steps": 0, "minutes": 0, "device": "cpu"}
    save_model(folder, run_time.SUPER_RESOLUTION, trainer.tensors(), trainer.config, training, {}, trainer.export_onnx)
    return SuperResolution.load(folder)


def test_both_sides_agree_on_the_sizes() -> None:
    assert (run_time.FACTOR, run_time.MARGIN) == (reference.FACTOR, reference.MARGIN)


@pytest.mark.parametrize("factor", [4, 16])
def test_nothing_drifts(model: SuperResolution, displacement: np.ndarray, factor: int) -> None:
    large = model.enlarge(displacement, field_at, SIDE * factor)
    assert large.shape == (SIDE * factor, SIDE * factor)
    back = large.reshape(SIDE, factor, SIDE, factor).mean((1, 3), dtype=np.float64)
    np.testing.assert_allclose(back, displacement, atol=2e-6)
    assert np.abs(large - resample(displacement, SIDE * factor)).max() > 0.01  # the network did something


@pytest.mark.parametrize("factor", [4, 16])
def test_a_window_is_the_crop_of_the_whole(model: SuperResolution, displacement: np.ndarray, factor: int) -> None:
    size = SIDE * factor
    whole = model.enlarge(displacement, field_at, size)
    for rect in (Rect(0, 0, 9, 5), Rect(250, 255, 262, 300), Rect(size - 70, size - 3, size, size), Rect(3, 3, 3, 9)):
        np.testing.assert_array_equal(model.enlarge(displacement, field_at, size, rect), whole[rect.slices])


def test_tiles_leave_no_seams(
    model: SuperResolution, trainer: SuperResolutionTrainer, displacement: np.ndarray
) -> None:
    """The tiles are what the reference gives for the whole map at once."""
    margin = run_time.MARGIN
    low = np.pad(displacement, margin, mode="edge") / np.float32(0.1)
    near = np.pad(nearness(FIELDS[SIDE * 4], SIDE * 4), margin * 4, mode="edge")
    enlarged = enlarged_inside(low)
    with torch.no_grad():
        inputs = [torch.from_numpy(values)[None, None] for values in (low, enlarged, near)]
        expected = trainer.average(*inputs)[0, 0].numpy() * 0.1
    np.testing.assert_allclose(model.enlarge(displacement, field_at, SIDE * 4), expected, atol=2e-5)


def test_a_change_stays_near(model: SuperResolution, displacement: np.ndarray) -> None:
    changed = displacement.copy()
    changed[40, 60] += 0.1
    before, after = (model.enlarge(m, field_at, SIDE * 4) for m in (displacement, changed))
    rows, columns = np.nonzero(before != after)
    assert 138 <= rows.min() < 162 < rows.max() <= 185
    assert 218 <= columns.min() < 242 < columns.max() <= 265


def test_the_enlargement_keeps_means_before_the_network_sees_it(displacement: np.ndarray) -> None:
    inner = slice(run_time.MARGIN, -run_time.MARGIN)
    low = displacement[inner, inner]
    means = enlarged_inside(displacement).reshape(len(low), 4, len(low), 4).mean((1, 3))
    bicubic = resample(displacement, SIDE * 4).reshape(SIDE, 4, SIDE, 4).mean((1, 3))
    assert np.abs(means - low).max() < 0.2 * np.abs(bicubic - displacement)[inner, inner].max()


def test_the_residual_is_homogeneous_and_nothing_where_nothing_is(trainer: SuperResolutionTrainer) -> None:
    torch.manual_seed(1)
    low, near = torch.randn(1, 1, 18, 18), torch.rand(1, 1, 72, 72)
    enlarged = torch.zeros(1, 1, 32, 32)
    with torch.no_grad():
        once, twice = (trainer.average(factor * low, enlarged, near) for factor in (1, 2))
        torch.testing.assert_close(twice, 2 * once, atol=1e-4, rtol=1e-4)
        sloping = torch.arange(18.0).expand(1, 1, 18, 18)
        blocks = trainer.average(sloping, enlarged, near).reshape(8, 4, 8, 4)
    torch.testing.assert_close(blocks, sloping[0, 0, 5:-5, 5:-5].reshape(8, 1, 8, 1).expand(8, 4, 8, 4))


def test_an_untrained_network_only_puts_means_right() -> None:
    network = reference.SuperResolution(8)
    low = torch.randn(1, 1, 18, 18)
    enlarged = torch.randn(1, 1, 32, 32)
    high = network(low, enlarged, torch.rand(1, 1, 72, 72))
    parts = torch.nn.functional.avg_pool2d(high, 4)
    torch.testing.assert_close(parts, low[:, :, 5:-5, 5:-5], atol=1e-5, rtol=0)
    difference = (high - enlarged).reshape(8, 4, 8, 4)
    torch.testing.assert_close(difference, difference.mean((1, 3), keepdim=True).expand(8, 4, 8, 4), atol=1e-5, rtol=0)


def test_equal_resolution_gives_the_map_back(model: SuperResolution, displacement: np.ndarray) -> None:
    np.testing.assert_array_equal(model.enlarge(displacement, field_at, SIDE), displacement)


@pytest.mark.parametrize(
    ("shape", "resolution", "rect"),
    [
        ((128, 64), 512, None),
        ((126, 126), 504, None),
        ((8, 8), 32, None),
        ((128, 128), 1024, None),
        ((128, 128), 512, Rect(-1, 0, 4, 4)),
        ((128, 128), 512, Rect(0, 0, 513, 4)),
    ],
)
def test_what_cannot_be_enlarged(
    model: SuperResolution, shape: tuple[int, int], resolution: int, rect: Rect | None
) -> None:
    with pytest.raises(ValueError, match=r"enlarged|window"):
        model.enlarge(np.zeros(shape, np.float32), field_at, resolution, rect)


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weights of super_resolution"):
        SuperResolution.load(tmp_path)


def test_a_slope_is_enlarged_without_ripples() -> None:
    row = np.arange(30, dtype=np.float32)
    large = enlarged_inside(np.add.outer(2 * row, row))
    np.testing.assert_allclose(np.diff(large, axis=0), 0.5, atol=1e-4)
    np.testing.assert_allclose(np.diff(large, axis=1), 0.25, atol=1e-4)
