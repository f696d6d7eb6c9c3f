"""A head's mesh on the GPU: static topology and coordinates, positions that change."""

from __future__ import annotations

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head, Part
from rhytid.core.head.normals import VertexNormals, chart_tangents
from rhytid.gui.render.mouth_surface import MouthSurface, flesh_at_eyes
from rhytid.gui.render.surface import MeshTopology

Float32 = npt.NDArray[np.float32]


class MeshBuffers:
    """Vertex and index buffers of one head.

    Attributes
    ----------
    vertices, normals : float32 (V, 3)
        What was last uploaded, mm and unit.
    visibility : float32 (V,)
        Ambient visibility 0..1.
    """

    def __init__(self, ctx: moderngl.Context, head: Head, topology: MeshTopology) -> None:
        self._ctx = ctx
        self._head = head
        self.topology = topology
        n = len(head.neutral)
        part = topology.vertex_part
        coord = np.zeros((n, 4), np.float32)
        coord[:, :3] = head.neutral / 100.0
        coord[: head.n_skin, :2] = head.chart
        coord[: head.n_skin, 2] = head.detail_weight
        for row, eye in enumerate((Part.EYE_LEFT, Part.EYE_RIGHT)):
            index = np.flatnonzero(part == eye)
            direction = head.neutral[index] - head.eye_centers[row]
            coord[index, :3] = direction / np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
        coord[:, 3] = 1.0 + part
        self._mouth = MouthSurface(head, part)
        coord[self._mouth.vertices] = self._mouth.coordinates()
        flesh, place = flesh_at_eyes(head, part)
        coord[flesh] = place
        self._coord = ctx.buffer(coord.tobytes())
        # position, normal, dP/dx, dP/dy interleaved: one upload per shape
        self._frame = np.zeros((n, 12), np.float32)
        self._frame_buffer = ctx.buffer(reserve=self._frame.nbytes, dynamic=True)
        self._surface_buffer = ctx.buffer(reserve=n * 8, dynamic=True)
        self._triangle_buffer = ctx.buffer(topology.triangles.tobytes())
        self._edge_buffer = ctx.buffer(topology.edges.tobytes())
        self._arrays: list[moderngl.VertexArray] = []
        self.vertices = head.neutral
        self._normals = VertexNormals(topology.triangles, n)
        self.normals = self._normals.of(head.neutral)
        self._curvature = topology.curvature(head.neutral, self.normals)
        self.visibility = np.ones(n, np.float32)
        self._upload(head.neutral, self.normals)

    def set_shape(self, vertices: Float32) -> None:
        """Upload positions (V, 3) in mm with the normals, chart tangents and light in the mouth that follow."""
        self._upload(vertices, self._normals.of(vertices))

    def _upload(self, vertices: Float32, normals: Float32) -> None:
        self.vertices, self.normals = vertices, normals
        frame, n_skin = self._frame, self._head.n_skin
        frame[:, :3] = vertices
        frame[:, 3:6] = normals
        frame[:n_skin, 6:9], frame[:n_skin, 9:12] = chart_tangents(self._head, vertices)
        self._frame_buffer.write(frame)
        self.set_visibility(self.visibility)

    def set_visibility(self, visibility: Float32) -> None:
        """Upload ambient visibility (V,), 0..1; in the mouth it is what the lips let in."""
        visibility = visibility.copy()
        visibility[self._mouth.vertices] = self._mouth.visibility(self.vertices, self.normals)
        self.visibility = visibility
        self._surface_buffer.write(np.stack([visibility, self._curvature], axis=1).astype(np.float32))

    def full_array(self, program: moderngl.Program) -> moderngl.VertexArray:
        """Triangles with all attributes that `program` reads."""
        return self._array(program, self._triangle_buffer)

    def edge_array(self, program: moderngl.Program) -> moderngl.VertexArray:
        """Polygon edges, for `moderngl.LINES`."""
        return self._array(program, self._edge_buffer)

    def point_array(self, program: moderngl.Program) -> moderngl.VertexArray:
        """Vertices without an index, for `moderngl.POINTS`."""
        return self._array(program, None)

    def _array(self, program: moderngl.Program, index: moderngl.Buffer | None) -> moderngl.VertexArray:
        attributes = {name for name in program if isinstance(program[name], moderngl.Attribute)}

        def entry(buffer: moderngl.Buffer, names: tuple[str, ...], sizes: tuple[int, ...]) -> tuple[object, ...] | None:
            used = [name for name in names if name in attributes]
            if not used:
                return None
            layout = " ".join(
                f"{size}f" if name in attributes else f"{size * 4}x" for name, size in zip(names, sizes, strict=True)
            )
            return (buffer, layout, *used)

        content = [
            entry(self._frame_buffer, ("in_position", "in_normal", "in_tangent_x", "in_tangent_y"), (3, 3, 3, 3)),
            entry(self._coord, ("in_coord",), (4,)),
            entry(self._surface_buffer, ("in_surface",), (2,)),
        ]
        array = self._ctx.vertex_array(program, [item for item in content if item], index_buffer=index)
        self._arrays.append(array)
        return array

    def release(self) -> None:
        for array in self._arrays:
            array.release()
        for buffer in (
            self._coord, self._frame_buffer, self._surface_buffer, self._triangle_buffer, self._edge_buffer
        ):  # fmt: skip
            buffer.release()
        self._arrays.clear()
