"""Colour of a stranger's skin: out of its own file, and in exports beside the viewport.

    RHYTID_GLTF_VALIDATOR=... python tests/bench/stranger_colors.py [--out DIR]

The default head in another layout of texture coordinates gets pictures of a random complexion with shorn hair in its
tiles. Printed, in steps of 255: how far the skin colour that the program takes from them is off what was painted; how
far exported colours are off the viewport's on skin outside the chart, in the head's own layout and in the chart's, with
what was exported before (the border run on; one colour) beside it; and the step at the chart's border at other ages.
With `--pictures` those of three.js lie beside the editor's in `--out`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / name) for name in ("samples", "io", "bench"))]

import pytest  # noqa: E402
from stranger_end_to_end import CAMERA, by_three  # noqa: E402

import rhytid  # noqa: E402
from rhytid.core.document.commands import RandomComplexion  # noqa: E402
from rhytid.core.document.state import DocumentState  # noqa: E402
from rhytid.core.face.skin_color import skin_colors  # noqa: E402
from rhytid.core.head.head import Float32, Head  # noqa: E402
from rhytid.core.head.material import Material  # noqa: E402
from rhytid.core.io.export_meshes import encoded_png  # noqa: E402
from rhytid.core.io.face_textures import face_textures  # noqa: E402
from rhytid.core.io.layout_bake import OwnLayout  # noqa: E402
from rhytid.core.io.layout_sampling import sampled  # noqa: E402
from rhytid.core.io.own_color import own_albedo  # noqa: E402
from rhytid.core.io.own_layout_outside import OwnOutside  # noqa: E402
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN, SkinColors  # noqa: E402
from rhytid.core.maps.array_cache import ArrayCache  # noqa: E402
from tests.io.test_layout_bake import in_own_layout  # noqa: E402

SIDE = 1024


def with_pictures(head: Head, colors: SkinColors) -> Head:
    """The head with pictures of these colours in the tiles of its skin."""
    layout = OwnLayout(head)
    outside = OwnOutside(layout, head.neutral, wears_own_color=False)
    outside.take_colors(colors)
    tile = 1001 + np.floor(head.uv[head.face_uv[:, :3]].mean(axis=1)[:, 0]).astype(int)
    materials, of_face = [], np.full(len(head.faces), len(layout.skin_tiles), np.int16)
    for number, one in enumerate(layout.skin_tiles):
        baked = np.rint(layout.to_layout(colors.chart, one, SIDE, None)).clip(0, 255).astype(np.uint8)
        png = encoded_png(outside.with_colors(baked, one))
        materials.append(Material(f"skin{one}", (1.0, 1.0, 1.0, 1.0), picture=0, pictures=(png,)))
        of_face[(tile == one) & (head.parts == 0)] = number
    return replace(head, materials=(*materials, Material("rest")), face_material=of_face)


def shorn(colors: SkinColors) -> SkinColors:
    """These colours with dark hair that begins within the chart and goes on above and behind."""
    parts = []
    for picture, first, span in ((colors.chart, 0.0, 1.0), (cv2.resize(colors.around, (SIDE, SIDE)), -1.0, 3.0)):
        side = len(picture)
        x, y = np.meshgrid(*[first + span * (np.arange(side) + 0.5) / side] * 2)
        bare = np.clip(((x - 0.5) / 0.62) ** 2 + ((y - 0.6) / 0.58) ** 2, 0, 2) ** 0.5
        hair = np.clip((bare - 0.95) / 0.1, 0, 1) * (y < 0.75)
        parts.append(np.rint(picture * (1 - 0.7 * hair[..., None])).astype(np.uint8))
    return colors._replace(chart=parts[0], around=parts[1])


def step(colors: SkinColors) -> np.ndarray:
    """How far the chart's outermost texels are off the plane's there."""
    at = (np.arange(SIDE) + 0.5) / SIDE
    edge = np.full_like(at, 0.5 / SIDE)
    sides = ((at, edge), (at, 1 - edge), (edge, at), (1 - edge, at))
    places = np.concatenate([np.stack(pair, axis=1) for pair in sides])
    inside = sampled(colors.chart.astype(np.float32), places)
    return np.abs(inside - sampled(colors.around.astype(np.float32), (places - AROUND_FIRST) / AROUND_SPAN))


def told(name: str, away: Float32) -> None:
    share = np.percentile(away, 95)
    print(f"{name}: mean {away.mean():.2f}, 95 % below {share:.1f}, most {away.max():.0f}", flush=True)


def outer(layout: OwnLayout, tile: int, side: int, colors: SkinColors) -> tuple[np.ndarray, np.ndarray]:
    """Texels of a tile well outside the chart, and the viewport's colours there."""
    raster = layout.raster(tile, side)
    corners = layout.corners[np.maximum(raster.triangle, 0)]
    places = np.einsum("ijk,ijkc->ijc", raster.weights, layout.head.chart[corners])
    chosen = (raster.triangle >= 0) & (np.maximum(-places, places - 1).max(axis=2) > 0.02)
    chosen &= ((places > AROUND_FIRST) & (places < 2)).all(axis=2)
    return chosen, sampled(colors.around.astype(np.float32), (places[chosen] - AROUND_FIRST) / AROUND_SPAN)


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--pictures", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rhytid-colors-") as name:
        out = chosen.out or Path(name)
        out.mkdir(parents=True, exist_ok=True)
        state = RandomComplexion(11).apply(DocumentState())
        painted = shorn(skin_colors(state, SIDE, ArrayCache(1 << 28)))
        head = with_pictures(in_own_layout(), painted)
        albedo = own_albedo(head, state.age)
        assert albedo is not None
        face = cv2.resize(albedo.srgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        weight = OwnLayout(head).chart_raster(SIDE).sample(head.detail_weight) > 0
        told(f"{len(albedo.srgb)} texels out of the file, off what was painted", np.abs(face - painted.chart)[weight])
        worn = replace(state, albedo=albedo)
        colors = skin_colors(worn, SIDE, ArrayCache(1 << 28))
        layout = OwnLayout(head)
        for label, is_own in (("its file's picture", True), ("the plane around the chart", False)):
            outside = OwnOutside(layout, head.neutral, is_own)
            outside.take_colors(colors)
            for tile in layout.skin_tiles:
                where, wanted = outer(layout, tile, SIDE, colors)
                if where.sum() < 1000:
                    continue
                baked = np.rint(layout.to_layout(colors.chart, tile, SIDE, None)).clip(0, 255).astype(np.uint8)
                if is_own:
                    told(f"own layout, tile {tile}, before", np.abs(baked[where] - wanted))
                told(f"own layout, tile {tile}, {label}", np.abs(outside.with_colors(baked, tile)[where] - wanted))
        tile = face_textures(head, colors, None, SIDE).tiles["1002"]
        spread = np.abs(colors.around.astype(np.float32) - colors.chart[0, 0]).reshape(-1, 3)
        told("chart's layout, one colour as before", spread)
        print(f"chart's layout: tile 1002 holds {len(np.unique(tile.reshape(-1, 3), axis=0))} colours")
        for years in (30.0, 50.0, 75.0):
            aged = skin_colors(replace(worn, age=years), SIDE, ArrayCache(1 << 28))
            told(f"step at the chart's border at {years:.0f} years", step(aged))
        if chosen.pictures:
            pictures(rhytid.Face.of(worn, head), out)
    return 0


def pictures(face: rhytid.Face, out: Path) -> None:
    size = (480, 480)
    editor = face.picture("detailed", (640, 640), resolution=SIDE, yaw_deg=CAMERA.yaw_deg, pitch_deg=CAMERA.pitch_deg,
                          distance_mm=CAMERA.distance_mm)  # fmt: skip
    row = [cv2.resize(editor, size)]
    cv2.imwrite(str(out / "editor.png"), editor[..., ::-1])
    try:
        for layout in ("own", "chart"):
            report = face.export(out / layout, client="three", what={"base_mesh"}, layout=layout, resolution=SIDE,
                                 base_formats={"glb"}, overwrite=True, verify=False)  # fmt: skip
            looks = by_three(report.path("base_mesh", ".glb"), {})[2]
            row.append(cv2.resize(np.ascontiguousarray(looks), size))
            cv2.imwrite(str(out / "side_by_side.png"), np.concatenate(row, axis=1)[..., ::-1])
    except pytest.skip.Exception as reason:
        print(f"three.js is left out: {reason}")


if __name__ == "__main__":
    raise SystemExit(run())
