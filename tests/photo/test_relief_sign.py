"""The program's own pictures of relief get brighter and darker as a . grad d says, from whatever side they are taken.

In two different frames the sign of a turns over, and all that follows from it still looks plausible.
"""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.maps.units import SIDE
from rhytid.core.photo.albedo_prior import albedo_prior
from rhytid.core.photo.camera import FACING, PhotoCamera
from rhytid.core.photo.features import detail_features
from rhytid.core.photo.light import light_and_color
from rhytid.core.photo.masks import Masks
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.unwrap import Unwrapped, unwrap
from rhytid.core.synthesis import KEY_EXPRESSIONS, synthesise
from rhytid.gui.render.camera import view_from_head
from rhytid.gui.render.offscreen import render_image

SIZE = 512
AROUND = Lighting(key_intensity=0.0)
FROM_THE_SIDE = Lighting(key_yaw_deg=60.0, key_intensity=1.5, environment_intensity=0.6)


@pytest.fixture(scope="module")
def relief() -> np.ndarray:
    """Wrinkles of an old face, without the grain that a picture of this size cannot show."""
    return low_pass(synthesise(5, 68, list(KEY_EXPRESSIONS.values())[1], scan=False).displacement, 1.0)


def taken(camera: Camera, lighting: Lighting, relief: np.ndarray | None, raster: ChartRaster) -> Unwrapped:
    head = default_head()
    pixels = render_image(head, head.neutral, relief, camera, lighting, size=(SIZE, SIZE), samples=2, scale_bar=False)
    view = view_from_head(camera)
    focal_px = SIZE / 2 / np.tan(np.radians(camera.fov_deg) / 2)
    seen_from = PhotoCamera(
        FACING @ view[:3, :3], FACING @ view[:3, 3], focal_px, np.full(2, SIZE / 2), (SIZE, SIZE)
    )
    none = np.zeros((SIZE, SIZE), np.float32)
    linear = linear_from_srgb(pixels / 255.0).astype(np.float32)
    return unwrap(linear, Masks(1 - none, none, none), head.neutral, seen_from, raster, NumpyRasteriser())


@pytest.fixture(scope="module")
def raster() -> ChartRaster:
    return ChartRaster(default_head(), SIDE)


@pytest.mark.parametrize(
    ("yaw_deg", "lighting"), [(-35.0, AROUND), (0.0, FROM_THE_SIDE), (25.0, FROM_THE_SIDE)]
)
def test_relief_changes_a_picture_as_its_slopes_in_the_fitted_light(relief, raster, yaw_deg, lighting):
    camera = Camera(yaw_deg=yaw_deg, pitch_deg=8.0, distance_mm=900.0, fov_deg=13.0, target_mm=(0.0, 10.0, 50.0))
    with_it, without = (taken(camera, lighting, values, raster) for values in (relief, None))
    (light,), _ = light_and_color([without], albedo_prior())
    weight = without.skin
    features = detail_features(without.rgb, without.normal, without.position, light.sh9, weight)
    slopes = features[3:5] / np.maximum(weight, np.float32(0.1))
    across, down = slopes[0] * np.gradient(relief, axis=1), slopes[1] * np.gradient(relief, axis=0)
    change = np.log(np.maximum(with_it.rgb[..., 1], 2e-3)) - np.log(np.maximum(without.rgb[..., 1], 2e-3))
    seen = weight > 0.6
    assert seen.mean() > 0.2
    alike, same_sign = agreement(change, across + down, seen)
    assert alike > 0.55
    assert same_sign > 0.75
    # What a frame too many would give.
    for wrong in (across - down, down - across, -across - down):
        alike_then, same_sign_then = agreement(change, wrong, seen)
        assert alike_then < alike - 0.05
        assert same_sign_then < same_sign


def agreement(change: np.ndarray, expected: np.ndarray, seen: np.ndarray) -> tuple[float, float]:
    """Correlation, and share of texels of one sign, where the steepest tenth of the skin is expected to change most.

    There slopes outweigh light that scatters in the skin, mirrors and folds, which follow other laws.
    """
    change, expected = (values - low_pass(values.astype(np.float32), 7.0) for values in (change, expected))
    strong = seen & (np.abs(expected) > np.quantile(np.abs(expected[seen]), 0.9))
    same = np.sign(change[strong]) == np.sign(expected[strong])
    return float(np.corrcoef(change[strong], expected[strong])[0, 1]), float(same.mean())
