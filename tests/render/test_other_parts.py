"""Body and lashes of a head's file in the picture: where they are, before or behind the head, and switched off."""

from __future__ import annotations

from dataclasses import replace

import moderngl
import numpy as np
import pytest
from small_material import small_parts

from rhytid.core.arkit import expression_array
from rhytid.core.head.head import Head
from rhytid.gui.render.offscreen import OffscreenRenderer
from rhytid.gui.render.view_mode import ViewMode
from tests.head.small_head import small_head

SIZE = (120, 160)


@pytest.fixture(scope="module")
def dressed() -> Head:
    return replace(small_head(), other_parts=small_parts())


Asked = tuple[tuple[np.ndarray, ...], bool, ViewMode]


def pictures(ctx: moderngl.Context, head: Head, *asked: Asked) -> list[np.ndarray]:
    renderer = OffscreenRenderer(ctx, head, SIZE)
    made = []
    for shapes, is_shown, mode in asked:
        renderer._renderer.others.is_shown = is_shown
        made.append(renderer.picture(others=shapes, view_mode=mode, samples=1))
    renderer.release()
    return made


def blueness(image: np.ndarray) -> np.ndarray:
    return image[..., 2].astype(int) - image[..., 0]


def test_parts_are_drawn_below_the_face_and_can_be_hidden(ctx: moderngl.Context, dressed: Head) -> None:
    still = tuple(part.vertices for part in dressed.other_parts)
    shown, hidden, again, wires, shown_wires = pictures(
        ctx, dressed, (still, True, ViewMode.DETAILED), (still, False, ViewMode.DETAILED),
        (still, True, ViewMode.DETAILED), ((), True, ViewMode.DISPLACEMENT), (still, True, ViewMode.DISPLACEMENT),
    )  # fmt: skip
    np.testing.assert_array_equal(shown, again)
    np.testing.assert_array_equal(wires, shown_wires)
    coat = blueness(shown) > 60
    assert coat.any()
    assert not (blueness(hidden) > 60).any()
    # The coat reaches up to -40 mm, and the skin, which ends at -50 mm, stands before it.
    rows = np.flatnonzero(coat.any(axis=1))
    assert rows.min() > SIZE[1] * 0.55
    # The lashes darken the face a little, not the rest of it.
    darker = hidden.astype(int).sum(axis=2) - shown.astype(int).sum(axis=2) > 60
    assert 5 < (darker & ~coat)[: rows.min()].sum() < 400


def test_parts_move_with_the_expression(ctx: moderngl.Context, dressed: Head) -> None:
    open_eyes = tuple(part.vertices for part in dressed.other_parts)
    shut = tuple(part.shape(expression_array({"eyeBlinkLeft": 1.0})) for part in dressed.other_parts)
    first, second = pictures(ctx, dressed, (open_eyes, True, ViewMode.DETAILED), (shut, True, ViewMode.DETAILED))
    assert (first != second).any()
