"""The actions that need no question: edits of strokes and detail, tools, views, comparison."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from rhytid.core.document.commands import RemoveSecondFace, SetEngine, ShowDetail
from rhytid.core.language import tr
from rhytid.gui.controllers import comparing, edits, second_face
from rhytid.gui.controllers.edits import guarded
from rhytid.gui.controllers.files import Files
from rhytid.gui.controllers.navigation import facing_point
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.tool_settings import Handling, Tool
from rhytid.gui.preferences import Preferences
from rhytid.gui.render.view_mode import ViewMode
from rhytid.gui.viewport.viewport import Viewport

SHOWN_DETAIL = {"both": (True, True), "static": (True, False), "dynamic": (False, True)}
_ASIDE = 0.01  # of the chart, over which the skin's direction is measured
SIZE_LEAP = 10  # steps of Shift+[ and Shift+]


class WindowActions:
    """What these actions do.

    Parameters
    ----------
    session : EditorSession
    preferences : Preferences
    viewport : Viewport
    files : Files
    """

    def __init__(self, session: EditorSession, preferences: Preferences, viewport: Viewport, files: Files) -> None:
        self._session = session
        self._document = session.document
        self._preferences = preferences
        self._viewport = viewport
        self._files = files

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        session, viewport, tools = self._session, self._viewport, self._session.tools
        edit = partial(guarded, session)
        return {
            "remove_source": edit(self._files.remove_source),
            "undo": edit(self._document.undo),
            "redo": edit(self._document.redo),
            "delete": edit(partial(edits.delete_selected, session)),
            "duplicate": edit(partial(edits.duplicate_selected, session)),
            "select_all": partial(edits.select_all, session),
            "select_none": session.selection.clear,
            **{tool.value: partial(self._set_tool, tool) for tool in Tool},
            "mirror": lambda on: setattr(tools, "mirror_x", on),
            "smaller": partial(tools.scale_size, -1),
            "larger": partial(tools.scale_size, 1),
            "much_smaller": partial(tools.scale_size, -SIZE_LEAP),
            "much_larger": partial(tools.scale_size, SIZE_LEAP),
            "show_strokes": lambda on: setattr(tools, "show_strokes", on),
            "show_mask": lambda on: setattr(tools, "show_mask", on),
            "pick_color": self._pick_color,
            "tension_lines": lambda on: setattr(session.view, "tension_lines", on),
            "muscle_fibres": lambda on: setattr(session.view, "muscle_fibres", on),
            "other_parts": lambda on: setattr(session.view, "other_parts", on),
            **{f"view_{mode.value}": partial(self._set_view, mode) for mode in ViewMode},
            "frame_face": viewport.frame_here,
            "frame_all": viewport.frame_all,
            "look_front": partial(viewport.turn_to, 0.0, 0.0),
            "look_left": partial(viewport.turn_to, 90.0, 0.0),
            "look_right": partial(viewport.turn_to, -90.0, 0.0),
            "look_top": partial(viewport.turn_to, 0.0, 89.0),
            "keep_a": partial(comparing.keep_as_a, session),
            "split": partial(comparing.show_split, session),
            "see_a": self.see_a,
            "difference": partial(comparing.show_difference, session),
            "difference_finer": partial(comparing.widen_difference, session, -1),
            "difference_coarser": partial(comparing.widen_difference, session, 1),
            "swap_ab": edit(partial(comparing.swap, session)),
            "statistics": self._set_statistics,
            "head_default": edit(partial(self._files.use_head, None)),
            "extract_lines": edit(partial(edits.extract_lines_again, session)),
            "adopt": edit(partial(edits.adopt_generated, session)),
            "copy": edit(partial(edits.copy_selected, session)),
            "mirror_selected": edit(partial(edits.mirror_selected, session)),
            "smooth_selected": edit(partial(edits.smooth_selected, session)),
            "join_selected": edit(partial(edits.join_selected, session)),
            "taper_selected": edit(partial(edits.taper_selected, session)),
            **{f"line_{handling.value}": partial(self._handle_lines, handling) for handling in Handling},
            "bind": edit(partial(edits.bind_selected, session)),
            "unbind": edit(partial(edits.unbind_selected, session)),
            "show_me": edit(self._show_me),
            **{f"detail_{name}": partial(self._show_detail, *shown) for name, shown in SHOWN_DETAIL.items()},
            "random_face": edit(lambda: second_face.roll_face(session, viewport.pose)),
            "keep_mix": edit(self._keep_mix),
            "remove_second": edit(lambda: self._document.execute(RemoveSecondFace())),
        }

    def choose_engine(self, name: str) -> None:
        """Let another engine draw, as one undo step."""
        guarded(self._session, lambda: self._document.execute(SetEngine(name=name)))()

    def keep_step(self, index: int) -> None:
        """Keep a step of the history as A."""
        if self._viewport.pose is not None:
            comparing.keep_step(self._session, index, self._viewport.pose.head)

    def show_place(self, x: float, y: float) -> None:
        """Look at a place of the chart on the face from close by."""
        renderer = self._viewport.renderer
        if renderer is None:
            return
        at, right, below = (renderer.position_mm(place) for place in ((x, y), (x + _ASIDE, y), (x, y + _ASIDE)))
        outward = np.cross(below - at, right - at)
        outward *= np.sign(outward @ (at * (1.0, 0.0, 1.0))) or 1.0  # away from the head's axis
        if outward.any():
            self._viewport.set_camera(facing_point(self._document.state.camera, at, outward))

    def see_a(self, on: bool) -> None:
        """Show A in the whole view, or go back to B; without an A there is now one."""
        comparison = self._session.comparison
        comparison.pinned = on and (comparison.kept is not None or comparing.keep_as_a(self._session))

    def _show_detail(self, static: bool, dynamic: bool, _checked: bool = True) -> None:
        guarded(self._session, lambda: self._document.execute(ShowDetail(static, dynamic)))()

    def _pick_color(self) -> None:
        self._set_tool(Tool.PAINT)
        self._session.tools.picking = True
        self._session.post(tr("Click the skin whose colour you want to paint with"), "info")

    def _set_tool(self, tool: Tool, _checked: bool = True) -> None:
        self._session.tools.tool = tool

    def _handle_lines(self, handling: Handling, _checked: bool = True) -> None:
        self._session.tools.handling = handling
        self._session.tools.tool = Tool.SELECT

    def _set_view(self, mode: ViewMode, _checked: bool = True) -> None:
        self._session.view.view_mode = mode.value

    def _set_statistics(self, shown: bool) -> None:
        self._preferences.show_statistics = shown

    def _show_me(self) -> None:
        strokes = edits.selected_strokes(self._session)
        if not self._session.show_me.play(strokes):
            words = tr("These strokes show with every expression") if strokes else tr("Select strokes first")
            self._session.post(words)

    def _keep_mix(self) -> None:
        pose = self._viewport.pose
        if pose is not None:
            second_face.keep_mix(self._session, pose)
