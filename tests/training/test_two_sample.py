"""The two-sample test tells what differs and is at a loss where nothing does."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rhytid.core.training.two_sample import PATCH_PX, patch_corners, two_sample_test  # noqa: E402

SIZE = 96


def persons(seed: int, sigma: float, count: int = 4) -> np.ndarray:
    """Noise of one grain, float32 (count, 2, 96, 96) mm."""
    raw = np.random.default_rng(seed).standard_normal((count * 2, SIZE, SIZE)).astype(np.float32)
    smooth = np.stack([cv2.GaussianBlur(item, (0, 0), sigma) for item in raw])
    return (smooth * np.float32(0.05) / smooth.std()).reshape(count, 2, SIZE, SIZE)


@pytest.fixture
def skin() -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:, 8:] = True
    return mask


def test_patches_lie_mostly_on_skin(skin: np.ndarray) -> None:
    corners = patch_corners(skin)
    assert len(corners) > 4
    for x, y in corners:
        assert skin[y : y + PATCH_PX, x : x + PATCH_PX].mean() >= 0.6
    with pytest.raises(ValueError, match="mask"):
        patch_corners(np.zeros((SIZE, SIZE), bool))


def test_another_grain_is_told(skin: np.ndarray) -> None:
    found = two_sample_test(persons(0, 1.0), persons(1, 2.5), skin, folds=2, steps=24, batch=12, tested=200)
    assert found.accuracy > 0.9
    assert len(found.by_fold) == 2
    assert found.by_corner.shape == (len(patch_corners(skin)), 3)
    assert found.by_expression.shape == (2,)
    assert found.telling.shape[1:] == (PATCH_PX, PATCH_PX)


def test_the_same_process_is_not_told(skin: np.ndarray) -> None:
    found = two_sample_test(persons(0, 1.0), persons(1, 1.0), skin, folds=2, steps=24, batch=12, tested=200)
    assert 0.35 < found.accuracy < 0.65


def test_the_test_is_repeatable_and_leaves_random_numbers_alone(skin: np.ndarray) -> None:
    state = torch.random.get_rng_state()
    runs = [
        two_sample_test(persons(0, 1), persons(1, 1.3), skin, folds=2, steps=3, batch=8, tested=40) for _ in range(2)
    ]
    assert runs[0].by_fold == runs[1].by_fold
    assert torch.equal(torch.random.get_rng_state(), state)


def test_too_few_persons_or_other_shapes_are_refused(skin: np.ndarray) -> None:
    few = persons(0, 1, count=2)
    with pytest.raises(ValueError, match="folds"):
        two_sample_test(few, few, skin, folds=3)
    with pytest.raises(ValueError, match="match"):
        two_sample_test(few, few[:, :1], skin, folds=2)
