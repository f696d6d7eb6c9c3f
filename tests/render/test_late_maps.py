"""A renderer that is given only some of the maps that a pipeline makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from render_samples import maps_of

from rhytid.core.document.state import Camera
from rhytid.core.maps.rect import Rect
from rhytid.gui.render.renderer import FaceRenderer


def test_maps_that_were_never_shown_leave_no_hole(ctx, bent, picture, bump):
    """Of three maps of one pipeline the second is dropped, as when the window is slow."""
    first = maps_of(bump)
    patches = (Rect(60, 60, 90, 90), Rect(150, 140, 180, 170))
    shown, values = [first], bump
    for patch in patches:
        values = values.copy()
        values[patch.slices] += 0.4
        revisions = shown[-1].revisions.with_change(patch)
        shown.append(replace(maps_of(values), revisions=revisions))
    slow, fresh = FaceRenderer(ctx, bent), FaceRenderer(ctx, bent)
    fresh.set_detail(shown[-1])
    wanted = picture.draw(fresh)
    fresh.release()
    slow.set_detail(first)
    picture.draw(slow)
    slow.set_detail(shown[-1])
    picture.draw(slow, camera=Camera())  # an edit alone leaves the geometry as it was
    late = picture.draw(slow)
    slow.set_displacement(bump)  # of no revision: what follows may not trust the one before
    slow.set_detail(shown[-1])
    picture.draw(slow, camera=Camera())
    again = picture.draw(slow)
    slow.release()
    assert np.array_equal(late, wanted)
    assert np.array_equal(again, wanted)
