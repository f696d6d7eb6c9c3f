"""The chart of the default head: a map of the whole skin to the plane that keeps shape where detail lives.

Minimises the symmetric Dirichlet energy, weighted by region, with landmarks held by springs, by SLIM
(Rabinovich et al., "Scalable Locally Injective Mappings", 2017, section 3): every step solves a weighted
least-squares problem and a line search stops short of the first triangle that would flip. The start is
Tutte's embedding with the eye and mouth openings filled and the neck's rim on a circle, which has no flips.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import splu

Float64 = npt.NDArray[np.float64]
Triangles = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Springs:
    """Points of the skin that are drawn to places of the chart.

    Attributes
    ----------
    rows : sparse (P, V)
        Points as combinations of vertices.
    target : float (P, 2)
    weight : float (P,)
    """

    rows: sparse.csr_matrix
    target: Float64
    weight: Float64


def tutte(vertices: Float64, triangles: Triangles, loops: list[list[int]], outer: int, angle: Float64) -> Float64:
    """Flip-free start: loop number `outer` on the unit circle, the other loops filled by a point in their middle.

    `angle` are the places of the outer loop's vertices on the circle, in radians and in order.
    """
    n_vertices = len(vertices)
    fans = [np.array([[b, a, n_vertices + k] for a, b in zip(loop, loop[1:] + loop[:1], strict=True)])
            for k, loop in enumerate(loop for i, loop in enumerate(loops) if i != outer)]  # fmt: skip
    all_triangles = np.concatenate([triangles, *fans]) if fans else np.asarray(triangles)
    n = n_vertices + len(fans)
    sides = np.concatenate([all_triangles[:, [0, 1]], all_triangles[:, [1, 2]], all_triangles[:, [2, 0]]])
    adjacency = sparse.csr_matrix((np.ones(len(sides)), (sides[:, 0], sides[:, 1])), (n, n))
    adjacency = (adjacency + adjacency.T).tocoo()
    # Any positive weights give an embedding; inverse lengths keep small triangles from vanishing in rounding.
    placed = np.concatenate([vertices, *[vertices[t[:, 0]].mean(axis=0, keepdims=True) for t in fans]])
    length = np.linalg.norm(placed[adjacency.row] - placed[adjacency.col], axis=1)
    adjacency = sparse.csr_matrix((1 / length, (adjacency.row, adjacency.col)), (n, n))
    laplacian = sparse.diags(np.asarray(adjacency.sum(axis=1)).ravel()) - adjacency
    rim = np.array(loops[outer])
    position = np.zeros((n, 2))
    position[rim] = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    free = np.setdiff1d(np.arange(n), rim)
    position[free] = splu(laplacian[free][:, free].tocsc()).solve(-(laplacian @ position)[free])
    return position[:n_vertices]


class Flattening:
    """Energy of a planar map of a triangle mesh and its minimisation.

    Parameters
    ----------
    vertices : float (V, 3)
        Divided by the length that should be 1 in the plane.
    triangles : int (T, 3)
        Positive orientation in the plane is that of a counter-clockwise triangle seen with y up.
    weight : float (T,)
        Importance of each triangle, times its area.
    """

    def __init__(self, vertices: Float64, triangles: Triangles, weight: Float64) -> None:
        self.triangles = np.asarray(triangles)
        self.n_vertices = len(vertices)
        corner = vertices[self.triangles]
        edge1, edge2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
        length = np.linalg.norm(edge1, axis=1)
        axis_x = edge1 / length[:, None]
        along = (edge2 * axis_x).sum(axis=1)
        height = np.linalg.norm(edge2 - along[:, None] * axis_x, axis=1)
        self.area = length * height / 2
        self.weight = weight * self.area
        # Rows of the inverse of the triangle's own frame [[length, along], [0, height]].
        zero = np.zeros(len(length))
        inverse = np.stack([1 / length, -along / (length * height), zero, 1 / height], axis=1).reshape(-1, 2, 2)
        self._gradient = np.stack([-inverse.sum(axis=1), inverse[:, 0], inverse[:, 1]], axis=1)
        n = len(self.triangles)
        rows = np.repeat(np.arange(n), 3)
        self._d = [
            sparse.csr_matrix((self._gradient[:, :, k].ravel(), (rows, self.triangles.ravel())), (n, self.n_vertices))
            for k in range(2)
        ]

    def jacobian(self, position: Float64) -> Float64:
        """(T, 2, 2): derivative of the plane's coordinates (first axis) along the triangle's (second)."""
        return np.stack([self._d[k] @ position for k in range(2)], axis=2)

    def energy(self, position: Float64, springs: Springs) -> float:
        """Symmetric Dirichlet energy plus the springs'; infinite when a triangle is flipped."""
        jacobian = self.jacobian(position)
        determinant = np.linalg.det(jacobian)
        if (determinant <= 0).any():
            return float("inf")
        square = (jacobian**2).sum(axis=(1, 2))
        dirichlet = (self.weight * (square + square / determinant**2)).sum()
        pull = (springs.weight * ((springs.rows @ position - springs.target) ** 2).sum(axis=1)).sum()
        return float(dirichlet + pull)

    def minimise(
        self,
        position: Float64,
        springs: Springs,
        n_steps: int,
        on_step: Callable[[int, float], None] | None = None,
    ) -> Float64:
        """Lower the energy from a flip-free start; stays flip-free."""
        energy = self.energy(position, springs)
        if not np.isfinite(energy):
            raise ValueError("the start has flipped triangles")
        for step in range(n_steps):
            target = self._global_step(position, springs)
            direction = target - position
            share = min(0.8 * self._first_flip(position, direction), 1.0)
            improved = False
            for _ in range(30):
                tried = position + share * direction
                tried_energy = self.energy(tried, springs)
                if tried_energy < energy:
                    improved = True
                    break
                share *= 0.6
            if not improved:
                break
            drop = (energy - tried_energy) / energy
            position, energy = tried, tried_energy
            if on_step is not None:
                on_step(step, energy)
            if drop < 1e-6:
                break
        return position

    def _global_step(self, position: Float64, springs: Springs) -> Float64:
        """Weighted least squares towards each triangle's rotation (eq. 10 and table 1 of the paper)."""
        jacobian = self.jacobian(position)
        u, sigma, vt = np.linalg.svd(jacobian)
        sign = np.where(np.linalg.det(u @ vt) < 0, -1.0, 1.0)
        rotation = u @ vt
        flipped = sign < 0
        if flipped.any():
            u[flipped, :, 1] *= -1
            rotation = u @ vt
        slope = 2 * (sigma - sigma**-3)
        gap = sigma - 1
        factor = np.sqrt(np.where(np.abs(gap) < 1e-8, 4.0, slope / np.where(np.abs(gap) < 1e-8, 1, gap) / 2))
        shape = np.einsum("tik,tk,tjk->tij", u, factor, u)
        root = np.sqrt(self.weight)[:, None, None] * shape
        wanted = root @ rotation
        n = self.n_vertices
        # Unknowns: x of all vertices, then y.
        blocks = []
        loads = []
        for i in range(2):
            for k in range(2):
                blocks.append(
                    sparse.hstack([sparse.diags(root[:, i, 0]) @ self._d[k], sparse.diags(root[:, i, 1]) @ self._d[k]])
                )
                loads.append(wanted[:, i, k])
        system = sparse.vstack(blocks).tocsr()
        normal = system.T @ system
        load = system.T @ np.concatenate(loads)
        pull = springs.rows.T @ sparse.diags(springs.weight)
        stiff = pull @ springs.rows
        normal = normal + sparse.block_diag([stiff, stiff]) + 1e-9 * sparse.identity(2 * n)
        load += (pull @ springs.target).T.ravel() + 1e-9 * position.T.ravel()
        solution = splu(normal.tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}).solve(load)
        return solution.reshape(2, n).T

    def _first_flip(self, position: Float64, direction: Float64) -> float:
        """Step at which the first triangle loses its area (Smith and Schaefer 2015, section 3.3)."""
        p, d = position[self.triangles], direction[self.triangles]
        p1, p2 = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
        d1, d2 = d[:, 1] - d[:, 0], d[:, 2] - d[:, 0]
        c = p1[:, 0] * p2[:, 1] - p1[:, 1] * p2[:, 0]
        b = p1[:, 0] * d2[:, 1] - p1[:, 1] * d2[:, 0] + d1[:, 0] * p2[:, 1] - d1[:, 1] * p2[:, 0]
        a = d1[:, 0] * d2[:, 1] - d1[:, 1] * d2[:, 0]
        root = np.sqrt(np.maximum(b**2 - 4 * a * c, 0))
        real = b**2 - 4 * a * c >= 0
        with np.errstate(divide="ignore", invalid="ignore"):
            q = -0.5 * (b + np.where(b >= 0, 1, -1) * root)
            roots = np.stack([q / a, c / q], axis=1)
        roots[~real] = np.inf
        roots[~np.isfinite(roots) | (roots <= 0)] = np.inf
        return float(roots.min())
