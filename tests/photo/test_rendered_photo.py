"""What the rendering network sees of an edit, and that it counts where something is edited and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from photo_document import photo_camera, photo_document, photo_pixels

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.engine_choice import default_engines
from rhytid.core.face.in_photo import edited_photo, shown_skin
from rhytid.core.head.load import default_head
from rhytid.core.learned import weights
from rhytid.core.learned.weights import PHOTO_RENDER, WeightsError
from rhytid.core.photo import rendered_photo
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.render_buffers import COARSE, FINE, SIDE_PX, RenderFrame, albedo_sized
from rhytid.core.photo.rendered_photo import RenderedPhoto, render_network

HEAD = default_head()
MAKER = DetailMaker(default_engines())
RASTERISER = NumpyRasteriser()
LINE = (slice(70, 78), slice(200, 320))  # of a relief of 512 texels, on the forehead


class Brighter:
    """A network that adds the same everywhere."""

    def __init__(self, amount: float) -> None:
        self.amount = amount
        self.asked = 0

    def added(self, buffers, albedo):
        self.asked += 1
        assert albedo.shape == (128, 128, 3)
        return np.full((SIDE_PX, SIDE_PX, 3), self.amount, np.float32)


@pytest.fixture(scope="module")
def photo():
    return edited_photo(photo_document(), HEAD, MAKER, RASTERISER, side=512)


@pytest.fixture(scope="module")
def frame(photo):
    return RenderFrame(photo, RASTERISER)


def with_line(photo):
    relief = np.zeros((512, 512), np.float32)
    relief[LINE] = -0.4
    return replace(photo.original, displacement=photo.original.displacement + relief)


def with_open_mouth(photo):
    state = photo_document()
    expression = list(state.expression)
    expression[ARKIT_INDEX["jawOpen"]] = 0.8
    return shown_skin(replace(state, expression=tuple(expression)), HEAD, MAKER, 512)


def test_without_an_edit_the_network_is_not_asked(photo):
    network = Brighter(0.2)
    assert np.array_equal(RenderedPhoto(photo, RASTERISER, network).picture(photo.original), photo_pixels())
    assert network.asked == 0


@pytest.mark.parametrize("edit", [with_line, with_open_mouth])
def test_pixels_that_ratio_images_leave_alone_stay_as_they_are_bit_for_bit(photo, edit):
    edited = edit(photo)
    by_ratio = photo.picture(edited)
    with_nothing = RenderedPhoto(photo, RASTERISER, Brighter(0.0)).picture(edited)
    assert np.array_equal(with_nothing, by_ratio)
    brighter = RenderedPhoto(photo, RASTERISER, Brighter(0.2)).picture(edited)
    touched = (brighter != by_ratio).any(axis=2)
    assert touched.sum() > 40
    assert 5 < (brighter.astype(int) - by_ratio).max() < 0.2 * 255 + 1
    assert not (brighter.astype(int) < by_ratio).any()
    # Where the level of no texel has changed and nothing has moved, nothing may be added.
    if edit is with_line:
        camera = photo_camera()
        drawn = photo.drawn(edited)
        rows, columns = np.nonzero((drawn.level != drawn.level_before).any(axis=2))
        side = len(drawn.level)
        y, x = np.nonzero(touched)
        places = photo.places[y, x] * side - 0.5
        assert (places[:, 0] > columns.min() - 1.01).all()
        assert (places[:, 0] < columns.max() + 1.01).all()
        assert (places[:, 1] > rows.min() - 1.01).all()
        assert (places[:, 1] < rows.max() + 1.01).all()
        assert camera.size == touched.shape[::-1]
    else:
        assert not touched[:40].any()
        assert not touched[:, :20].any()


def test_what_the_network_sees_of_a_line(photo, frame):
    edited = with_line(photo)
    buffers = frame.buffers(edited, photo.drawn(edited))
    named = dict(zip(FINE, buffers.fine, strict=True))
    there = (np.abs(buffers.places[..., 0] - 0.5) < 0.08) & (np.abs(buffers.places[..., 1] - 74 / 512) < 0.004)
    assert there.sum() > 20
    assert named["relief_change"][there].max() < -2  # 0.1 mm: the furrow, over the skin around
    below = (np.abs(buffers.places[..., 1] - 0.6) < 0.02) & (named["skin"] > 0)
    assert np.abs(named["relief_change"][below]).max() < 1e-4
    assert not buffers.share[below].any()
    assert buffers.share[there].mean() > 0.05
    assert not named["missing"].any()
    coarse = dict(zip(COARSE, buffers.coarse, strict=True))
    assert np.abs(coarse["shading_change"]).max() == 0  # the smooth head is what it was
    assert np.abs(coarse["depth_change"]).max() < 1e-4  # 5 mm
    assert np.array_equal(buffers.coarse[:3], buffers.coarse[3:6])
    assert coarse["normal_z"].min() < -0.9  # towards the camera
    assert coarse["light_x"].std() == 0


def test_what_the_network_sees_of_an_open_mouth(photo, frame):
    edited = with_open_mouth(photo)
    buffers = frame.buffers(edited, photo.drawn(edited))
    named = dict(zip(FINE, buffers.fine, strict=True))
    assert named["mouth"].sum() > 200
    assert named["missing"][named["mouth"] > 0].mean() > 0.5
    assert buffers.share[named["mouth"] > 0].mean() > 0.3
    assert buffers.coarse[COARSE.index("depth_change")].max() > 0.5  # the chin has gone back
    assert buffers.fine[:3].min() >= 0
    assert buffers.fine[:3].max() <= 1


def test_the_square_holds_the_face_and_goes_on_beyond_the_photo(photo, frame):
    assert frame.box.width == frame.box.height
    cut = frame.cut(photo_pixels())
    assert cut.shape == (SIDE_PX, SIDE_PX, 3)
    assert cut.min() >= 0
    assert cut.max() <= 255


@pytest.fixture
def no_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "WEIGHTS_FOLDER", tmp_path)
    render_network.cache_clear()
    yield tmp_path
    render_network.cache_clear()


def test_a_network_that_is_missing_is_told_of(no_weights):
    with pytest.raises(WeightsError, match=PHOTO_RENDER):
        rendered_photo.render_network()


def test_the_network_that_ships_darkens_a_furrow_s_shaded_side(photo):
    network = render_network()
    edited = with_line(photo)
    by_ratio, rendered = photo.picture(edited), RenderedPhoto(photo, RASTERISER, network).picture(edited)
    before = photo_pixels().astype(float)
    change = [(one.astype(float) - before).mean(axis=2) for one in (by_ratio, rendered)]
    where = change[0] != 0
    assert np.corrcoef(change[0][where], change[1][where])[0, 1] > 0.8  # it obeys the relief
    albedo = albedo_sized(photo.original.albedo)
    frame = RenderFrame(photo, RASTERISER)
    buffers = frame.buffers(edited, photo.drawn(edited))
    assert np.array_equal(network.added(buffers, albedo), network.added(buffers, albedo))
