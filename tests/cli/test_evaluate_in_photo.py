"""The rows of edits in photos beat the photo kept, and touch nothing else."""

from __future__ import annotations

from rhytid.core.head.load import default_head
from rhytid.core.photo.photo_face import PhotoTools
from rhytid.gui.cli.evaluate_in_photo import in_photo_figures
from rhytid.gui.cli.evaluate_photo import GOALS
from rhytid.gui.render.offscreen import standalone_context


def test_edits_come_nearer_to_the_true_picture_than_the_photo():
    with standalone_context() as ctx:
        figures = in_photo_figures(PhotoTools(default_head()), ctx, 1)
    assert set(figures) <= set(GOALS)
    for name in ("in the photo, lines and age, dB", "in the photo, expression, dB"):
        assert figures[name]["found"] > figures[name]["baseline"] + 1
    assert figures["in the photo, unedited pixels changed"]["found"] == 0
