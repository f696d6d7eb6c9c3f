"""Times of edits in a photo of 1024 x 1024 px, as the editor draws them while a hand moves: from detail to picture.

The rendering network is timed on a picture of 512 x 512 px.

The photo is a render of somebody who does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from rhytid.core.detail.request import EngineSettings
from rhytid.core.document.commands import SetExpressionWeights
from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.engine_choice import default_engines
from rhytid.core.face.in_photo import PhotoEdits, original_state
from rhytid.core.face.resolve import ResolvedPose, resolve_pose
from rhytid.core.face.skin_color import skin_color
from rhytid.core.head.load import default_head
from rhytid.core.photo.fit import HeadFit
from rhytid.core.photo.layer import PhotoLayer
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.rendered_photo import PhotoRenderer
from rhytid.gui.cli.bench_learned import growing_stroke, slider_steps, timed
from rhytid.gui.controllers.photo_painter import MOVING_PX, MOVING_SIDE
from rhytid.gui.render.fragments import GLRasteriser
from rhytid.gui.render.photo_people import portrait

STEPS = ("in_photo_stroke", "in_photo_expression", "in_photo_network")
GOALS_MS = dict.fromkeys(STEPS, 100.0) | {"in_photo_network": 400.0}
_NETWORK_PX = 512
_SEED = 4
_SH9 = np.outer([0.6, 0.25, 0.2, -0.3, 0.0, 0.03, 0.02, -0.05, 0.0], [1.0, 0.95, 0.9]).astype(np.float32)


class InPhotoBench:
    """A document with a photo, and what draws its edits.

    Parameters
    ----------
    ctx : moderngl.Context
    """

    def __init__(self, ctx: Any) -> None:
        self._head = default_head()
        truth = portrait(self._head, _SEED, ctx, frontal=True)
        data = cv2.imencode(".png", truth.pixels[..., ::-1])[1].tobytes()
        fit = HeadFit(truth.sitting.identity, truth.sitting.expression, truth.camera, None, 0.0)
        light = PhotoLight(_SH9, np.broadcast_to(_SH9, (MAP_SIDE, MAP_SIDE, 9, 3)))
        layer = PhotoLayer("bench.png", data, "bench", fit, light)
        engine = EngineSettings(name="procedural")
        self._state = original_state(DocumentState(age=60.0, settings=engine, photo=layer))
        self._maker = DetailMaker(default_engines())
        self._edits = PhotoEdits(self._maker, GLRasteriser(ctx), longest_px=MOVING_PX, side=MOVING_SIDE)
        self._color = skin_color(self._state, MOVING_PX, default_engines().cache)
        self._at_rest = PhotoEdits(self._maker, GLRasteriser(ctx), longest_px=_NETWORK_PX, side=MOVING_SIDE)
        self._draw(self._state)

    def in_photo_stroke(self, runs: int) -> Iterator[float]:
        """A stroke that grows by one sample of the pen."""
        for k in range(runs):
            yield self._draw(replace(self._state, strokes=(growing_stroke(k, 2 + k % 58),)))

    def in_photo_expression(self, runs: int) -> Iterator[float]:
        """A step of mouthSmile."""
        for smile, _age in slider_steps(runs):
            yield self._draw(self._smiling(smile))

    def in_photo_network(self, runs: int) -> Iterator[float]:
        """A step of mouthSmile by the rendering network."""
        yield from (self._draw(self._smiling(smile), PhotoRenderer.NETWORK) for smile, _age in slider_steps(runs))

    def _smiling(self, smile: float) -> DocumentState:
        return SetExpressionWeights((("mouthSmileLeft", smile), ("mouthSmileRight", smile))).apply(self._state)

    def _draw(self, state: DocumentState, renderer: PhotoRenderer = PhotoRenderer.RATIO) -> float:
        pose: ResolvedPose = resolve_pose(state, self._head)
        relief = self._maker.maps(state, self._head, MOVING_SIDE, pose).displacement
        edits = self._edits if renderer is PhotoRenderer.RATIO else self._at_rest
        return timed(lambda: edits.picture(state, self._head, pose, relief, self._color, renderer))
