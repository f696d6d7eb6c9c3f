"""Keeping A, dividing the view and swapping A and B, for menus and keys."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import VIEWPORT
from rhytid.core.document.commands import TakeFace
from rhytid.core.face.resolve import resolve_pose
from rhytid.core.head.head import Head
from rhytid.core.language import tr
from rhytid.gui.controllers.comparison import Kept
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.render.colormaps import NICE_RANGES, nice_range

Float32 = npt.NDArray[np.float32]
NUDGE = 0.01


def present(session: EditorSession) -> Kept | None:
    """The face as it is now; None while its detail is still being computed."""
    latest = session.latest
    if latest is None or latest.maps is None or not latest.refined:
        return None
    if latest.generation != session.worker.last_generation:
        return None
    pose = session.skin_brushes.pose
    if pose is None:
        return None
    return Kept(session.document.state, latest.maps.displacement, session.skin_color.latest, pose)


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


def difference_mm(kept: Float32, now: Float32) -> Float32:
    """Relief of B less that of A at the resolution of B's map, float32 (H, H) in mm; positive where B is higher."""
    side = now.shape[0]
    if kept.shape[0] != side:
        way = cv2.INTER_AREA if kept.shape[0] > side else cv2.INTER_LINEAR
        kept = np.asarray(cv2.resize(kept, (side, side), interpolation=way), np.float32)
    difference: Float32 = now - kept
    return difference


def show_difference(session: EditorSession, on: bool) -> None:
    """Show how B differs from A in false colours, or no more; what there is becomes A when nothing was kept yet.

    The colours span what differs now; `widen_difference` changes it.
    """
    comparison, latest = session.comparison, session.latest
    if on and comparison.kept is None and not keep_as_a(session):
        return
    kept = comparison.kept
    if on and kept is not None and latest is not None and latest.maps is not None:
        comparison.pinned = False
        difference = difference_mm(kept.displacement, latest.maps.displacement)
        comparison.difference_um = 1000 * nice_range(difference[difference != 0.0])
    comparison.difference = on


def widen_difference(session: EditorSession, steps: int) -> None:
    """Let the colours of the difference span more, or less."""
    ranges = [1000 * one for one in NICE_RANGES]
    at = min(range(len(ranges)), key=lambda k: abs(ranges[k] - session.comparison.difference_um))
    session.comparison.difference_um = ranges[min(max(at + steps, 0), len(ranges) - 1)]


def keep_step(session: EditorSession, index: int, head: Head) -> None:
    """Keep a step of the history as A: its detail is computed in the background."""
    state, label = session.document.state_at(index), session.document.labels[index]
    side = session.preferences.max_resolution  # that of B, so that what is alike differs nowhere

    def work(control: Control) -> Kept:
        from rhytid.core.face.detail_maker import DetailMaker
        from rhytid.core.face.skin_color import skin_colors

        maps = DetailMaker(session.engines).maps(state, head, side, cancel=control.cancel)
        colors = skin_colors(state, VIEWPORT, session.engines.cache, strands=True)
        return Kept(state, maps.displacement, colors, resolve_pose(state, head))

    def done(kept: Kept) -> None:
        session.comparison.kept = kept
        if session.comparison.difference:
            show_difference(session, True)
        else:
            session.comparison.split = True
        session.post(tr("A is the face after: {0}", label))

    session.jobs.start(tr("Keep {0} as A", label), work, done)


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
