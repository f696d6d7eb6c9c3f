"""The panel of the clip: transport, keys and tangents above, tracks beside their curves."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QHideEvent, QIcon, QKeyEvent, QKeySequence, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSplitter,
    QToolButton,
    QWidget,
)

from rhytid.core.animation.clip import FPS_MOST, LONGEST_S
from rhytid.core.animation.edit import KeyId, Side, moved, pasted
from rhytid.core.animation.track import Tangent
from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import (
    BendTangent,
    CommandError,
    MendTangents,
    MoveKeys,
    PasteKeys,
    RemoveKeys,
    SetClip,
    SetTangents,
)
from rhytid.core.document.limits import channel_range
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.controllers.timeline import Timeline
from rhytid.gui.panels.panel import Panel
from rhytid.gui.theme import icon
from rhytid.gui.timeline.curves import CurveView
from rhytid.gui.timeline.onsets import Onsets
from rhytid.gui.timeline.words import track_colour, track_title
from rhytid.gui.widgets.labels_and_buttons import tool_button

_TANGENTS = {
    Tangent.AUTO: tr("Smooth: level where the curve turns back, never beyond its keys"),
    Tangent.LINEAR: tr("Straight to the neighbours"),
    Tangent.FLAT: tr("Level at the key"),
    Tangent.STEP: tr("Holds until the next key"),
    Tangent.FREE: tr("By hand: drag the handles of a chosen key, with Alt one side alone"),
}
_TITLES = {Tangent.AUTO: tr("Smooth"), Tangent.LINEAR: tr("Straight"), Tangent.FLAT: tr("Level"),
           Tangent.STEP: tr("Hold"), Tangent.FREE: tr("By hand")}  # fmt: skip
_OWN_KEYS = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Paste, QKeySequence.StandardKey.Delete,
             QKeySequence.StandardKey.SelectAll)  # fmt: skip
_OWN_PLAIN = (Qt.Key.Key_A, Qt.Key.Key_F, Qt.Key.Key_Backspace, Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Right)


class TimelinePanel(Panel):
    """See the module.

    Parameters
    ----------
    timeline : Timeline
    engines : Engines
        Make the wrinkles whose onsets are marked.
    """

    def __init__(self, timeline: Timeline, engines: Engines, parent: QWidget | None = None) -> None:
        super().__init__(timeline.document, parent)
        self.timeline = timeline
        self.curves = CurveView()
        self.tracks = QListWidget()
        self.tracks.setAccessibleName(tr("Tracks"))
        self.tracks.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tracks.setStyleSheet("QListWidget { border: 0; border-radius: 0; }")
        self.tracks.itemSelectionChanged.connect(self._show_curves)
        self.empty = QLabel(tr("No keys yet. Move a slider and press the diamond, or bring in a recording."))
        self.empty.setProperty("role", "soft")
        self.empty.setWordWrap(True)
        self.empty.setContentsMargins(8, 6, 8, 6)
        self._stack.addLayout(self._transport())
        self._stack.addWidget(self.empty)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.addWidget(self.tracks)
        sides.addWidget(self.curves)
        sides.setStretchFactor(1, 1)
        sides.setSizes([170, 800])
        self._stack.addWidget(sides, 1)
        self.onsets = Onsets(self.document, engines, self)
        self.onsets.found.connect(self.curves.show_onsets)
        self.curves.scrubbed.connect(timeline.scrub)
        self.curves.chosen_changed.connect(self._show_chosen)
        self.curves.drag_moved.connect(self._drag)
        self.curves.bent.connect(self._bend)
        self.curves.menu_asked.connect(self._open_menu)
        self.curves.drag_ended.connect(lambda kept: timeline.commit() if kept else timeline.give_up())
        timeline.changed.connect(self._show_transport)
        self.setMinimumHeight(130)
        self.refresh(self.document.state, None)
        self._show_chosen()

    def sizeHint(self) -> QSize:
        return QSize(900, 210)

    # ---- building ------------------------------------------------------------------------------------

    def _transport(self) -> QHBoxLayout:
        timeline = self.timeline
        row = QHBoxLayout()
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(2)

        def button(icon_name: str, tip: str, act: object, *, checkable: bool = False) -> QToolButton:
            made = tool_button(icon_name, tip, checkable=checkable)
            made.clicked.connect(act)
            row.addWidget(made)
            return made

        self.previous_key = button("key_previous", tr("To the key before (,)"), lambda: timeline.step_key(-1))
        self.play = button("play", tr("Play or pause (Shift+Space)"), lambda: timeline.toggle())
        self.next_key = button("key_next", tr("To the next key (.)"), lambda: timeline.step_key(1))
        self.now = _seconds(tr("The playhead, in seconds"))
        self.now.valueChanged.connect(timeline.scrub)
        row.addWidget(self.now)
        self.frame = QLabel()
        self.frame.setProperty("role", "soft")
        self.frame.setMinimumWidth(54)
        row.addWidget(self.frame)
        row.addSpacing(8)
        whole = tr("Key the whole face: every expression that is not 0, and all that has keys (Ctrl+K). Over a slider "
                   "Ctrl+K keys that alone")  # fmt: skip
        self.set_key = button("key", whole, lambda: timeline.set_keys(timeline.names_of_pose()))
        self.auto_key = button("auto_key", tr("Keys set themselves: a changed slider gets a key at the playhead"),
                               lambda on: setattr(timeline, "auto_key", on), checkable=True)  # fmt: skip
        self.remove = button("trash", tr("Remove the chosen keys (Del)"), self._remove)
        row.addSpacing(8)
        self.tangents = {kind: button(f"tangent_{kind.value}", tip, partial(self._set_tangent, kind))
                         for kind, tip in _TANGENTS.items()}  # fmt: skip
        row.addStretch(1)
        self.loop = button("loop", tr("Begin again at the end"), lambda on: self._set(loop=on), checkable=True)
        self.fps = QDoubleSpinBox()
        self.fps.setRange(1.0, FPS_MOST)
        self.fps.setDecimals(3)
        self.fps.setSuffix(tr(" fps"))
        self.fps.setToolTip(tr("Frames a second: what keys snap to and what is played and exported"))
        self.fps.setAccessibleName(tr("Frames a second"))
        self.start, self.end = _seconds(tr("First second that is played")), _seconds(tr("Last second that is played"))
        for box, field in ((self.fps, "fps"), (self.start, "start_s"), (self.end, "end_s")):
            box.setKeyboardTracking(False)
            box.valueChanged.connect(lambda value, field=field: self._set(**{field: value}))
            row.addWidget(box)
        row.addSpacing(6)
        self.bring_in = button("import", tr("Bring in a recording (Live Link Face) or a clip"),
                               lambda: self.requested.emit("import_keys"))  # fmt: skip
        self.give_out = button("export", tr("Write the clip as a film, as pictures or as a turntable"),
                               lambda: self.requested.emit("export_clip"))  # fmt: skip
        return row

    # ---- showing -------------------------------------------------------------------------------------

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        clip = new.clip
        if self.isVisible() and (old is None or not self.timeline.playing):
            self.onsets.follow(new)
        if old is not None and clip is old.clip:
            return
        if old is None or clip.tracks is not old.clip.tracks:
            self._show_tracks(new)
        if old is None or (clip.start_s, clip.end_s) != (old.clip.start_s, old.clip.end_s):
            self.curves.frame(clip)
        self._show_curves()
        self._show_transport()

    def _show_tracks(self, state: DocumentState) -> None:
        names = [track.name for track in state.clip.tracks]
        if names != self._names():
            chosen = {item.data(Qt.ItemDataRole.UserRole) for item in self.tracks.selectedItems()}
            with QSignalBlocker(self.tracks):
                self.tracks.clear()
                for name in names:
                    item = QListWidgetItem(_square(track_colour(name)), track_title(name))
                    item.setData(Qt.ItemDataRole.UserRole, name)
                    self.tracks.addItem(item)
                    item.setSelected(name in chosen)
        self.empty.setVisible(not names)

    def take_theme(self) -> None:
        for row, name in enumerate(self._names()):
            self.tracks.item(row).setIcon(_square(track_colour(name)))

    def _names(self) -> list[str]:
        return [self.tracks.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.tracks.count())]

    def _show_curves(self) -> None:
        """The curves of the chosen tracks, or of all."""
        chosen = [item.data(Qt.ItemDataRole.UserRole) for item in self.tracks.selectedItems()]
        self.curves.show_clip(self.document.state.clip, chosen or self._names())

    def _show_transport(self) -> None:
        clip = self.document.state.clip
        self.play.setIcon(icon("pause" if self.timeline.playing else "play"))
        self.play.setEnabled(bool(clip.tracks))
        self.auto_key.setChecked(self.timeline.auto_key)
        self.loop.setChecked(clip.loop)
        self.frame.setText(tr("frame {0}", round(clip.now_s * clip.fps)))
        for box, value in ((self.now, clip.now_s), (self.fps, clip.fps), (self.start, clip.start_s),
                           (self.end, clip.end_s)):  # fmt: skip
            with QSignalBlocker(box):
                box.setValue(value)
        self.now.setSingleStep(1 / clip.fps)

    def _show_chosen(self) -> None:
        some = bool(self.curves.chosen)
        for one in (self.remove, *self.tangents.values()):
            one.setEnabled(some)

    # ---- edits ---------------------------------------------------------------------------------------

    def _set(self, **fields: float) -> None:
        try:
            self.timeline.edit(SetClip(**fields))  # type: ignore[arg-type]
        except CommandError:  # the end before the start: what was there stays
            self.timeline.give_up()
        self._show_transport()

    def _chosen(self) -> tuple[KeyId, ...]:
        return tuple(sorted(self.curves.chosen))

    def _remove(self) -> None:
        if self.curves.chosen:
            self.timeline.edit(RemoveKeys(self._chosen()))

    def _set_tangent(self, kind: Tangent) -> None:
        if self.curves.chosen:
            self.timeline.edit(SetTangents(self._chosen(), kind))

    def _bend(self, key: KeyId, side: Side, slope: float, alone: bool) -> None:
        low, high = channel_range(key[0])
        self.timeline.preview(BendTangent(key, side, slope * (high - low), alone))

    def _open_menu(self, place: QPoint) -> None:
        """How the curve passes the chosen keys, and what else can be done with them."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, title in _TITLES.items():
            menu.addAction(icon(f"tangent_{kind.value}"), title, partial(self._set_tangent, kind))
        menu.addAction(tr("Join its two sides"), lambda: self.timeline.edit(MendTangents(self._chosen())))
        menu.addSeparator()
        menu.addAction(tr("Copy"), lambda: self.timeline.copy(self.curves.chosen))
        menu.addAction(tr("Remove"), self._remove)
        for action in menu.actions():
            action.setEnabled(bool(self.curves.chosen))
        menu.addSeparator()
        menu.addAction(tr("Paste at the playhead"), self._paste).setEnabled(bool(self.timeline.copied))
        menu.popup(place)

    def _drag(self, by_s: float, by_share: float) -> None:
        keys = self.curves.dragged
        if self.timeline.preview(MoveKeys(keys, by_s, min(max(by_share, -1.0), 1.0))):
            self.curves.choose(self._moved(keys, by_s, by_share))

    def _moved(self, keys: tuple[KeyId, ...], by_s: float, by_share: float) -> tuple[KeyId, ...]:
        """Where the keys of a drag are now."""
        before = self.timeline.before
        return () if before is None else moved(before.clip, keys, by_s, by_share, channel_range)[1]

    def _paste(self) -> None:
        clip, keys = self.document.state.clip, self.timeline.copied
        if keys and self.timeline.edit(PasteKeys(keys)):
            self.curves.choose(pasted(clip, keys, clip.now_s)[1])

    # ---- keys ----------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self.curves.hasFocus() and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if any(event.matches(one) for one in _OWN_KEYS) or (plain and event.key() in _OWN_PLAIN):
                event.accept()  # here they are about keys, not about strokes
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.curves.give_up():
            return
        if not self.curves.hasFocus():
            super().keyPressEvent(event)
            return
        standard, key = QKeySequence.StandardKey, event.key()
        if event.matches(standard.Copy):
            self.timeline.copy(self.curves.chosen)
        elif event.matches(standard.Paste):
            self._paste()
        elif event.matches(standard.SelectAll):
            self.curves.choose_all()
        elif event.matches(standard.Delete) or key == Qt.Key.Key_Backspace:
            self._remove()
        elif key in (Qt.Key.Key_A, Qt.Key.Key_F):
            self.curves.frame(self.document.state.clip)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.timeline.step_frames(-1 if key == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.onsets.follow(self.document.state)

    def hideEvent(self, event: QHideEvent) -> None:
        self.curves.give_up()
        super().hideEvent(event)


def _seconds(tip: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, LONGEST_S)
    box.setDecimals(2)
    box.setSuffix(" s")
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    box.setKeyboardTracking(False)
    return box


def _square(colour: QColor) -> QIcon:
    pixels = QPixmap(10, 10)
    pixels.fill(colour)
    return QIcon(pixels)
