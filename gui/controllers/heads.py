"""Heads of files and the colour that these have on the skin, opened in the background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rhytid.core.detail.engine import Control
from rhytid.core.document.commands import Batch, SetAlbedo, SetHead
from rhytid.core.document.state import HeadReference
from rhytid.core.head.head import Head
from rhytid.core.head.pins import HeadPin
from rhytid.core.language import tr
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.gui.controllers.detail_scheduler import CoreBackend
from rhytid.gui.controllers.session import EditorSession

if TYPE_CHECKING:
    from rhytid.core.io.albedo_reading import ReadAlbedo
    from rhytid.core.io.layout_bake import OwnLayout


def open_head(session: EditorSession, path: Path, pins: tuple[HeadPin, ...] | None = None) -> None:
    """Have the head of a file or folder, registered by pins where some are given, by those of its file otherwise.

    It comes with the colour that its file has on the skin, in the same undo step: not where a photo gave the face its
    colour, nor where the same head is opened again after its colour was taken away.
    """
    from rhytid.core.head.fit.residual import residual_words
    from rhytid.core.head.load import load_head

    state = session.document.state
    is_worn = state.albedo is not None and state.albedo.head == state.head.digest
    with_color = state.photo is None and (is_worn or state.head.path != str(path))

    def work(control: Control) -> tuple[Head, AlbedoMap | None]:
        from rhytid.core.io.own_color import own_albedo

        head = load_head(path, control.part(0.0, 0.8), pins=pins, keep=True)
        return head, own_albedo(head, state.age, control.part(0.8, 1.0)) if with_color else None

    def done(opened: tuple[Head, AlbedoMap | None]) -> None:
        head, albedo = opened
        reference = HeadReference(str(path), head.digest, pins)
        if isinstance(session.worker.backend, CoreBackend):
            session.worker.backend.adopt(HeadReference(str(path), pins=pins), head)
        change = SetHead(reference)
        session.execute(change if albedo is None else Batch((change, SetAlbedo(albedo)), change.label))
        # What was done to somebody's head stays in sight for longer.
        told = [tr("Head: {0}", head.name), *head.notes, residual_words(head)]
        session.post("; ".join(filter(None, told)), "warning" if head.notes else "info")

    session.jobs.start(tr("Open head {0}", path.name), work, done)


def take_own_color(session: EditorSession, head: Head) -> None:
    """Have the colour that the file of the document's head has on the skin."""
    age = session.document.state.age

    def work(control: Control) -> AlbedoMap | None:
        from rhytid.core.io.own_color import own_albedo

        return own_albedo(head, age, control)

    def done(albedo: AlbedoMap | None) -> None:
        if albedo is None:
            session.post(tr("The file of this head has no picture of its skin that can be read"), "warning")
        elif session.document.state.head.digest in ("", head.digest):
            session.execute(SetAlbedo(albedo))

    session.jobs.start(tr("Skin colour of {0}", head.name), work, done)


def import_color(session: EditorSession, path: Path, layout: OwnLayout | None, tile: int | None) -> None:
    """Have the skin colour of a picture, in a head's own layout or in the chart."""
    age = session.document.state.age

    def work(control: Control) -> ReadAlbedo:
        from rhytid.core.io.albedo_reading import read_albedo_in

        return read_albedo_in(path, layout, tile, age, control)

    def done(found: ReadAlbedo) -> None:
        session.execute(SetAlbedo(found.albedo))
        told = "; ".join((tr("Skin colour of {0}", path.name), *found.warnings))
        session.post(told, "warning" if found.warnings else "info")

    session.jobs.start(tr("Import {name}", name=path.name), work, done)
