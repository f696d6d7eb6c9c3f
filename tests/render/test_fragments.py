from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.load import default_head
from rhytid.core.photo.camera import PhotoCamera, view_rotation
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.gui.render.fragments import GLRasteriser


@pytest.fixture(autouse=True)
def current(ctx):
    """What Qt lets go of late, of windows of earlier tests, takes the thread's context with it."""
    with ctx:
        yield


@pytest.mark.parametrize(("yaw", "size"), [(0.0, (160, 200)), (35.0, (201, 99))])
def test_both_rasterisers_see_the_same_head(ctx, yaw, size):
    head = default_head()
    # The axis does not meet the middle of the picture, as in a photo that was cut.
    camera = PhotoCamera(view_rotation(yaw, -8, 10), np.array([8.0, 0.0, 600.0]), 300.0, np.array([70.0, 60.0]), size)
    seen_by = []
    drawing = GLRasteriser(ctx)
    for rasteriser in (NumpyRasteriser(), drawing):
        cam = camera.to_camera(head.neutral)
        seen_by.append(rasteriser.fragments(cam, head.triangles, camera.focal_px, camera.centre, camera.size))
    drawing.release()
    ours, theirs = seen_by
    assert (ours.triangle >= 0).mean() > 0.2
    same = ours.triangle == theirs.triangle
    # They may differ where an edge passes through the centre of a pixel, and where two surfaces touch.
    assert same.mean() > 0.995
    both = same & (ours.triangle >= 0)
    assert np.array_equal(ours.barycentric[both], theirs.barycentric[both])
    assert np.array_equal(ours.depth[both], theirs.depth[both])


def test_what_faces_away_or_lies_behind_is_not_drawn(ctx):
    near = [[-20.0, -20.0, 100.0], [-20.0, 20.0, 100.0], [20.0, 20.0, 100.0]]
    behind = [[-20.0, -20.0, -100.0], [-20.0, 20.0, -100.0], [20.0, 20.0, 50.0]]
    drawing = GLRasteriser(ctx)
    for triangles, shown in (([[2, 1, 0], [3, 4, 5]], {-1}), ([[2, 1, 0], [0, 1, 2]], {-1, 1})):
        seen = drawing.fragments(
            np.array([*near, *behind]), np.array(triangles, np.int32), 80.0, np.array([45.0, 35.0]), (90, 70)
        )
        assert set(np.unique(seen.triangle)) == shown
    drawing.release()


def test_both_carry_values_alike(ctx):
    head, size = default_head(), (160, 120)
    camera = PhotoCamera(view_rotation(20.0, -8, 0), np.array([0.0, 0.0, 600.0]), 250.0, np.array([80.0, 60.0]), size)
    cam = camera.to_camera(head.neutral)
    values = np.column_stack([head.neutral, cam[:, 2]]).astype(np.float32)
    drawing = GLRasteriser(ctx)
    ours, theirs = (
        one.surface(cam, head.triangles, values, camera.focal_px, camera.centre, size)
        for one in (NumpyRasteriser(), drawing)
    )
    drawing.release()
    same = (ours.triangle == theirs.triangle) & (ours.triangle >= 0)
    assert same.sum() > 0.99 * (ours.triangle >= 0).sum() > 1000
    assert np.abs(ours.values - theirs.values)[same].max() < 0.02
    row, column = np.nonzero(same)
    back = camera.pixels(camera.to_camera(ours.values[same][:, :3]))
    assert np.abs(back - np.stack([column + 0.5, row + 0.5], axis=1)).max() < 0.01
    assert (theirs.values[theirs.triangle < 0] == 0).all()
