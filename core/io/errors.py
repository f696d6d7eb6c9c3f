"""What goes wrong with files of maps and meshes. Messages name the file and the remedy."""

from __future__ import annotations

from rhytid.core.files.failures import WriteError


class MapError(ValueError):
    """A file that cannot be read as a displacement map, or a map that cannot be written."""


class ChoiceNeeded(MapError):
    """A map that can be read in several ways, of which none may be taken unasked.

    Attributes
    ----------
    question : str
        The field of `MapReading` that answers it: "channel", "normal_map", "no_data" or "crop".
    choices : tuple of str
        Answers.
    """

    def __init__(self, message: str, question: str, choices: tuple[str, ...]) -> None:
        super().__init__(message)
        self.question = question
        self.choices = choices


class MeshError(ValueError):
    """A file that cannot be read as a mesh."""


class ExportError(WriteError):
    """An export that could not be completed; the target folder is as it was."""


class MotionError(ValueError):
    """A file that cannot be read as a recording of expressions."""
