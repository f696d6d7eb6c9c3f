"""Marks on the sliders that have keys, and "Set key", "Remove key" in their menus."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.controllers.timeline import Timeline
from rhytid.gui.widgets.slider_face import KeyMark
from rhytid.gui.widgets.slider_row import SliderRow


class SliderKeys(QObject):
    """Follows the clip in all panels that were made.

    Parameters
    ----------
    timeline : Timeline
    """

    def __init__(self, timeline: Timeline, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._rows: list[SliderRow] = []
        timeline.document.state_changed.connect(self._follow)

    def add(self, panel: QWidget) -> None:
        """A panel was made: its rows that can have keys are marked from now on."""
        rows = [row for row in panel.findChildren(SliderRow) if row.channels]
        for row in rows:
            row.menu_opening.connect(partial(self._fill, row))
            row.set_key_mark(self._mark_of(row))
        self._rows += rows

    def channels_under(self, place: QPoint) -> tuple[str, ...]:
        """What the slider at a point of the screen sets; nothing where there is none that can have keys."""
        widget: QWidget | None = QApplication.widgetAt(place)
        while widget is not None and not isinstance(widget, SliderRow):
            widget = widget.parentWidget()
        return widget.channels if isinstance(widget, SliderRow) else ()

    def _fill(self, row: SliderRow, menu: QMenu) -> None:
        timeline = self._timeline
        menu.addSeparator()
        menu.addAction(tr("Set key"), lambda: timeline.set_keys(timeline.names_of(row.channels)))
        remove = menu.addAction(tr("Remove key"), lambda: timeline.remove_keys_now(row.channels))
        remove.setEnabled(bool(timeline.keys_now(row.channels)))
        clear = menu.addAction(tr("Remove all its keys"), lambda: timeline.remove_tracks(row.channels))
        clear.setEnabled(any(name in timeline.document.state.clip.by_name for name in row.channels))

    def _follow(self, new: DocumentState, old: DocumentState) -> None:
        if new.clip.tracks is not old.clip.tracks or (new.clip.now_s != old.clip.now_s and not self._timeline.playing):
            self._show(self._rows)

    def _show(self, rows: Sequence[SliderRow]) -> None:
        for row in rows:
            row.set_key_mark(self._mark_of(row))

    def _mark_of(self, row: SliderRow) -> KeyMark:
        clip = self._timeline.document.state.clip
        if not any(name in clip.by_name for name in row.channels):
            return KeyMark.NONE
        return KeyMark.HERE if self._timeline.keys_now(row.channels) else KeyMark.ELSEWHERE
