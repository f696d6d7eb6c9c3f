"""Maps and drivers of a pack, fitted to what the editor shows over sampled expressions.

The pack plays ``neutral + sum over maps k of share_k * map_k``, where the share at a texel is the sum over regions of
mask times activation. With the shares fixed, the best maps follow texel by texel from K linear equations; with the maps
fixed, the best drivers follow region by region from small sums over texels. The two are solved in turns. Regions are
solved alone in the second step: by Jensen's inequality the sum of their errors bounds that of the masked mixture.

The first guess of a region's maps are those sampled expressions that together explain most of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment, minimize, nnls

from rhytid.core.pack.drivers import CURVES, Drivers
from rhytid.core.pack.regions import N_REGIONS

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
FREE_ROUNDS, DRIVEN_ROUNDS = 4, 4
SPARSITY = 2e-3
"""Price of a driver's weight, as a share of the relief of the region's samples."""
LEAST_WEIGHT = 0.02
RIDGE = 1e-3
"""Share of an average map's energy that keeps a map from growing where hardly any sample shows it."""
MOST_WEIGHT = 2.0
_LEAST_MASK = 1e-3
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Samples:
    """What the fit sees.

    Attributes
    ----------
    expressions : float64 (E, 52)
    relief : float32 (E, N, C)
        What expression e adds to the neutral face at each of N texels.
    masks : float32 (13, N)
    """

    expressions: Float64
    relief: Float32
    masks: Float32


def fit_drivers(samples: Samples, n_maps: int, progress: Callable[[float], None] = lambda _: None) -> Drivers:
    """Drivers of a pack with so many wrinkle maps; see the module."""
    shares = _first_shares(samples, n_maps)
    for number in range(FREE_ROUNDS):
        progress(0.6 * number / FREE_ROUNDS)
        equations = _equations(samples, solved_maps(samples, shares))
        shares = np.stack([_free_shares(*one) for one in equations], axis=2)
    shares = _scaled(shares)
    weights, curves = _guessed_drivers(samples.expressions, shares)
    for number in range(DRIVEN_ROUNDS):
        progress(0.6 + 0.4 * number / DRIVEN_ROUNDS)
        drivers = Drivers(weights, curves)
        maps = solved_maps(samples, drivers.activations(samples.expressions))
        for region, (square, cross) in enumerate(_equations(samples, maps)):
            weights[:, region], curves[:, region] = _driven(
                samples.expressions, square, cross, weights[:, region], curves[:, region]
            )
        weights, curves = _normalised(samples.expressions, weights, curves)
    progress(1.0)
    return Drivers(weights, curves)


def solved_maps(samples: Samples, shares: Float64) -> Float32:
    """The best maps, float32 (K, N, C), for activations (E, K, 13)."""
    n_maps, n = shares.shape[1], samples.masks.shape[1]
    sums = np.einsum("ekr,elq->klrq", shares, shares)
    ridge = RIDGE * np.einsum("kkrr->", sums) / (n_maps * N_REGIONS)
    maps = np.empty((n_maps, n, samples.relief.shape[2]), np.float32)
    for part in _parts(n):
        masks = samples.masks[:, part].astype(np.float64)
        square = np.einsum("klrq,rn,qn->nkl", sums, masks, masks, optimize=True)
        square += ridge * np.eye(n_maps)
        local = np.einsum("ekr,rn->ken", shares, masks).astype(np.float32)
        relief = samples.relief[:, part]
        right = np.moveaxis(local, 2, 0) @ np.moveaxis(relief, 1, 0)
        maps[:, part] = np.moveaxis(np.linalg.solve(square, right.astype(np.float64)), 0, 1)
    return maps


def _parts(n: int, size: int = 1 << 14) -> list[slice]:
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def _first_shares(samples: Samples, n_maps: int) -> Float64:
    """Activations (E, K, 13) by the samples that explain the others best; maps of all regions in one order."""
    n_samples = len(samples.expressions)
    shares = np.zeros((n_samples, n_maps, N_REGIONS))
    for region, gram in enumerate(_grams(samples)):
        chosen: list[int] = []
        left = np.diag(gram).copy()
        for _ in range(n_maps):
            gains = np.array([_gain(gram, [*chosen, one]) if left[one] > 0 else -1.0 for one in range(n_samples)])
            chosen.append(int(gains.argmax()))
        shares[:, :, region] = _free_shares(gram[np.ix_(chosen, chosen)], gram[:, chosen])
    energy = np.array([(shares[..., region] ** 2).sum() for region in range(N_REGIONS)])
    return _in_one_order(shares, int(energy.argmax()))


def _gain(gram: Float64, chosen: list[int]) -> float:
    """Energy of all samples that these explain in least squares."""
    square = gram[np.ix_(chosen, chosen)]
    cross = gram[chosen]
    solved = np.linalg.solve(square + np.eye(len(chosen)) * (1e-6 * np.trace(square) + _TINY), cross)
    return float((solved * cross).sum())


