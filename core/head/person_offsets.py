"""What a photo's person has beyond the modes of a head, on that head as it is today."""

from __future__ import annotations

from rhytid.core.head.head import Float32, Head

# Vertices of the default heads of before, skin and all: their skin is today's, their other parts were made anew.
_FORMER_DEFAULT_HEADS = {(16550, 23477)}


def rows_on(offsets: Float32, head: Head) -> Float32 | None:
    """Offsets of the first vertices of a head: all that are given, or those of the skin; None if of another head.

    Parameters
    ----------
    offsets : float32 (n, 3)
        mm.
    """
    if len(offsets) == len(head.neutral):
        return offsets
    return offsets[: head.n_skin] if (head.n_skin, len(offsets)) in _FORMER_DEFAULT_HEADS else None


def moved(vertices: Float32, offsets: Float32 | None, head: Head) -> Float32:
    """Vertices (V, 3) of a head with a person's offsets (n, 3), those of another head left out."""
    rows = None if offsets is None else rows_on(offsets, head)
    if rows is None:
        return vertices
    result = vertices.copy()
    result[: len(rows)] += rows
    return result
