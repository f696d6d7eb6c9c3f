"""Texts, check marks and greyed actions, kept true to the session."""

from __future__ import annotations

from rhytid.core.language import tr
from rhytid.gui.controllers.second_face import reason_against_mixing
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.tool_settings import Handling, Tool
from rhytid.gui.window.actions import SPECS, Actions
from rhytid.gui.window.window_actions import SHOWN_DETAIL


class ActionStates:
    """Shows in the actions what the session is and can do.

    Parameters
    ----------
    actions : Actions
    session : EditorSession
    """

    def __init__(self, actions: Actions, session: EditorSession) -> None:
        self._actions = actions
        self._session = session
        document = session.document
        document.history_changed.connect(self._show_history)
        document.state_changed.connect(self._show_what_can_be_done)
        document.path_changed.connect(self._show_what_can_be_done)
        session.selection.changed.connect(self._show_what_can_be_done)
        session.engine_choices.changed.connect(self._show_what_can_be_done)
        for settings in (session.tools, session.view, session.comparison):
            settings.events.connect(self._show_marks)
        session.preferences.changed.connect(self._show_marks)
        session.timeline.changed.connect(self._show_marks)
        # A mark shows what is so, not what was pressed: the press may have changed nothing.
        for spec in SPECS:
            if spec.checkable:
                actions[spec.name].triggered.connect(self._show_marks)
        self._show_history()
        self._show_what_can_be_done()

    def _show_history(self) -> None:
        document = self._session.document
        undo, redo = self._actions["undo"], self._actions["redo"]
        undo.setEnabled(document.can_undo)
        redo.setEnabled(document.can_redo)
        labels, position = document.labels, document.position
        undo.setText(tr("&Undo {0}", labels[position]) if document.can_undo and position else tr("&Undo"))
        redo.setText(tr("&Redo {0}", labels[position + 1]) if document.can_redo else tr("&Redo"))

    def _show_what_can_be_done(self) -> None:
        state = self._session.document.state
        some, strokes = len(self._session.selection) > 0, len(state.strokes) > 0
        source, photo = state.source is not None, state.photo is not None
        self._actions.set_enabled(
            delete=some, duplicate=some, mirror_selected=some, smooth_selected=some, bind=some, unbind=some,
            join_selected=len(self._session.selection) > 1, taper_selected=some, show_me=some, library_save=some,
            select_all=strokes, select_none=some, extract_lines=source, remove_source=source,
            adopt=state.settings.generate_wrinkles, head_default=bool(state.head.path),
            head_fit=bool(state.head.path), head_color=bool(state.head.path), remove_color=state.albedo is not None,
            refit_photo=photo, remove_photo=photo, through_photo=photo, in_photo=photo,
            save_in_photo=photo, photo_network=photo,
        )  # fmt: skip
        reason, second = reason_against_mixing(self._session), state.second is not None
        self._actions.set_enabled(
            blend_face=not reason, take_wrinkles=not reason, keep_mix=second and not reason, remove_second=second
        )
        self._show_marks()

    def _show_marks(self) -> None:
        tools, view, comparison = self._session.tools, self._session.view, self._session.comparison
        settings = self._session.document.state.settings
        shown = settings.static_strength > 0, settings.dynamic_strength > 0
        marks = {
            Tool(tools.tool).value: True,
            f"line_{Handling(tools.handling).value}": True,
            "mirror": tools.mirror_x,
            "show_strokes": tools.show_strokes,
            "show_mask": tools.show_mask,
            "tension_lines": view.tension_lines,
            "muscle_fibres": view.muscle_fibres,
            "other_parts": view.other_parts,
            "statistics": self._session.preferences.show_statistics,
            "split": comparison.kept is not None and comparison.split,
            "through_photo": view.through_photo and self._session.document.state.photo is not None,
            "in_photo": view.in_photo and self._session.document.state.photo is not None,
            "photo_network": view.photo_network,
            "auto_key": self._session.timeline.auto_key,
            "difference": comparison.kept is not None and comparison.difference,
            "see_a": comparison.kept is not None and comparison.pinned,
            f"view_{view.view_mode}": True,
            **{f"detail_{name}": shown == parts for name, parts in SHOWN_DETAIL.items()},
        }
        for name, checked in marks.items():
            self._actions.set_checked(name, checked)
        self._actions.set_enabled(swap_ab=comparison.kept is not None)
