"""A renderer with gradients, for training and for those who fit with torch: what a mesh looks like at fixed fragments.

Which triangle a pixel shows is found without gradients (`core.photo.rasteriser`) and held fixed; where on it, its
normal, its place in the chart, its colour and its light are functions of vertices, camera, texture and light with
gradients through all of them. Edges have none: landmarks and contours steer those.

Two implementations of `DifferentiableRenderer` give the same pictures: `FixedFragmentRenderer` is torch alone;
`PyTorch3DRenderer` interpolates with pytorch3d where that is installed.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor


@dataclass(frozen=True)
class Scene:
    """What is drawn. Every tensor may ask for gradients.

    Attributes
    ----------
    vertices : (V, 3)
        mm, head space.
    rotation, translation : (3, 3), (3,)
        To camera space (x right, y down, z forward), mm.
    focal_px, centre : (), (2,)
        px.
    texture : (3, R, R)
        Linear colour in the chart, row 0 on top.
    light : (9, 3)
        Shading by the polynomials 1, y, z, x, xy, yz, 3zz - 1, xz, xx - yy of the normal in head space.
    """

    vertices: Tensor
    rotation: Tensor
    translation: Tensor
    focal_px: Tensor
    centre: Tensor
    texture: Tensor
    light: Tensor

    @property
    def vertices_cam(self) -> Tensor:
        """Vertices in camera space."""
        return self.vertices @ self.rotation.T + self.translation


class DifferentiableRenderer(Protocol):
    """Draws a mesh; made for one topology and one chart."""

    def render(self, scene: Scene, triangle: Tensor) -> Tensor:
        """Linear colour (H, W, 3) where `triangle`, int64 (H, W), names one, and 0 where it is -1."""
        ...


class FixedFragmentRenderer:
    """The renderer in torch alone: barycentric coordinates are the ray's through each pixel, computed anew.

    Parameters
    ----------
    triangles : int64 (T, 3)
    chart : float (V, 2)
        Coordinates of all vertices; those without any at 0.
    """

    def __init__(self, triangles: Tensor, chart: Tensor) -> None:
        self._triangles = triangles
        self._chart = chart

    def render(self, scene: Scene, triangle: Tensor) -> Tensor:
        """As `DifferentiableRenderer.render`."""
        row, column = torch.nonzero(triangle >= 0, as_tuple=True)
        corners = self._triangles[triangle[row, column]]
        weights = self.weights(scene, corners, row, column)
        colour = _shaded(scene, corners, weights, self._triangles, self._chart)
        picture = colour.new_zeros((*triangle.shape, 3))
        return picture.index_put((row, column), colour)

    def weights(self, scene: Scene, corners: Tensor, row: Tensor, column: Tensor) -> Tensor:
        """Barycentric coordinates (N, 3) where the rays through pixels meet their triangles (N, 3)."""
        a, b, c = scene.vertices_cam[corners].unbind(1)
        x = (column.to(a.dtype) + 0.5 - scene.centre[0]) / scene.focal_px
        y = (row.to(a.dtype) + 0.5 - scene.centre[1]) / scene.focal_px
        ray = torch.stack([x, y, torch.ones_like(x)], dim=1)
        # Volumes of the tetrahedra between the ray and the edges.
        volumes = torch.stack([_dot(ray, torch.linalg.cross(p, q)) for p, q in ((b, c), (c, a), (a, b))], dim=1)
        return volumes / volumes.sum(dim=1, keepdim=True)


class PyTorch3DRenderer(FixedFragmentRenderer):
    """The same by pytorch3d's rasteriser, whose barycentric coordinates carry gradients to the vertices.

    The fragments that are handed in say what to draw; what pytorch3d finds itself at their edges is left out.
    """

    def __init__(self, triangles: Tensor, chart: Tensor) -> None:
        super().__init__(triangles, chart)
        if not has_pytorch3d():
            raise ImportError("pytorch3d is not installed; FixedFragmentRenderer draws the same without it")

    def render(self, scene: Scene, triangle: Tensor) -> Tensor:
        """As `DifferentiableRenderer.render`."""
        rasterize: Any = importlib.import_module("pytorch3d.renderer.mesh.rasterize_meshes").rasterize_meshes
        meshes: Any = importlib.import_module("pytorch3d.structures").Meshes
        height, width = triangle.shape
        points = scene.vertices_cam
        # Normalised coordinates of pytorch3d: +x left, +y up, the shorter side from -1 to 1.
        half = min(height, width) / 2
        x = -(scene.focal_px * points[:, 0] / points[:, 2] + scene.centre[0] - width / 2) / half
        y = -(scene.focal_px * points[:, 1] / points[:, 2] + scene.centre[1] - height / 2) / half
        screen = torch.stack([x, y, points[:, 2]], dim=1)
        found, _, weights, _ = rasterize(
            meshes([screen], [self._triangles]), (height, width), faces_per_pixel=1, perspective_correct=True
        )
        same = (found[0, ..., 0] == triangle) & (triangle >= 0)
        row, column = torch.nonzero(same, as_tuple=True)
        corners = self._triangles[triangle[row, column]]
        colour = _shaded(scene, corners, weights[0, row, column, 0], self._triangles, self._chart)
        return colour.new_zeros((height, width, 3)).index_put((row, column), colour)


def has_pytorch3d() -> bool:
    """Whether pytorch3d is installed."""
    return importlib.util.find_spec("pytorch3d") is not None


def vertex_normals(vertices: Tensor, triangles: Tensor) -> Tensor:
    """Area-weighted unit normals, (V, 3)."""
    a, b, c = vertices[triangles].unbind(1)
    face = torch.linalg.cross(b - a, c - a)
    total = torch.zeros_like(vertices).index_add(0, triangles.reshape(-1), face.repeat_interleave(3, dim=0))
    return torch.nn.functional.normalize(total, dim=1, eps=1e-12)


def harmonics(normal: Tensor) -> Tensor:
    """Polynomials (N, 9) of unit normals (N, 3), as in `core.maps.harmonics`."""
    x, y, z = normal.unbind(1)
    return torch.stack([torch.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], dim=1)


def _shaded(scene: Scene, corners: Tensor, weights: Tensor, triangles: Tensor, chart: Tensor) -> Tensor:
    """Colour (N, 3) of points given by weights (N, 3) of corners (N, 3)."""
    normals = vertex_normals(scene.vertices, triangles)[corners]
    normal = torch.nn.functional.normalize((weights[..., None] * normals).sum(dim=1), dim=1, eps=1e-12)
    place = (weights[..., None] * chart[corners]).sum(dim=1)
    texel = torch.nn.functional.grid_sample(
        scene.texture[None], (2 * place - 1)[None, None], align_corners=False, padding_mode="border"
    )[0, :, 0].T
    return texel * (harmonics(normal) @ scene.light)


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(dim=1)
