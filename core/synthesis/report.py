"""How far synthetic maps are from scanned ones, in figures and side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.bands import REGIONS
from rhytid.core.synthesis.figures import Figures, summarised
from rhytid.core.synthesis.measure import N_REGIONS, PLACES, Measures

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]

GOAL = (0.8, 1.25)
BAND_NAMES = ("1-2", "2-4", "4-8", "8-16")
_CONTRAST_MM = 0.2
_GAP_PX = 4


@dataclass(frozen=True, eq=False)
class Comparison:
    """Synthetic figures against those of scans; ratios are synthetic / real, places and bands as in `Figures`.

    Attributes
    ----------
    expressions : tuple of str, E names
    neutral, overall : float64 (P, B)
        Ratio of the typical (geometric mean) RMS of the neutral, and over all expressions.
    by_expression : float64 (E, P, B)
    spread : float64 (P, B)
        Ratio of the standard deviations between persons of the neutral's log RMS.
    change_correlation, change_slope : float
        Pearson correlation and slope of the mean log changes of wrinkle energy, over expressions x 13 regions.
    expression_correlation : float64 (E,)
        The same per expression over the regions; 0 for the neutral.
    line_density, line_depth, line_width : float64 (P,)
        Ratios over all expressions; 0 where either has no line.
    orientation : float64 (P,)
        Share of line length that would have to turn to another direction, 0..1.
    kurtosis, skewness : float64 (P, B)
        Synthetic minus real, mean over expressions.
    mirror : float64 (2, B)
        Mirror correlation of synthetic and real maps.
    spectrum : float64 (16,)
        Ratio of amplitude at 1..16 cycles per 32 px of the neutral's skin.
    """

    expressions: tuple[str, ...]
    neutral: Float64
    overall: Float64
    by_expression: Float64
    spread: Float64
    change_correlation: float
    change_slope: float
    expression_correlation: Float64
    line_density: Float64
    line_depth: Float64
    line_width: Float64
    orientation: Float64
    kurtosis: Float64
    skewness: Float64
    mirror: Float64
    spectrum: Float64

    @property
    def neutral_share(self) -> float:
        """Share of the 13 regions x 4 bands of the neutral within `GOAL`."""
        return share_within_goal(self.neutral[:N_REGIONS])

    @property
    def overall_share(self) -> float:
        """The same over all expressions."""
        return share_within_goal(self.overall[:N_REGIONS])


def share_within_goal(ratios: Float64) -> float:
    """Share of the ratios that lie in 0.8..1.25."""
    return float(((ratios >= GOAL[0]) & (ratios <= GOAL[1])).mean())


def compare(synthetic: Figures, real: Figures) -> Comparison:
    """Compare the figures of synthetic maps with those of scans.

    Raises
    ------
    ValueError
        The two do not have the same expressions.
    """
    if synthetic.expressions != real.expressions:
        raise ValueError("synthetic and scanned maps must show the same expressions in the same order")
    neutral = synthetic.neutral_mean - real.neutral_mean
    by_expression = neutral + synthetic.change_mean - real.change_mean
    found, wanted = synthetic.wrinkle_change_mean[1:], real.wrinkle_change_mean[1:]
    each = [_correlation(a, b) for a, b in zip(found, wanted, strict=True)]
    turned = np.abs(_overall_orientation(synthetic) - _overall_orientation(real)).sum(-1) / 2
    return Comparison(
        expressions=real.expressions,
        neutral=np.exp(neutral),
        overall=np.exp(by_expression.mean(0)),
        by_expression=np.exp(by_expression),
        spread=synthetic.neutral_sd / np.maximum(real.neutral_sd, 1e-6),
        change_correlation=_correlation(found, wanted),
        change_slope=float((found * wanted).sum() / max((wanted**2).sum(), 1e-12)),
        expression_correlation=np.array([0.0, *each]),
        line_density=_ratio(synthetic.line_density_mean, real.line_density_mean),
        line_depth=_ratio(_over_lines(synthetic, "line_depth_mm"), _over_lines(real, "line_depth_mm")),
        line_width=_ratio(_over_lines(synthetic, "line_width_px"), _over_lines(real, "line_width_px")),
        orientation=turned,
        kurtosis=(synthetic.kurtosis - real.kurtosis).mean(0),
        skewness=(synthetic.skewness - real.skewness).mean(0),
        mirror=np.stack([synthetic.mirror.mean(0), real.mirror.mean(0)]),
        spectrum=np.exp(0.5 * (synthetic.log_spectrum_mean - real.log_spectrum_mean)),
    )


def _correlation(a: Float64, b: Float64) -> float:
    if a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _over_lines(found: Figures, name: str) -> Float64:
    """Mean over expressions weighted with the lines that each has, float64 (P,) times their sum."""
    return getattr(found, name) * found.line_density_mean / np.maximum(found.line_density_mean.sum(0), 1e-12)


def _ratio(synthetic: Float64, real: Float64) -> Float64:
    below = real.sum(0)
    ratio: Float64 = np.where(below > 0, synthetic.sum(0) / np.maximum(below, 1e-12), 0)
    return ratio


def _overall_orientation(found: Figures) -> Float64:
    """Share of line length by direction over all expressions, float64 (P, 8)."""
    length = (found.orientation * found.line_density_mean[..., None]).sum(0)
    share: Float64 = length / np.maximum(length.sum(-1, keepdims=True), 1e-12)
    return share


@dataclass(frozen=True)
class HeldOut:
    """How well the figures of some subjects predict those of the others, mean over all ways to divide them.

    What no generator calibrated to a few people can be asked to exceed.

    Attributes
    ----------
    n_known, n_unseen : int
    neutral_share, overall_share : float
        Share of the 13 regions x 4 bands whose ratio lies within `GOAL`.
    change_correlation : float
    """

    n_known: int
    n_unseen: int
    neutral_share: float
    overall_share: float
    change_correlation: float


def held_out(measures: Measures, expressions: Sequence[str], n_known: int) -> HeldOut:
    """Compare the figures of every choice of `n_known` subjects with those of the others.

    Raises
    ------
    ValueError
        Fewer than two subjects on either side.
    """
    n_subjects = len(measures.log_rms)
    if not 2 <= n_known <= n_subjects - 2:
        raise ValueError(f"{n_subjects} subjects cannot be divided into {n_known} and at least two others")
    rows = []
    for known in combinations(range(n_subjects), n_known):
        unseen = [i for i in range(n_subjects) if i not in known]
        found = compare(summarised(measures[list(known)], expressions), summarised(measures[unseen], expressions))
        rows.append((found.neutral_share, found.overall_share, found.change_correlation))
    neutral, overall, change = np.mean(rows, axis=0).tolist()
    return HeldOut(n_known, n_subjects - n_known, neutral, overall, change)


def comparison_text(found: Comparison) -> str:
    """The comparison as a table for people; `!` marks ratios outside the goal."""
    heads = [f"{'place':<19}", *(f"{name:>6}" for name in BAND_NAMES), "  |", *(f"{n:>6}" for n in BAND_NAMES)]
    lines = [
        f"synthetic / real, goal {GOAL[0]}..{GOAL[1]}; bands in px of 256",
        f"{'':<19}{'neutral':^26}  |{'all expressions':^26}| lines: density depth width turned",
        "".join(heads),
    ]
    for i, name in enumerate(PLACES):
        if i == N_REGIONS:
            lines.append("-" * 55)
        cells = [_cell(value) for value in found.neutral[i]], [_cell(value) for value in found.overall[i]]
        drawn = f"{found.line_density[i]:14.2f}{found.line_depth[i]:6.2f}{found.line_width[i]:6.2f}"
        lines.append(f"{name:<19}{''.join(cells[0])}  |{''.join(cells[1])}{drawn}{found.orientation[i]:7.2f}")
    lines += [
        "",
        f"within the goal (13 regions x 4 bands): neutral {found.neutral_share:.0%}, all expressions "
        f"{found.overall_share:.0%}",
        f"change of wrinkle energy by expression: correlation {found.change_correlation:.2f}, "
        f"slope {found.change_slope:.2f}",
        *_by_expression(found),
        "mirror correlation by band, synthetic " + _row(found.mirror[0]) + "  real " + _row(found.mirror[1]),
        "spread between persons by band (mean over regions) " + _row(found.spread[:N_REGIONS].mean(0)),
        "excess kurtosis by band, synthetic - real (mean over regions) " + _row(found.kurtosis[:N_REGIONS].mean(0)),
        "skewness by band, synthetic - real (mean over regions) " + _row(found.skewness[:N_REGIONS].mean(0)),
        "amplitude of the skin's spectrum at 1..16 cycles per 32 px " + _row(found.spectrum),
    ]
    return "\n".join(lines)


def _by_expression(found: Comparison) -> list[str]:
    cells = [
        f"{name:<18}{share_within_goal(ratios[:N_REGIONS]):>5.0%} within,{value:>6.2f} corr."
        for name, ratios, value in zip(
            found.expressions, found.by_expression, found.expression_correlation, strict=True
        )
    ]
    half = (len(cells) + 1) // 2
    return [
        "  " + "   |   ".join(cells[i : i + half + 1 : half]) if i + half < len(cells) else f"  {cells[i]}"
        for i in range(half)
    ]


def _cell(value: float) -> str:
    return f"{value:6.2f}" if GOAL[0] <= value <= GOAL[1] else f"{value:5.2f}!"


def _row(values: Float64) -> str:
    return " ".join(f"{value:.2f}" for value in values)


def comparison_record(found: Comparison) -> dict[str, object]:
    """The comparison as what JSON holds."""

    def by_place(values: Float64) -> dict[str, object]:
        return {name: np.round(values[i], 4).tolist() for i, name in enumerate(PLACES)}

    return {
        "goal": list(GOAL),
        "regions": list(REGIONS),
        "bands_px": list(BAND_NAMES),
        "neutral_share": found.neutral_share,
        "overall_share": found.overall_share,
        "neutral": by_place(found.neutral),
        "overall": by_place(found.overall),
        "by_expression": {
            name: by_place(ratios) for name, ratios in zip(found.expressions, found.by_expression, strict=True)
        },
        "spread": by_place(found.spread),
        "change_correlation": found.change_correlation,
        "change_slope": found.change_slope,
        "expression_correlation": dict(
            zip(found.expressions, np.round(found.expression_correlation, 4).tolist(), strict=True)
        ),
        "line_density": by_place(found.line_density),
        "line_depth": by_place(found.line_depth),
        "line_width": by_place(found.line_width),
        "orientation_turned": by_place(found.orientation),
        "kurtosis_difference": by_place(found.kurtosis),
        "skewness_difference": by_place(found.skewness),
        "mirror": {"synthetic": found.mirror[0].tolist(), "real": found.mirror[1].tolist()},
        "spectrum": np.round(found.spectrum, 4).tolist(),
    }


def side_by_side(real: Float32, synthetic: Float32) -> UInt8:
    """Picture of maps in equal contrast: real rows and synthetic rows in turn, one column per expression.

    Parameters
    ----------
    real, synthetic : float32 (N, M, H, H)
        mm; N persons in M expressions each.

    Returns
    -------
    uint8 (rows, columns)
        Grey is 0, black and white are -0.2 and 0.2 mm. Real rows have a black edge, synthetic ones a white edge.
    """
    rows = []
    for scanned, made in zip(real, synthetic, strict=True):
        rows += [_strip(scanned, 0), _strip(made, 255)]
    return np.concatenate(rows)


def patch_sheet(*groups: Float32) -> UInt8:
    """Picture of groups of patches, float32 (K, h, h) in mm each, two rows a group, in equal contrast.

    Returns
    -------
    uint8 (rows, columns)
        Frames are black for the first group and brighten from group to group.
    """
    rows = []
    for i, group in enumerate(groups):
        edge = round(255 * i / max(len(groups) - 1, 1))
        half = len(group) // 2
        rows += [_strip(group[:half], edge), _strip(group[half : 2 * half], edge)]
    return np.concatenate(rows)


def _strip(maps: Float32, edge: int) -> UInt8:
    grey = np.clip(maps / (2 * _CONTRAST_MM) + 0.5, 0, 1) * 255
    framed = [np.pad(item.astype(np.uint8), _GAP_PX, constant_values=edge) for item in grey]
    return np.concatenate(framed, axis=1)
