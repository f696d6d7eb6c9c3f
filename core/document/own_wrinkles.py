"""The wrinkles that come with the program, made from the anatomical sites and a seed.

    python -m rhytid.core.document.own_wrinkles resources/wrinkles

writes them anew, byte for byte: each item a site at one of three strengths, for the subject's right half where the site
has two. Lines run as the site's guides do; a light line hardly shows at rest and comes with the site's action units, a
deep one is there and deepens. Scars are drawn here.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.site_layers import site_layer_id
from rhytid.core.detail.sites import Site, between_guides, course_normals, wrinkle_sites
from rhytid.core.detail.wrinkles import site_binding
from rhytid.core.document.wrinkle_library import STRENGTHS, SUFFIX
from rhytid.core.document.wrinkle_set import WrinkleSet, wrinkle_set_to_json
from rhytid.core.files.writing import replacing
from rhytid.core.lines import edit, polyline
from rhytid.core.lines.stroke import Profile, Stroke, Style, seed_of
from rhytid.core.maps.random_stream import RandomStream
from rhytid.core.maps.units import CHART_MM

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
_POINTS = 25
_STEEPEST = 0.23  # depth by width
_PALE, _RED = -0.45, 0.3  # colour of an old scar, and of a fresh one or its rim


@dataclass(frozen=True)
class _Strength:
    """How a site looks at one strength.

    Attributes
    ----------
    lines : float
        0..1 from the fewest to the most lines of the site.
    depth : float
        0..1 from its least to its largest depth, beyond 1 deeper.
    rest : float
        Share of the depth that stays on a face at rest.
    length : float
        Share of the site's course that lines have at least.
    """

    lines: float
    depth: float
    rest: float
    length: float


_BY_NAME = dict(zip(STRENGTHS, (
    _Strength(0.0, 0.1, 0.15, 0.7), _Strength(0.5, 0.6, 0.4, 0.82), _Strength(1.0, 1.3, 0.7, 0.95),
), strict=True))  # fmt: skip

# Folder, name, sites, tags beside those of the sites, and the strengths that there are.
_RECIPES: tuple[tuple[str, str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    ("Forehead", "Forehead lines", ("forehead",), "worry raise brow", STRENGTHS),
    ("Forehead", "Forehead lines at the temple", ("forehead-side",), "brow", ("deep",)),
    ("Brow", "Frown lines", ("glabella",), "anger glabella eleven", STRENGTHS),
    ("Brow", "Line on the nasal root", ("nasal-root",), "procerus disgust", ("deep",)),
    ("Eyes", "Crow's feet", ("crows-feet",), "smile laugh corner", STRENGTHS),
    ("Eyes", "Under-eye lines", ("infraorbital",), "lid tired", STRENGTHS),
    ("Eyes", "Tear trough", ("tear-trough",), "lid tired bag", ("deep",)),
    ("Nose", "Bunny lines", ("bunny",), "sneer wrinkle", STRENGTHS),
    ("Cheeks", "Nasolabial fold", ("nasolabial",), "smile laugh", STRENGTHS),
    ("Cheeks", "Cheek lines", ("cheek",), "smile weather sun", STRENGTHS),
    ("Cheeks", "Dimple lines", ("dimple",), "smile", ("deep",)),
    ("Mouth", "Upper lip lines", ("upper-lip",), "smoker pucker barcode", STRENGTHS),
    ("Mouth", "Lower lip lines", ("lower-lip",), "smoker pucker", ("deep",)),
    ("Mouth", "Marionette lines", ("marionette",), "sad corner", STRENGTHS),
    ("Chin and neck", "Chin crease and lines", ("labiomental", "chin"), "pout doubt", STRENGTHS),
    ("Chin and neck", "Jowl fold", ("jowl",), "jaw sag", ("deep",)),
    ("Chin and neck", "Neck lines", ("neck",), "necklace ring", STRENGTHS),
)


def own_wrinkles() -> dict[str, WrinkleSet]:
    """Every item by its path inside the library's folder."""
    sites = {site.id: site for site in wrinkle_sites()}
    items: dict[str, WrinkleSet] = {}
    for folder, title, names, words, strengths in _RECIPES:
        for strength in strengths:
            name = f"{title}, {strength}" if len(strengths) > 1 else title
            strokes = tuple(s for site in names for s in _site_strokes(sites[site], strength))
            muscles = tuple(m.strip() for site in names for m in sites[site].muscle.replace(" and ", ",").split(","))
            tags = tuple(dict.fromkeys((*words.split(), *((strength,) if len(strengths) > 1 else ()), *muscles)))
            items[_path(folder, name)] = WrinkleSet(strokes, name, tags)
    for name, words, make in _SCARS:
        items[_path("Scars", name)] = WrinkleSet(make(), name, ("scar", *words.split()))
    return items


def _path(folder: str, name: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in name.lower().replace("'", "")).split()
    return f"{folder}/{'-'.join(words)}{SUFFIX}"


def write_own_wrinkles(folder: Path) -> int:
    """Write all items into a folder; the number of them."""
    items = own_wrinkles()
    for name, wrinkles in items.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(wrinkle_set_to_json(wrinkles))
    return len(items)


