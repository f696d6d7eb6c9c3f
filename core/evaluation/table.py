"""The figures of an evaluation as a page to read: results, baselines and goals side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rhytid.core.evaluation.age import ONSET_ORDER, in_published_order
from rhytid.core.learned.engines import learned_engines

Figures = dict[str, Any]
_BAND_NAMES = ("1-2", "2-4", "4-8", "8-16")


def table(figures: Figures) -> str:
    """The page; experiments that were not asked for are left out."""
    writers = {
        "reconstruction": _reconstruction, "expression": _expression, "animation": _animation,
        "split": _split, "drawing": _drawing, "erasing": _erasing,
        "locality": _locality, "age": _age, "ablations": _ablations,
    }  # fmt: skip
    lines: list[str] = []
    for name, write in writers.items():
        if figures.get(name):
            lines += [*write(figures[name], figures["baselines"].get(name, {})), ""]
    return "\n".join(lines).rstrip()


def _reconstruction(own: Figures, beside: Figures) -> Iterator[str]:
    lpips = ["lpips"] if "lpips" in own["pca"] | beside.get("stamped", {}) else []
    bands = (f"{name} px" for name in _BAND_NAMES)
    yield from _head("Reconstruction", "line F1", "corr.", "MS-SSIM", *map(str.upper, lpips), *bands)
    rows = (
        ("from the 576 numbers alone", own["code"]),
        (f"  goal: {0.40:.2f}, {0.55:.2f}, ahead of PCA", None),
        ("  PCA of the training maps", own["pca"]),
        ("from the code and the lines", own["lines"]),
        (f"  goal: {0.92:.2f}, {0.65:.2f}, {0.72:.2f}", None),
        ("  lines' profiles stamped", beside.get("stamped")),
    )
    for title, row in rows:
        if row is None:
            yield title
        else:
            yield _row(title, row, "line_f1", "correlation", "ms_ssim", *lpips, "band_ratios")
    if "n_maps" in own["pca"]:
        yield f"  (PCA: {own['pca']['n_components']} components of {own['pca']['n_maps']} maps)"


def _expression(own: Figures, beside: Figures) -> Iterator[str]:
    lpips = ["lpips"] if any("lpips" in row for row in own.values()) else []
    yield from _head("Expression editing", "line F1", "corr.", "MS-SSIM", *map(str.upper, lpips), "energy")
    keys = ("line_f1", "correlation", "ms_ssim", *lpips, "energy_change_correlation")
    for name, row in own.items():
        yield _row(_TITLES.get(name, name), row, *keys)
    if "mean_change" in beside:
        yield _row("mean change of other subjects", beside["mean_change"], *keys)
    yield "  goal: correlation of the energy change 0.60, F1 and MS-SSIM not below keeping the source"


def _animation(own: Figures, beside: Figures) -> Iterator[str]:
    yield from _head("Animation of photographs", "energy", "scan given")
    for name, row in own.items():
        yield _row(_TITLES.get(name, name), row, "energy_change_correlation", "scan_given")
    yield "  goal: correlation of the energy change 0.50; keeping what the photograph shows: 0"


def _split(own: Figures, beside: Figures) -> Iterator[str]:
    yield from _head("Split of synthetic people", "static", "dynamic", "all static")
    for name, row in own.items():
        yield _row(_TITLES.get(name, name), row, "static", "dynamic", "all_static")
    yield "  goal: 0.15 ahead of taking all for static on each; its dynamic map is empty: 0"


def _drawing(own: Figures, beside: Figures) -> Iterator[str]:
    yield from _head("Drawing", "recall", "depth ratio", "any valley")
    yield from _beside(own, beside, "recall", "depth_ratio", "any_valley_recall")
    yield "  goal: recall 0.95, depth ratio 0.8 to 1.25"


def _erasing(own: Figures, beside: Figures) -> Iterator[str]:
    yield from _head("Erasing", "removed", "band ratio")
    yield from _beside(own, beside, "removed", "band_ratio")
    yield "  goal: removed 0.90, band ratio 0.8 to 1.25"


def _locality(own: Figures, beside: Figures) -> Iterator[str]:
    yield from _head("Locality", "changed", "no edit")
    yield from _beside(own, beside, "changed_texels", "changed_without_edit")
    yield "  goal: 0 texels changed outside the edit"


def _age(own: Figures, beside: Figures) -> Iterator[str]:
    yield from _head("Age 16 to 70", "Spearman", "unchanged", *(name.replace("_", " ") for name in ONSET_ORDER))
    for row in (own, *beside.values()):
        if "not_available" in row:
            yield _row("", row)
            continue
        onset = row["onset_years"]
        flat = row | {
            f"onset {name}": f"{years:.1f}" if years is not None else "never" for name, years in onset.items()
        }
        order = "in order" if in_published_order(onset) else "not in order"
        title = _TITLES.get(row["engine"], row["engine"])
        shown = _row(title, flat, "spearman", "unchanged", *(f"onset {name}" for name in onset))
        yield f"{shown}  {order}"
    yield "  goal: Spearman 1.0, unchanged at the source's age, onset at these ages in this order"


def _ablations(own: Figures, beside: Figures) -> Iterator[str]:
    yield from _head(
        "Ablations", "code: F1", "corr.", "MS-SSIM", "edit: F1", "MS-SSIM", "energy", "decoded: F1", "MS-SSIM", "energy"
    )
    for name, row in own.items():
        if "not_available" in row:
            yield _row(name, row)
            continue
        parts = {"code": row["reconstruction"]["code"], "": row["expression"], "decoded": row["decoded_expression"]}
        flat = {f"{part} {key}": value for part, values in parts.items() for key, value in values.items()}
        edited = ("line_f1", "ms_ssim", "energy_change_correlation")
        keys = ["code line_f1", "code correlation", "code ms_ssim"]
        keys += [f"{part} {key}" for part in ("", "decoded") for key in edited]
        yield _row(name, flat | {"n": row["n"], "seconds": row["seconds"]}, *keys)


_TITLES = {
    **{info.name: info.title for info in learned_engines()}, "keep_source": "source map kept",
    "stamped": "profile stamped", "before": "nothing drawn", "zeroed": "map set to zero",
}  # fmt: skip
_TITLE_WIDTH, _CELL_WIDTH = 30, 12


def _beside(own: Figures, beside: Figures, *keys: str) -> Iterator[str]:
    """The row of the program's first engine and those of the baselines."""
    yield _row(_TITLES.get(own.get("engine", ""), ""), own, *keys)
    for name, row in beside.items():
        yield _row(_TITLES.get(name, name), row, *keys)


def _head(title: str, *columns: str) -> Iterator[str]:
    yield f"{title:<{_TITLE_WIDTH}}" + "".join(f"{column:>{_CELL_WIDTH}}" for column in (*columns, "n", "s"))
    yield "-" * (_TITLE_WIDTH + _CELL_WIDTH * (len(columns) + 2))


def _row(title: str, row: Figures, *keys: str) -> str:
    if "not_available" in row:
        return f"{title:<{_TITLE_WIDTH}}  not available: {row['not_available']}"
    cells = [cell for key in (*keys, "n", "seconds") for cell in _cells(row.get(key, ""))]
    return f"{title:<{_TITLE_WIDTH}}" + "".join(f"{cell:>{_CELL_WIDTH}}" for cell in cells)


def _cells(value: object) -> Sequence[str]:
    if isinstance(value, list):
        return [cell for item in value for cell in _cells(item)]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [f"{value:.3f}" if isinstance(value, float) else str(value)]