def _in_one_order(shares: Float64, first: int) -> Float64:
    """Maps of the regions numbered so that those that show together have one number."""
    order = [first, *(region for region in range(N_REGIONS) if region != first)]
    mean = shares[:, :, first].copy()
    for region in order[1:]:
        similarity = _directions(mean).T @ _directions(shares[:, :, region])
        _, column = linear_sum_assignment(-similarity)
        shares[:, :, region] = shares[:, column, region]
        mean += shares[:, :, region]
    return shares


def _directions(values: Float64) -> Float64:
    return values / np.maximum(np.linalg.norm(values, axis=0), _TINY)


def _grams(samples: Samples) -> list[Float64]:
    """Inner products of all samples, (E, E) by region."""
    n_samples, n = samples.relief.shape[:2]
    grams = [np.zeros((n_samples, n_samples)) for _ in range(N_REGIONS)]
    for part in _parts(n):
        relief = samples.relief[:, part]
        for region in range(N_REGIONS):
            mask = samples.masks[region, part]
            at = mask > _LEAST_MASK
            if at.any():
                here = (relief[:, at] * np.sqrt(mask[at])[:, None]).reshape(n_samples, -1)
                grams[region] += here @ here.T
    return grams


def _equations(samples: Samples, maps: Float32) -> list[tuple[Float64, Float64]]:
    """By region the inner products of the maps (K, K), and of the samples with them (E, K)."""
    n_samples, n = samples.relief.shape[:2]
    n_maps = len(maps)
    result = [(np.zeros((n_maps, n_maps)), np.zeros((n_samples, n_maps))) for _ in range(N_REGIONS)]
    for part in _parts(n):
        relief = samples.relief[:, part]
        for region, (square, cross) in enumerate(result):
            mask = samples.masks[region, part]
            at = mask > _LEAST_MASK
            if not at.any():
                continue
            here = maps[:, part][:, at]
            masked = (here * mask[at][:, None]).reshape(n_maps, -1)
            square += masked @ here.reshape(n_maps, -1).T
            cross += relief[:, at].reshape(n_samples, -1) @ masked.T
    return result


def _free_shares(square: Float64, cross: Float64) -> Float64:
    """Activations (E, K), 0 or more, that no driver binds, by least squares."""
    n_maps = len(square)
    root = np.linalg.cholesky(square + np.eye(n_maps) * (1e-6 * np.trace(square) + _TINY))
    targets = np.linalg.solve(root, cross.T)
    return np.stack([nnls(root.T, targets[:, one])[0] for one in range(len(cross))])


def _scaled(shares: Float64) -> Float64:
    return shares / np.maximum(shares.max(axis=0), _TINY)


def _guessed_drivers(expressions: Float64, shares: Float64) -> tuple[Float64, Float64]:
    """Drivers that come near given activations; the curve is refined afterwards."""
    n_maps = shares.shape[1]
    weights = np.zeros((n_maps, N_REGIONS, expressions.shape[1]))
    curves = np.ones((n_maps, N_REGIONS))
    for k in range(n_maps):
        for region in range(N_REGIONS):
            wanted = shares[:, k, region]
            best = np.inf
            for curve in (0.7, 1.0, 1.5, 2.2):
                found, _ = nnls(expressions, wanted ** (1 / curve))
                error = float((((expressions @ found) ** curve - wanted) ** 2).sum())
                if error < best:
                    best, weights[k, region], curves[k, region] = error, found, curve
    return weights, curves


def _driven(
    expressions: Float64, square: Float64, cross: Float64, weights: Float64, curves: Float64
) -> tuple[Float64, Float64]:
    """The best drivers of a region, weights (K, 52) and curves (K,), for given maps; begins with those given."""
    n_maps, n_shapes = weights.shape
    scale = max(float(np.trace(square)), _TINY) * len(expressions) / n_maps
    price = SPARSITY * scale

    def cost(free: Float64) -> tuple[float, Float64]:
        w, curve = free[: n_maps * n_shapes].reshape(n_maps, n_shapes), free[n_maps * n_shapes :]
        sums = np.maximum(expressions @ w.T, 1e-9)
        shares = sums**curve
        rest = shares @ square - cross
        value = float((shares * (rest - cross)).sum()) + price * float(w.sum())
        slope = 2 * rest * shares
        by_weight = (slope * curve / sums).T @ expressions + price
        by_curve = (slope * np.log(sums)).sum(axis=0)
        return value / scale, np.concatenate([by_weight.ravel(), by_curve]) / scale

    bounds = [(0.0, MOST_WEIGHT)] * (n_maps * n_shapes) + [CURVES] * n_maps
    start = np.concatenate([np.clip(weights, 0, MOST_WEIGHT).ravel(), np.clip(curves, *CURVES)])
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60}).x
    return found[: n_maps * n_shapes].reshape(n_maps, n_shapes), found[n_maps * n_shapes :]


def _normalised(expressions: Float64, weights: Float64, curves: Float64) -> tuple[Float64, Float64]:
    """Weights so that the largest activation of a sample is 1, small ones left out."""
    weights = np.where(weights < LEAST_WEIGHT, 0.0, weights)
    most = np.einsum("ei,kri->ekr", expressions, weights).max(axis=0)
    return weights / np.where(most > _TINY, most, 1.0)[..., None], curves
