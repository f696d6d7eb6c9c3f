"""What goes wrong with files of heads."""

from __future__ import annotations


class HeadFileError(ValueError):
    """A file is not a head that can be used; the message names the file and what to do."""
