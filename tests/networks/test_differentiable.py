from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rhytid.core.head.load import default_head  # noqa: E402
from rhytid.core.maps.harmonics import harmonics as harmonics_of_numpy  # noqa: E402
from rhytid.core.networks.differentiable import (  # noqa: E402
    FixedFragmentRenderer,
    PyTorch3DRenderer,
    Scene,
    harmonics,
    has_pytorch3d,
)
from rhytid.core.photo.camera import view_rotation  # noqa: E402
from rhytid.core.photo.rasteriser import NumpyRasteriser  # noqa: E402

HEAD = default_head()
SIZE = (72, 80)
TRIANGLES = torch.from_numpy(HEAD.triangles.astype(np.int64))
CHART = torch.zeros((len(HEAD.neutral), 2), dtype=torch.float64)
CHART[: HEAD.n_skin] = torch.from_numpy(HEAD.chart.astype(np.float64))


def scene() -> Scene:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:32, :32] / 32
    texture = np.stack([0.5 + 0.3 * np.sin(7 * x), 0.4 + 0.3 * np.cos(5 * y), 0.4 + 0.2 * x * y])
    light = np.concatenate([np.ones((1, 3)), rng.normal(0, 0.25, (8, 3))])
    values = (HEAD.neutral, view_rotation(12, 5), [3.0, -4.0, 700.0], 200.0, [36.0, 40.0], texture, light)
    return Scene(*(torch.tensor(np.asarray(value, np.float64)) for value in values))


def fragments(of: Scene):
    cam = of.vertices_cam.detach().numpy()
    seen = NumpyRasteriser().fragments(cam, HEAD.triangles, float(of.focal_px), of.centre.numpy(), SIZE)
    return seen, torch.from_numpy(seen.triangle.astype(np.int64))


def moved(of: Scene, what: str, step: float) -> Scene:
    """The scene after a step along one parameter."""
    if what.startswith("mode"):
        return replace(of, vertices=of.vertices + step * torch.from_numpy(HEAD.identity[int(what[4:])].astype(float)))
    if what == "smile":
        return replace(of, vertices=of.vertices + step * torch.from_numpy(HEAD.expression[44].astype(float)))
    direction = torch.from_numpy(np.random.default_rng(5).normal(0, 1, getattr(of, what).shape))
    return replace(of, **{what: getattr(of, what) + step * direction})


PARAMETERS = ["mode0", "mode3", "smile", "translation", "focal_px", "texture", "light"]


def loss(picture, wanted):
    return ((picture - wanted) ** 2).sum()


@pytest.fixture(scope="module")
def drawn():
    """A scene, its fragments, its picture, and another picture to compare with."""
    of = scene()
    seen, triangle = fragments(of)
    renderer = FixedFragmentRenderer(TRIANGLES, CHART)
    return of, seen, triangle, renderer, renderer.render(of, triangle)


def test_a_picture_is_texture_times_light_at_the_fragments(drawn):
    of, seen, triangle, renderer, picture = drawn
    row, column = np.nonzero(seen.triangle >= 0)
    corners = TRIANGLES[triangle[row, column]]
    weights = renderer.weights(of, corners, torch.from_numpy(row), torch.from_numpy(column))
    # Where a centre lies a rounding error outside its triangle the rasteriser clips.
    assert np.abs(weights.numpy() - seen.barycentric[row, column]).max() < 1e-3
    assert (picture[triangle < 0] == 0).all()
    normal = torch.nn.functional.normalize(torch.randn(5, 3, dtype=torch.float64), dim=1)
    assert np.allclose(harmonics(normal).numpy(), harmonics_of_numpy(normal.numpy()))
    plain = replace(of, light=torch.cat([torch.ones(1, 3), torch.zeros(8, 3)]).double())
    lit = renderer.render(plain, triangle)[row, column].numpy()
    place = (weights[..., None] * CHART[corners]).sum(1).numpy()
    texel = np.clip(place * 32 - 0.5, 0, 31)
    nearest = of.texture.numpy()[:, np.round(texel[:, 1]).astype(int), np.round(texel[:, 0]).astype(int)].T
    assert np.abs(lit - nearest).max() < 0.1


@pytest.mark.parametrize("what", PARAMETERS)
def test_gradients_are_those_of_finite_differences(drawn, what):
    of, _, triangle, renderer, picture = drawn
    step = torch.zeros((), dtype=torch.float64, requires_grad=True)
    wanted = picture.detach() * 0.8 + 0.02
    loss(renderer.render(moved(of, what, step), triangle), wanted).backward()
    h = 1e-4
    ends = [float(loss(renderer.render(moved(of, what, s), triangle), wanted)) for s in (-h, h)]
    assert step.grad.item() == pytest.approx((ends[1] - ends[0]) / (2 * h), rel=2e-3, abs=1e-4)


def test_gradients_hold_when_fragments_are_found_anew(drawn):
    # A loss that edges do not enter: only pixels deep inside the head count.
    of, _, triangle, renderer, picture = drawn
    inner = torch.zeros(triangle.shape, dtype=torch.bool)
    inner[25:55, 24:48] = True
    wanted = picture.detach().roll(2, dims=1)

    def inner_loss(at: Scene, shown) -> torch.Tensor:
        return (((renderer.render(at, shown) - wanted) ** 2).sum(dim=2) * inner).sum()

    ours, theirs = [], []
    for what in PARAMETERS:
        step = torch.zeros((), dtype=torch.float64, requires_grad=True)
        inner_loss(moved(of, what, step), triangle).backward()
        ours.append(step.grad.item())
        h = 0.02 if what in ("mode0", "mode3", "smile", "translation", "focal_px") else 1e-3
        ends = [float(inner_loss(m, fragments(m)[1])) for m in (moved(of, what, -h), moved(of, what, h))]
        theirs.append((ends[1] - ends[0]) / (2 * h))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.95
    assert (np.sign(ours) == np.sign(theirs)).mean() > 0.8


@pytest.mark.skipif(not has_pytorch3d(), reason="pytorch3d is not installed")
def test_pytorch3d_draws_the_same_with_the_same_gradients(drawn):
    of, _, triangle, _, picture = drawn
    floats = Scene(*(getattr(of, name).float() for name in of.__dataclass_fields__))
    theirs = PyTorch3DRenderer(TRIANGLES, CHART.float()).render(floats, triangle)
    shown = (theirs != 0).any(dim=2)
    assert shown.sum() > 0.95 * (triangle >= 0).sum()
    assert (theirs - picture.float())[shown].abs().max() < 0.02


@pytest.mark.skipif(has_pytorch3d(), reason="pytorch3d is installed")
def test_without_pytorch3d_it_is_said_what_does_the_same():
    with pytest.raises(ImportError, match="FixedFragmentRenderer"):
        PyTorch3DRenderer(TRIANGLES, CHART)
