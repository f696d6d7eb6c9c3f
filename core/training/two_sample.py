"""Two-sample test: can a small network tell synthetic patches from scanned ones?

A network is trained on patches of some scanned subjects and some synthetic persons, and has to tell patches of
others apart; 0.5 is chance, 1 a generator that gives itself away everywhere. It serves the report only and is
thrown away: nothing that has seen a scan is kept.
Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from rhytid.core.maps.units import UNIT_MM

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

PATCH_PX = 64
_STEP_PX = 8
_LEAST_SKIN = 0.6
_LEARNING_RATE, _WEIGHT_DECAY = 2e-3, 1e-2


@dataclass(frozen=True, eq=False)
class TwoSampleResult:
    """What the networks could tell.

    Attributes
    ----------
    accuracy : float
        Share of unseen patches told rightly, both classes counting the same; mean over folds.
    by_fold : tuple of float
    by_corner : float64 (N, 3)
        Column, row of the patch's corner and the accuracy there; mean over folds.
    by_expression : float64 (E,)
        Accuracy per expression.
    telling : float32 (K, 64, 64)
        Synthetic patches most surely recognised, mm, the surest first.
    passing : float32 (K, 64, 64)
        Synthetic patches most surely taken for scans.
    scanned : float32 (K, 64, 64)
        Scanned patches most surely recognised as such.
    """

    accuracy: float
    by_fold: tuple[float, ...]
    by_corner: Float64
    by_expression: Float64
    telling: Float32
    passing: Float32
    scanned: Float32


def patch_corners(mask: npt.NDArray[np.bool_]) -> Int64:
    """Corners (column, row) on a grid of 8 px of patches that are skin by 60 %, int64 (N, 2).

    Raises
    ------
    ValueError
        The mask has room for none.
    """
    rows = range(0, mask.shape[0] - PATCH_PX + 1, _STEP_PX)
    columns = range(0, mask.shape[1] - PATCH_PX + 1, _STEP_PX)
    found = [(x, y) for y in rows for x in columns if mask[y : y + PATCH_PX, x : x + PATCH_PX].mean() >= _LEAST_SKIN]
    if not found:
        raise ValueError(f"the mask has no place where a patch of {PATCH_PX} px is skin by {_LEAST_SKIN:.0%}")
    return np.array(found, np.int64)


def two_sample_test(
    real: Float32,
    synthetic: Float32,
    mask: npt.NDArray[np.bool_],
    *,
    folds: int = 3,
    steps: int = 320,
    batch: int = 64,
    tested: int = 1500,
    seed: int = 0,
    progress: Callable[[str], None] = lambda text: None,
) -> TwoSampleResult:
    """Train and test on persons apart.

    Parameters
    ----------
    real, synthetic : float32 (persons, E, H, H)
        mm. Persons are divided into `folds` parts; each part is tested by a network trained on the others.
    mask : bool (H, H)
        Skin.
    folds : int, 2 or more
    steps, batch : int
        Training of each network.
    tested : int
        Patches of unseen persons that each network has to tell.
    progress : callable
        Gets a line of text after each fold.

    Raises
    ------
    ValueError
        Fewer persons than folds, or maps of different shapes.
    """
    if real.shape[1:] != synthetic.shape[1:] or real.shape[2:] != mask.shape:
        raise ValueError(f"maps must match: real {real.shape}, synthetic {synthetic.shape}, mask {mask.shape}")
    if folds < 2 or min(len(real), len(synthetic)) < folds:
        raise ValueError(f"{folds} folds need at least as many scanned and synthetic persons, and two folds or more")
    corners = patch_corners(mask)
    sides = (real / np.float32(UNIT_MM), synthetic / np.float32(UNIT_MM))
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts = [_fold(sides, corners, folds, fold, steps, batch, tested, rng, progress) for fold in range(folds)]
    score = np.concatenate([part.score for part in parts])
    at = np.concatenate([part.at for part in parts])
    label = np.concatenate([part.label for part in parts])
    patches = np.concatenate([part.patches for part in parts]) * np.float32(UNIT_MM)
    right = (score > 0) == (label > 0.5)
    fake, order = label > 0.5, np.argsort(-score)
    most = 32
    return TwoSampleResult(
        accuracy=float(np.mean([part.accuracy for part in parts])),
        by_fold=tuple(part.accuracy for part in parts),
        by_corner=np.column_stack([corners, _mean_by(at[:, 1], right, len(corners))]),
        by_expression=_mean_by(at[:, 0], right, real.shape[1]),
        telling=patches[order[fake[order]][:most]],
        passing=patches[order[fake[order]][::-1][:most]],
        scanned=patches[order[~fake[order]][::-1][:most]],
    )


@dataclass(frozen=True, eq=False)
class _Tested:
    accuracy: float
    score: Float64
    label: Float32
    at: Int64
    patches: Float32


def _fold(
    sides: tuple[Float32, Float32],
    corners: Int64,
    folds: int,
    fold: int,
    steps: int,
    batch: int,
    tested: int,
    rng: np.random.Generator,
    progress: Callable[[str], None],
) -> _Tested:
    known = [side[np.arange(len(side)) % folds != fold] for side in sides]
    unseen = [side[np.arange(len(side)) % folds == fold] for side in sides]
    network = _network()
    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _LEARNING_RATE, total_steps=steps)
    for _ in range(steps):
        patches, label, _at = _drawn(known, corners, batch, rng, flips=True)
        loss = nn.functional.binary_cross_entropy_with_logits(
            network(torch.from_numpy(patches)[:, None])[:, 0], torch.from_numpy(label)
        )
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
    patches, label, at = _drawn(unseen, corners, tested, rng, flips=False)
    network.eval()
    with torch.no_grad():
        score = torch.cat([network(part[:, None])[:, 0] for part in torch.split(torch.from_numpy(patches), 250)])
    told = score.numpy().astype(np.float64)
    right = (told > 0) == (label > 0.5)
    accuracy = 0.5 * float(right[label > 0.5].mean() + right[label < 0.5].mean())
    progress(f"fold {fold + 1} of {folds}: {accuracy:.3f}")
    return _Tested(accuracy, told, label, at, patches)


def _network() -> nn.Sequential:
    """Five convolutions and the mean over the patch: one logit, > 0 for synthetic."""
    layers: list[nn.Module] = []
    for before, after, stride in ((1, 12, 1), (12, 24, 2), (24, 48, 2), (48, 64, 2), (64, 64, 1)):
        layers += [nn.Conv2d(before, after, 3, stride, 1), nn.BatchNorm2d(after, momentum=0.2), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 1))


def _drawn(
    sides: list[Float32], corners: Int64, count: int, rng: np.random.Generator, *, flips: bool
) -> tuple[Float32, Float32, Int64]:
    """Patches (count, 64, 64), labels (count,) 0 real 1 synthetic in turn, expression and corner number (count, 2)."""
    patches = np.empty((count, PATCH_PX, PATCH_PX), np.float32)
    label = (np.arange(count) % 2).astype(np.float32)
    at = np.column_stack([rng.integers(sides[0].shape[1], size=count), rng.integers(len(corners), size=count)])
    for i in range(count):
        side = sides[i % 2]
        x, y = corners[at[i, 1]]
        patch = side[rng.integers(len(side)), at[i, 0], y : y + PATCH_PX, x : x + PATCH_PX]
        patches[i] = patch[:, ::-1] if flips and rng.random() < 0.5 else patch
    return patches, label, at


def _mean_by(number: Int64, right: npt.NDArray[np.bool_], count: int) -> Float64:
    """Share of `right` for each number 0..count-1, 0.5 where there is nothing."""
    tried = np.bincount(number, minlength=count)
    share: Float64 = np.where(tried > 0, np.bincount(number, right, count) / np.maximum(tried, 1), 0.5)
    return share
