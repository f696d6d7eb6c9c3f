"""Layers in the pipeline: they act on strokes and on the engine's own wrinkles alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.wrinkles import natural_wrinkles
from rhytid.core.lines.layer import MASK_SIDE, Layering, StrokeLayer

SMILE = {"AU6": 1.0, "AU12": 1.0, "AU6L": 1.0, "AU6R": 1.0}
SEED = 1
SITE = "site:crows-feet-l"


@pytest.fixture
def run(make_request):
    def run(pipeline=None, layering: Layering = Layering(), strokes=()) -> np.ndarray:  # noqa: B008
        request = make_request(256, age=60.0, action_units=SMILE, strokes=tuple(strokes))
        return (pipeline or DetailPipeline()).run(replace(request, layering=layering)).displacement

    return run


def test_taking_wrinkles_over_leaves_every_bit_of_the_face(run) -> None:
    own = natural_wrinkles(SEED)
    taken = own[10:40]
    layering = Layering((), tuple(sorted(stroke.id for stroke in taken)))
    assert run(layering=layering, strokes=taken).tobytes() == run().tobytes()


def test_the_layer_of_a_place_hides_the_engines_own_and_nothing_else(run) -> None:
    pipeline = DetailPipeline()
    before = run(pipeline)
    hidden = run(pipeline, Layering((StrokeLayer(SITE, visible=False),)))
    assert hidden.tobytes() == run(None, Layering((StrokeLayer(SITE, visible=False),))).tobytes()
    changed = np.argwhere(hidden != before)
    assert len(changed)
    reach = [s.points for s in natural_wrinkles(SEED) if s.layer == SITE]
    low = np.concatenate(reach).min(0) * 256 - 12
    high = np.concatenate(reach).max(0) * 256 + 12
    assert (changed[:, ::-1] >= low).all()
    assert (changed[:, ::-1] <= high).all()
    assert run(pipeline).tobytes() == before.tobytes()


def test_a_masked_layer_leaves_skin_outside_its_mask_without_lines(run) -> None:
    layers = (StrokeLayer(SITE, mask=np.zeros((MASK_SIDE, MASK_SIDE), np.uint8)),)
    assert run(layering=Layering(layers)).tobytes() == run(
        layering=Layering((StrokeLayer(SITE, visible=False),))
    ).tobytes()  # fmt: skip
