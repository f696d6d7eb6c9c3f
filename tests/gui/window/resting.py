"""Windows that come to rest soon: tests wait for it hundreds of times, and compare only their own pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from rhytid.gui.render.occlusion import OcclusionBake
from rhytid.gui.render.renderer import FaceRenderer


@contextmanager
def soon_at_rest() -> Iterator[None]:
    """Renderers rest after their first frame at full resolution, with four directions of ambient light.

    How frames are refined is seen to in tests/render, that the program does it in tests/smoke and tests/bench.
    """
    refine = FaceRenderer._refine

    def only_ambient_light(renderer: FaceRenderer, picture: Any, look: Any) -> None:
        if renderer._baked_shape == renderer._shape_version:
            # What frames in motion leave out comes now, as in the program by the first of its refinements.
            renderer._draw_geometry(picture, look, (0.0, 0.0))
            if look.mode.is_lit:
                renderer._draw_light(picture, look.lighting, 0.0)
            renderer._shade(picture, picture.shaded, look, None)
            picture.refined = True
        else:
            refine(renderer, picture, look)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FaceRenderer, "_refine", only_ambient_light)
        patch.setattr("rhytid.gui.render.renderer.OcclusionBake", partial(OcclusionBake, n_directions=4))
        yield
