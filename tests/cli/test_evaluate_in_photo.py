"""The rows of edits in photos beat the photo kept, and touch nothing else."""

from __future__ import annotations

from rhytid.core.head.load import default_head
from rhytid.core.photo.photo_face import PhotoTools
from rhytid.core.photo.rendered_photo import render_network
from rhytid.gui.cli.evaluate_in_photo import in_photo_figures
from rhytid.gui.cli.evaluate_photo import GOALS
from rhytid.gui.render.offscreen import standalone_context


def test_edits_come_nearer_to_the_true_picture_than_the_photo():
    with standalone_context() as ctx:
        figures = in_photo_figures(PhotoTools(default_head()), ctx, 1, render_network())
    assert set(figures) == {name for name in GOALS if name.startswith("in the photo")}
    for renderer in ("in the photo", "in the photo by network"):
        for row in ("lines and age, dB", "expression, dB"):
            figure = figures[f"{renderer}, {row}"]
            assert figure["found"] > figure["baseline"] + 1
        assert figures[f"{renderer}, unedited pixels changed"]["found"] == 0
        assert 0.3 < figures[f"{renderer}, obeys the relief"]["found"] <= 1


def test_without_a_network_there_are_no_rows_of_it():
    assert in_photo_figures(None, None, 0) == {}
