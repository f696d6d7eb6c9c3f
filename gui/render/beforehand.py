"""What pictures need and no context makes, made on a thread while others work: each is kept where it comes from."""

from __future__ import annotations

from threading import Thread

from rhytid.core.document.state import DocumentState
from rhytid.core.maps.complexion_map import usual_colors
from rhytid.core.maps.eye_color import IRIS_COLOR, iris_picture, sclera_picture
from rhytid.gui.render.environment import environments
from rhytid.gui.render.renderer import ALBEDO_RESOLUTION


def begin() -> Thread:
    """The thread that makes what the first picture needs, running; who waits for it finds all of it there."""
    thread = Thread(target=_make, name="first picture")  # never killed in mid-work by an early end
    thread.start()
    return thread


def go_on() -> None:
    """Make what the first picture at rest needs, which would hold a hand up for half a second."""
    Thread(target=_make_for_rest, name="first rest").start()


def _make() -> None:
    usual_colors(ALBEDO_RESOLUTION)
    iris_picture(IRIS_COLOR)
    sclera_picture()
    chosen = environments().get(DocumentState().lighting.environment)
    if chosen is not None:
        _ = chosen.levels  # kept with the environment


def _make_for_rest() -> None:
    from rhytid.core.head.load import default_head
    from rhytid.core.head.rest_plane import rest_plane
    from rhytid.core.maps.skin_tile import skin_tile

    skin_tile()
    rest_plane(default_head())
