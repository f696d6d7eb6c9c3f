"""How fine a displaced mesh is: by its edges or by the faces that its file holds."""

from __future__ import annotations

from rhytid.core.head.head import Float32, Head, Part
from rhytid.core.head.subdivide import (
    MAX_FACES,
    levels_for_count,
    levels_for_edge,
    n_faces_after,
    surface_faces,
)
from rhytid.core.io.export_options import ExportOptions

# The density at which the mesh shows what the viewport shows of a map of 1024 texels.
DEFAULT_EDGE_MM = 0.3


def chosen_levels(head: Head, vertices: Float32, options: ExportOptions) -> int:
    """Catmull-Clark levels that the options ask for.

    Raises
    ------
    ValueError
        The face count is below what the head has without subdivision, or beyond `MAX_FACES`.
    """
    if options.target_edge_mm is None and options.face_count is not None:
        least, most = face_count_limits(head, options.mesh_format)
        kind = options.mesh_format.upper()
        if options.face_count < least:
            raise ValueError(
                f"{options.face_count} faces are too few: the displaced mesh of this head has {counted(least)} "
                f"faces at least ({least}) as {kind}"
            )
        if options.face_count > MAX_FACES:
            raise ValueError(
                f"{options.face_count} faces are more than programs open ({counted(MAX_FACES)}); the most that the "
                f"displaced mesh of this head can have is {counted(most)} ({most}) as {kind}"
            )
        return _levels_within(head, options.face_count, options.mesh_format)
    if options.target_edge_mm is None and options.levels is not None:
        return options.levels
    # Measured on the face: scalp and neck are coarser and carry no detail.
    skin = head.faces[head.parts == Part.SKIN]
    detailed = (head.detail_weight[skin[:, :3]] > 0.5).all(axis=1)
    wanted = levels_for_edge(vertices, skin[detailed] if detailed.any() else skin, _edge_mm(options))
    return min(wanted, most_levels(head))


def most_levels(head: Head) -> int:
    """Most Catmull-Clark levels that a displaced mesh of a head can have."""
    return levels_for_count(head.faces[surface_faces(head)], 1 << 62)


def faces_in_file(head: Head, levels: int, mesh_format: str) -> int:
    """Faces that a file of the displaced mesh holds: quads count as one in OBJ and USD."""
    on_surface = surface_faces(head)
    is_quad = head.faces[:, 3] >= 0
    n_faces = n_faces_after(head.faces[on_surface], levels) + int((~on_surface).sum())
    n_triangles = int((~is_quad & ~on_surface).sum()) + (int((~is_quad & on_surface).sum()) if levels == 0 else 0)
    as_they_are = mesh_format in ("obj", "usdc", "usdz") or (mesh_format == "ply" and not n_triangles)
    return n_faces if as_they_are else 2 * n_faces - n_triangles


def face_count_limits(head: Head, mesh_format: str = "obj") -> tuple[int, int]:
    """Fewest and most faces that a file of the displaced mesh of a head can hold, as `faces_in_file` counts them."""
    most = faces_in_file(head, _levels_within(head, MAX_FACES, mesh_format), mesh_format)
    return faces_in_file(head, 0, mesh_format), most


def _levels_within(head: Head, face_count: int, mesh_format: str) -> int:
    """Most levels with at most that many faces in the file."""
    levels = most_levels(head)
    while levels and faces_in_file(head, levels, mesh_format) > face_count:
        levels -= 1
    return levels


def counted(number: int) -> str:
    """A large number in words, as messages and dialogs say it."""
    return f"{number / 1e6:.1f} million" if number >= 1_000_000 else f"{number / 1e3:.0f} thousand"


def _edge_mm(options: ExportOptions) -> float:
    return DEFAULT_EDGE_MM if options.target_edge_mm is None else options.target_edge_mm
