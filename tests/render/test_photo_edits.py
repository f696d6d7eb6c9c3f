"""Random edits of people who do not exist: what is drawn into their photos, and that the truth is the truth."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.load import default_head
from rhytid.core.photo.photo_face import PhotoTools
from rhytid.core.photo.render_buffers import SIDE_PX
from rhytid.gui.render.fragments import GLRasteriser
from rhytid.gui.render.offscreen import standalone_context
from rhytid.gui.render.photo_edits import EditedPerson, Flaws, fake_strokes


@pytest.fixture(scope="module")
def people():
    with standalone_context() as ctx:
        rasteriser = GLRasteriser(ctx)
        tools = PhotoTools(default_head(), rasteriser)
        yield [EditedPerson(tools, seed, ctx) for seed in (700_001,)], rasteriser
        rasteriser.release()


def test_fake_strokes_are_furrows_with_raised_edges():
    strokes = fake_strokes(np.random.default_rng(3))
    assert strokes.shape == (512, 512)
    assert -1.5 < strokes.min() < -0.05
    assert strokes.max() > 0.005
    assert (np.abs(strokes) < 1e-3).mean() > 0.5
    np.testing.assert_allclose(strokes, fake_strokes(np.random.default_rng(3)), atol=1e-6)
    assert np.abs(strokes - fake_strokes(np.random.default_rng(4))).max() > 0.05


def test_flaws_smooth_relief_and_are_the_same_for_each_edit():
    flaws = Flaws(np.random.default_rng(5))
    rough = np.random.default_rng(1).normal(0, 0.1, (512, 512)).astype(np.float32)
    bumps = flaws.relief(np.zeros_like(rough))
    assert (flaws.relief(rough) - bumps).std() < rough.std()
    np.testing.assert_allclose(flaws.relief(2 * rough) - bumps, 2 * (flaws.relief(rough) - bumps), atol=1e-5)
    grey = np.full((64, 64, 3), 120, np.uint8)
    assert 0 < flaws.color(grey).std() < 30


def test_what_is_wanted_makes_the_picture_true_and_holds_no_noise(people):
    (person,), rasteriser = people
    record = next(person.records(rasteriser))
    assert not record.fake
    assert record.wanted.shape == (SIDE_PX, SIDE_PX, 3)
    untouched = record.buffers.share == 0
    # Without noise nothing is wanted where nothing is edited, but for the light that skin throws on skin.
    assert np.abs(record.wanted[untouched]).mean() < 1e-3
    assert record.buffers.share.max() > 0.5
    assert person.albedo().shape == (128, 128, 3)


def test_every_kind_of_edit_comes(people):
    (person,), _ = people
    edits = list(person.edits())
    assert [edit.kind for edit in edits] == ["lines", "age", "expression", "shape", "both", "fake", "fake"]
    original = person.original
    for edit in edits:
        moved = not np.array_equal(edit.skin.vertices, original.vertices)
        assert moved == (edit.kind in ("expression", "shape", "both"))
        recolored = not np.array_equal(edit.skin.albedo, original.albedo)
        assert recolored == (edit.kind in ("age", "both"))
        if edit.kind in ("lines", "age", "fake"):
            assert not np.array_equal(edit.skin.displacement, original.displacement)
