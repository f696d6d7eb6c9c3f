"""Maps and drivers that are known come out of samples that were made of them."""

from __future__ import annotations

import numpy as np

from rhytid.core.pack.drivers import Drivers
from rhytid.core.pack.expressions import fit_samples, held_out_samples
from rhytid.core.pack.fit import Samples, fit_drivers, solved_maps
from rhytid.core.pack.regions import N_REGIONS, REGION_NAMES, region_masks
from rhytid.core.pack.solve import MASK_SIDE, MapSolver, shares_map

SIDE = 24


def known_pack(rng: np.random.Generator, n_maps: int) -> tuple[Drivers, np.ndarray]:
    """Each map shows in each region by two shapes of its own."""
    weights, curves = np.zeros((n_maps, N_REGIONS, 52)), np.ones((n_maps, N_REGIONS))
    for region in range(N_REGIONS):
        shapes = rng.permutation(52)[: 2 * n_maps].reshape(n_maps, 2)
        for k in range(n_maps):
            weights[k, region, shapes[k]] = (0.9, 0.6)
            curves[k, region] = rng.uniform(0.8, 1.6)
    return Drivers(weights, curves), rng.normal(0, 0.1, (n_maps, SIDE * SIDE, 2)).astype(np.float32)


def played(drivers: Drivers, maps: np.ndarray, masks: np.ndarray, expressions: np.ndarray) -> np.ndarray:
    shares = drivers.activations(expressions)
    return np.einsum("ekr,rn,knc->enc", shares, masks, maps).astype(np.float32)


def test_a_fit_explains_samples_of_a_known_pack_and_others() -> None:
    rng = np.random.default_rng(3)
    drivers, maps = known_pack(rng, 2)
    masks = region_masks(SIDE).reshape(N_REGIONS, -1)
    seen, unseen = (rng.uniform(0, 1, (n, 52)) * (rng.uniform(size=(n, 52)) < 0.1) for n in (160, 40))
    samples = Samples(seen, played(drivers, maps, masks, seen), masks)
    found = fit_drivers(samples, 2)
    solved = solved_maps(samples, found.activations(seen))
    for expressions, most in ((seen, 0.08), (unseen, 0.15)):
        wanted = played(drivers, maps, masks, expressions)
        left = played(found, solved, masks, expressions) - wanted
        assert np.square(left).sum() < most * np.square(wanted).sum()
    assert (found.weights >= 0).all()
    assert found.activations(seen).max() <= 1


def test_maps_solved_one_expression_after_the_other_are_those_solved_at_once() -> None:
    rng = np.random.default_rng(4)
    drivers, _ = known_pack(rng, 2)
    expressions = rng.uniform(0, 1, (30, 52))
    shares = drivers.activations(expressions)
    side, masks = MASK_SIDE, region_masks(MASK_SIDE)
    known = rng.normal(0, 1, (2, side, side, 1)).astype(np.float32)
    solver = MapSolver(shares, side, 1)
    for share in shares:
        local = shares_map(share, masks, side)
        solver.add(share, (local[..., None] * known).sum(axis=0))
    found = solver.solved()
    assert np.abs(found - known).mean() < 0.1 * np.abs(known).mean()


def test_masks_of_the_regions_sum_to_one_and_mirror() -> None:
    masks = region_masks(64)
    np.testing.assert_allclose(masks.sum(axis=0), 1, atol=1e-5)
    for at, name in enumerate(REGION_NAMES):
        twin = name.replace("left", "x").replace("right", "left").replace("x", "right")
        np.testing.assert_allclose(masks[at], masks[REGION_NAMES.index(twin)][:, ::-1], atol=1e-5)
        assert masks[at].max() > 0.9
    assert masks[REGION_NAMES.index("eye_left"), 18, 44] > 0.8  # the subject's left is right in the chart


def test_what_a_pack_is_judged_on_is_in_no_fit() -> None:
    fitted = {sample.weights for sample in fit_samples()}
    assert len(fitted) > 120
    assert not fitted & {sample.weights for sample in held_out_samples()}
