"""Light in the mouth: a polygon's in closed form, no black hole in the first frame, teeth that show."""

from __future__ import annotations

import moderngl
import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, expression_array
from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import VertexNormals
from rhytid.core.maps.tooth_color import enamel
from rhytid.gui.render.mouth_surface import MouthSurface, _vector_irradiance
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.surface import MeshTopology

SIZE = (240, 200)
CLOSE = Camera(pitch_deg=0.0, target_mm=(0.0, -42.0, 92.0), distance_mm=190.0)


def shape_of(head: Head, **weights: float) -> np.ndarray:
    return head.shape([], expression_array(weights))


class FirstFrames:
    """Pictures of the first frame after each change of shape, and the parts that their pixels show."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self.head = default_head()
        self.renderer = FaceRenderer(ctx, self.head)
        self.color = ctx.texture(SIZE, 4)
        self.target = ctx.framebuffer([self.color])

    def draw(self, **weights: float) -> tuple[np.ndarray, np.ndarray]:
        self.renderer.set_shape(shape_of(self.head, **weights))
        self.renderer.render(self.target, SIZE, CLOSE, Lighting(), interactive=False)
        image = np.frombuffer(self.target.read(components=3), np.uint8).reshape(*SIZE[::-1], 3)[::-1]
        gbuffer = self.renderer._picture.gbuffer
        coord = np.frombuffer(gbuffer.coord.read(), np.float32).reshape(*SIZE[::-1], 4)[::-1]
        return image, coord


@pytest.fixture
def frames(ctx: moderngl.Context):
    made = FirstFrames(ctx)
    yield made
    made.target.release()
    made.color.release()
    made.renderer.release()


def test_a_polygons_light_is_that_of_the_textbook() -> None:
    """A disc of radius r at distance d over a parallel patch: r^2 / (r^2 + d^2); half of it to a patch turned by 60."""
    angle = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    disc = np.stack([3 * np.cos(angle), 3 * np.sin(angle), np.full(256, 4.0)], axis=1).astype(np.float32)
    light = np.abs(_vector_irradiance(np.zeros((1, 3), np.float32), disc))[0]
    assert light[2] == pytest.approx(9 / 25, rel=1e-3)
    assert light[:2].max() < 1e-4


def test_light_enters_as_the_lips_part_and_fades_towards_the_throat() -> None:
    head = default_head()
    part = MeshTopology(head).vertex_part
    mouth = MouthSurface(head, part)
    assert np.linalg.norm(head.neutral[mouth.vertices, None] - head.eye_centers, axis=2).min() > 25
    normals = VertexNormals(head.triangles, len(head.neutral))
    seen = []
    for jaw in (0.0, 0.2, 0.5, 1.0):
        shape = shape_of(head, jawOpen=jaw)
        seen.append(mouth.visibility(shape, normals.of(shape)))
        assert 0.02 < seen[-1].min() <= seen[-1].max() <= 1
    means = [one.mean() for one in seen]
    assert means == sorted(means)
    assert means[-1] > 2 * means[0]
    deep = head.neutral[mouth.vertices, 2]
    lining = part[mouth.vertices] == Part.MOUTH
    assert seen[-1][lining & (deep < 50)].mean() < 0.7 * seen[-1][lining & (deep > 95)].mean()


def test_height_on_a_crown_is_nought_at_the_neck_and_one_at_the_edge() -> None:
    head = default_head()
    mouth = MouthSurface(head, MeshTopology(head).vertex_part)
    coord = mouth.coordinates()
    teeth = coord[:, 3] == 1 + Part.TEETH
    height, y = coord[teeth, 1], head.neutral[mouth.vertices[teeth], 1]
    front = head.neutral[mouth.vertices[teeth], 2] > 100
    lower = head.expression[ARKIT_INDEX["jawOpen"], mouth.vertices[teeth]].any(axis=1)
    assert (height.min(), height.max()) == (0, 1)
    assert np.corrcoef(height[lower & front], y[lower & front])[0, 1] > 0.9
    assert np.corrcoef(height[~lower & front], y[~lower & front])[0, 1] < -0.9
    assert (coord[:, 3] % 1 > 0).sum() > 300  # the tongue


def test_no_black_hole_in_the_first_frame_after_the_jaw_opened(frames: FirstFrames) -> None:
    frames.draw()
    for jaw in (0.2, 0.5, 1.0):
        image, coord = frames.draw(jawOpen=jaw)
        inside = np.abs(coord[..., 3]) > Part.TEETH + 0.5
        assert inside.sum() > 300
        brightness = image[inside].astype(float) @ [0.2126, 0.7152, 0.0722]
        assert np.percentile(brightness, 5) > 10, jaw
        assert brightness.mean() > 30, jaw


def test_upper_front_teeth_show_one_to_four_millimetres_under_the_lip_of_a_slightly_opened_mouth(
    frames: FirstFrames,
) -> None:
    _, coord = frames.draw(jawOpen=0.2)
    tooth = np.abs(coord[..., 3] - (1 + Part.TEETH)) < 0.1
    middle = tooth[:, SIZE[0] // 2 - 12 : SIZE[0] // 2 + 12]
    mm_per_px = 2 * np.tan(np.radians(CLOSE.fov_deg) / 2) * (CLOSE.distance_mm - 15) / SIZE[1]
    shown_mm = middle.sum(axis=0) * mm_per_px
    assert 1.0 < np.median(shown_mm) < 4.0


def test_dark_shades_and_years_show_on_the_teeth_and_nowhere_else(frames: FirstFrames) -> None:
    weights = {"jawOpen": 0.2, "mouthUpperUpLeft": 0.6, "mouthUpperUpRight": 0.6}
    usual, coord = frames.draw(**weights)
    tooth = np.abs(coord[..., 3] - (1 + Part.TEETH)) < 0.1
    assert tooth.sum() > 300
    for other in (enamel(1.0, 30.0), enamel(0.35, 80.0)):
        frames.renderer.set_iris(None, other)
        image, _ = frames.draw(**weights)
        np.testing.assert_array_equal(image[~tooth], usual[~tooth])
        before, after = usual[tooth].astype(float).mean(axis=0), image[tooth].astype(float).mean(axis=0)
        assert (after < before - 4).all()
        assert before[2] - after[2] > before[0] - after[0] + 4
