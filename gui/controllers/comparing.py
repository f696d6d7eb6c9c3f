"""Keeping A, dividing the view and swapping A and B, for menus and keys."""

from __future__ import annotations

from rhytid.core.document.commands import TakeFace
from rhytid.core.language import tr
from rhytid.gui.controllers.comparison import Kept
from rhytid.gui.controllers.session import EditorSession

NUDGE = 0.01


def present(session: EditorSession) -> Kept | None:
    """The face as it is now; None while its detail is still being computed."""
    latest = session.latest
    if latest is None or latest.maps is None or not latest.refined:
        return None
    if latest.generation != session.worker.last_generation:
        return None
    return Kept(session.document.state, latest.maps.displacement, session.skin_color.latest)


def keep_as_a(session: EditorSession) -> bool:
    """Keep the face as A and divide the view; False while its detail is still being computed."""
    kept = present(session)
    if kept is None:
        session.post(tr("Still computing the detail; keep it once the picture is fine"), "info")
        return False
    session.comparison.kept = kept
    session.comparison.split = True
    return True


def show_split(session: EditorSession, on: bool) -> None:
    """Divide the view or not; what there is becomes A when nothing was kept yet."""
    comparison = session.comparison
    if not on:
        comparison.split = False
    elif comparison.kept is not None:
        comparison.pinned = False
        comparison.split = True
    elif keep_as_a(session):
        session.post(tr("A is the face as it is now; go on working on B"))


def swap(session: EditorSession) -> None:
    """Make A the document, as one undo step, and what was the document A."""
    kept, now = session.comparison.kept, present(session)
    if kept is None:
        session.post(tr("Keep a face as A first"), "info")
    elif now is None:
        session.post(tr("Still computing the detail; swap once the picture is fine"), "info")
    else:
        session.document.execute(TakeFace(kept.state, tr("Swap A and B")))
        session.comparison.kept = now


def nudge(session: EditorSession, steps: float) -> None:
    """Move the divider by hundredths of the width."""
    session.comparison.move_divider(session.comparison.position + steps * NUDGE)