def _site_strokes(site: Site, strength: str) -> list[Stroke]:
    amount = _BY_NAME[strength]
    side = "R" if site.mirrored else ""
    draw = RandomStream(zlib.crc32(f"{site.id} {strength}".encode())).draw
    count = round(site.lines[0] + amount.lines * (site.lines[1] - site.lines[0]))
    binding = site_binding(site, side)
    if binding.weights:
        binding = replace(binding, growth=((0.0, amount.rest), (0.25, amount.rest), (1.0, 1.0)))
    strokes = []
    for number in range(count):
        place = (number + 0.5 + 0.3 * (draw() - 0.5)) / count
        middle = 1 - abs(2 * place - 1)
        depth = site.depth_mm[0] + amount.depth * (site.depth_mm[1] - site.depth_mm[0])
        if not binding.weights:
            depth = max(mm for _, mm in site.static) * (0.6 + 0.4 * amount.depth)
        depth *= (0.7 + 0.3 * middle) * (0.85 + 0.3 * draw())
        width = site.width[0] + (0.3 + 0.5 * amount.depth) * (site.width[1] - site.width[0])
        depth = min(depth, _STEEPEST * width * CHART_MM)
        points, pressure = _course(site, place, amount, draw)
        named = f"{site.title} {number + 1}" if count > 1 else site.title
        stroke = Stroke(
            f"{site.id}-{strength}-{number}", points, pressure, width, depth, site.profile, binding, name=named,
            layer=site_layer_id(site, side), style=Style.NATURAL,
        )  # fmt: skip
        strokes.append(edit.simplify(replace(stroke, seed=seed_of(stroke.id))))
    return strokes


def _course(site: Site, place: float, amount: _Strength, draw: Callable[[], float]) -> tuple[Float32, Float32]:
    """One line of a site, points (N, 2) and pressure (N,): between its guides, shortened, running out at its ends."""
    missing = (1 - amount.length) * (0.4 + 0.6 * draw())
    start = missing * draw() * (0.35 if site.deep_start > 0 else 1.0)
    s = np.linspace(start, 1 - missing + start, _POINTS)
    course = between_guides(site.guides, place, s)
    length = polyline.length(course)
    t = np.linspace(0, 1, _POINTS)
    bend = np.sum([np.sin(np.pi * (k * t + 2 * draw())) * (0.5 + draw()) / k for k in (2, 3, 5)], axis=0)
    course = course + course_normals(course) * (0.5 * site.wave * length * bend)[:, None]
    fade = 1 - 0.4 * abs(site.deep_start) * (t if site.deep_start > 0 else 1 - t)
    ends = np.clip(np.minimum(t, 1 - t) / 0.22, 0, 1)
    uneven = 0.93 + 0.07 * np.sin(9 * t + 6 * draw())
    pressure = np.clip(fade * (0.12 + 0.88 * ends * (2 - ends)) * uneven, 0, 1)
    return course.astype(np.float32), pressure.astype(np.float32)


def _scar(
    number: int, way: list[tuple[float, float]], width: float, depth_mm: float, seed: int, tint: float
) -> Stroke:
    """A line of a scar: pressure runs out at its ends only; `tint` as of strokes."""
    course = polyline.resampled(np.array([(x, y, 1.0) for x, y in way]), 0.004)
    t = np.linspace(0, 1, len(course))
    course[:, 2] = 0.25 + 0.75 * np.clip(np.minimum(t, 1 - t) / 0.12, 0, 1) ** 0.7
    points, pressure = course[:, :2].astype(np.float32), course[:, 2].astype(np.float32)
    return edit.simplify(Stroke(
        f"scar-{seed}-{number}", points, pressure, width, depth_mm, Profile.SCAR, tint=tint,
        name="Scar" if number == 0 else f"Scar, part {number + 1}", style=Style.NATURAL, seed=seed + number,
    ))  # fmt: skip


def _cut() -> tuple[Stroke, ...]:
    """A healed cut across the cheek: sunken, with a raised rim."""
    course = [(0.235, 0.475), (0.262, 0.502), (0.285, 0.535), (0.312, 0.556)]
    rim = [(x - 0.006, y + 0.006) for x, y in course]
    return _scar(0, course, 0.011, 0.34, 101, _PALE), _scar(1, rim, 0.012, -0.12, 101, _RED)


def _sutured() -> tuple[Stroke, ...]:
    """A sutured wound at the temple: a ridge with a stitch across it every five millimetres."""
    course = np.array([(0.205, 0.175), (0.226, 0.148), (0.252, 0.126), (0.284, 0.111)])
    along = polyline.resampled(np.column_stack([course, np.ones(len(course))]), 0.024)[:, :2]
    across = course_normals(along)
    stitches = [
        _scar(1 + i, [tuple(p - 0.011 * n), tuple(p + 0.011 * n)], 0.006, 0.16, 202, _RED)
        for i, (p, n) in enumerate(zip(along[1:-1], across[1:-1], strict=True))
    ]
    return _scar(0, [tuple(p) for p in course], 0.010, -0.26, 202, _RED), *stitches


def _brow() -> tuple[Stroke, ...]:
    """A nick through the brow."""
    return (_scar(0, [(0.318, 0.128), (0.309, 0.165), (0.312, 0.205), (0.306, 0.236)], 0.010, 0.32, 303, _PALE),)


def _burst() -> tuple[Stroke, ...]:
    """A burst wound at the chin: three arms from one place."""
    x, y = 0.447, 0.838
    ends = [(x - 0.040, y - 0.004), (x + 0.022, y - 0.027), (x + 0.018, y + 0.036)]
    return tuple(
        _scar(i, [(x, y), ((x + a) / 2 + 0.003, (y + b) / 2 - 0.003), (a, b)], 0.010, 0.3 - 0.05 * i, 404, _PALE)
        for i, (a, b) in enumerate(ends)
    )


_SCARS: tuple[tuple[str, str, Callable[[], tuple[Stroke, ...]]], ...] = (
    ("Cut on the cheek", "blade duel", _cut),
    ("Sutured wound at the temple", "stitches surgery", _sutured),
    ("Nick through the brow", "fight boxer", _brow),
    ("Burst wound on the chin", "fall", _burst),
)


if __name__ == "__main__":
    print(f"{write_own_wrinkles(Path(sys.argv[1]))} items")
