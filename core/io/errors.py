"""What goes wrong with files of maps and meshes. Messages name the file and the remedy."""

from __future__ import annotations


class MapError(ValueError):
    """A file that cannot be read as a displacement map, or a map that cannot be written."""


class MeshError(ValueError):
    """A file that cannot be read as a mesh."""


class ExportError(OSError):
    """An export that could not be completed; nothing of it was left in the target folder."""
