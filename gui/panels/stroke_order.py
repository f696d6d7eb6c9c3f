"""Where strokes go that are dragged in the list."""

from __future__ import annotations

from collections.abc import Sequence

from rhytid.core.document.commands import Batch, Command, MoveToLayer, ReorderStrokes
from rhytid.core.lines.stroke import Stroke


def dropped(
    strokes: Sequence[Stroke], ids: tuple[str, ...], layer_id: str, below: Sequence[Stroke]
) -> Command | None:
    """The command that puts strokes into a layer, in front of those of its strokes that lie `below` the gap.

    Parameters
    ----------
    strokes : sequence of Stroke
        All of the document.
    ids : tuple of str
        Those that were dragged.
    layer_id : str
        "" for no layer.

    Returns
    -------
    Command or None
        None when nothing was dragged.
    """
    if not ids:
        return None
    moved = set(ids)
    rest = [stroke for stroke in strokes if stroke.id not in moved]
    place = {stroke.id: number for number, stroke in enumerate(rest)}
    following = next((place[stroke.id] for stroke in below if stroke.id in place), None)
    if following is None:
        inside = [number for number, stroke in enumerate(rest) if stroke.layer == layer_id]
        following = inside[-1] + 1 if inside else len(rest)
    order = ReorderStrokes(ids, following)
    if all(stroke.layer == layer_id for stroke in strokes if stroke.id in moved):
        return order
    move = MoveToLayer(ids, layer_id)
    return Batch((move, order), move.label)
