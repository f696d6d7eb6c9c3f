"""What goes wrong with files of maps and meshes. Messages name the file and the remedy."""

from __future__ import annotations

from rhytid.core.files.failures import WriteError


class MapError(ValueError):
    """A file that cannot be read as a displacement map, or a map that cannot be written."""


class MeshError(ValueError):
    """A file that cannot be read as a mesh."""


class ExportError(WriteError):
    """An export that could not be completed; the target folder is as it was."""
