"""Every action of the window in one table: text, keys, icon and what it says in the status bar.

The table is data: menus, tool bar, shortcut list and tests read it, and `Actions` makes the QActions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from rhytid.core.language import tr
from rhytid.gui.controllers.key_map import KeyMap
from rhytid.gui.controllers.light_looks import LOOKS
from rhytid.gui.render.view_mode import ViewMode
from rhytid.gui.theme import icon


@dataclass(frozen=True)
class ActionSpec:
    """One action.

    Attributes
    ----------
    name : str
        How code asks for it.
    text : str
        In menus; `&` marks the mnemonic.
    keys : tuple of str
        Shortcuts in Qt's portable notation; the first is shown.
    icon : str
        Name of a file in resources/icons, "" for none.
    tip : str
        Status bar and tool tip.
    group : str
        Actions of one group exclude each other.
    checkable : bool
    local : bool
        The keys work on face and chart only: elsewhere they belong to what has the focus.
    """

    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    group: str = ""
    checkable: bool = False
    local: bool = False


_VIEWS = tuple(f"view_{mode.value}" for mode in ViewMode)

SPECS: tuple[ActionSpec, ...] = (
    ActionSpec("new", tr("&New"), ("Ctrl+N",), "new", tr("Start over with a plain face")),
    ActionSpec("new_from_photo", tr("New from &Photo..."), ("Ctrl+Shift+N",), "photo",
               tr("Make a face of a photo, or of several of one person")),
    ActionSpec("new_from_scan", tr("New from S&can..."), (), "scan",
               tr("Make a face of a scan, its detail and its colour")),
    ActionSpec("open", tr("&Open..."), ("Ctrl+O",), "open", tr("Open a project")),
    ActionSpec("save", tr("&Save"), ("Ctrl+S",), "save", tr("Save the project")),
    ActionSpec("save_as", tr("Save &As..."), ("Ctrl+Shift+S",), "", tr("Save the project under another name")),
    ActionSpec("open_environment", tr("Open En&vironment..."), (), "light",
               tr("Light the face by an equirectangular .hdr or .exr")),
    ActionSpec("import_color", tr("Import S&kin Colour..."), (), "",
               tr("A picture painted for the head, or of the chart, as the colour of the face")),
    ActionSpec("import_map", tr("&Import Displacement..."), ("Ctrl+I",), "import", tr("Take the detail of a scan")),
    ActionSpec("drive", tr("&Drive Expression from..."), (), "play",
               tr("Wear the expression of a photo or another face, or play a recording")),
    ActionSpec("remove_source", tr("Remove Imported Detail"), (), "", tr("Go on without the imported map")),
    ActionSpec("export", tr("&Export..."), ("Ctrl+E",), "export", tr("Write mesh, maps and textures")),
    ActionSpec("export_wrinkles", tr("Export &Wrinkle Pack..."), (), "export",
               tr("Wrinkle maps, masks and drivers for engines")),
    ActionSpec("save_picture", tr("Save &Picture..."), ("Ctrl+P",), "camera", tr("The viewport as a picture")),
    ActionSpec("save_in_photo", tr("Export Picture in the P&hoto..."), (), "in_photo",
               tr("The photo with every edit in it, at its own size")),
    ActionSpec("quit", tr("&Quit"), ("Ctrl+Q",), "", tr("Leave")),
    ActionSpec("undo", tr("&Undo"), ("Ctrl+Z",), "undo", tr("One step back")),
    ActionSpec("redo", tr("&Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", tr("One step forward")),
    ActionSpec("delete", tr("&Delete Strokes"), ("Del",), "trash", tr("Delete the selected strokes")),
    ActionSpec("duplicate", tr("Dup&licate Strokes"), ("Ctrl+D",), "duplicate", tr("Copy selected strokes")),
    ActionSpec("select_all", tr("Select &All"), ("Ctrl+A",), "", tr("Select every stroke")),
    ActionSpec("select_none", tr("Select &None"), ("Ctrl+Shift+A",), "", tr("Select nothing")),
    ActionSpec("copy", tr("&Copy Strokes"), ("Ctrl+C",), "", tr("Copy the selected strokes, for this face or another")),
    ActionSpec("paste", tr("Pas&te"), ("Ctrl+V",), "",
               tr("Paste strokes, or make a face of a picture in the clipboard")),
    ActionSpec("preferences", tr("&Preferences..."), ("Ctrl+,",), "settings", tr("Mouse, pen, speed and files")),
    ActionSpec("brush", tr("&Brush"), ("B",), "brush",
               tr("Draw wrinkles; Ctrl erases, Shift smooths, Shift+click draws straight"), "tool", True),
    ActionSpec("eraser", tr("&Eraser"), ("E",), "eraser", tr("Erase wrinkles"), "tool", True),
    ActionSpec("select", tr("Selec&t"), ("V",), "select", tr("Select, move and delete wrinkles"), "tool", True),
    ActionSpec("mask", tr("Mas&k"), ("Shift+K",), "mask",
               tr("Hide strokes of a layer, or lock skin; Ctrl takes it back"),
               "tool", True),
    ActionSpec("paint", tr("&Paint"), ("Shift+B",), "paint",
               tr("Paint colour, pigments or gloss on the skin; Ctrl erases, Shift smooths"), "tool", True),
    ActionSpec("pick_color", tr("Pick &Colour"), ("Shift+I",), "eyedropper",
               tr("The next click takes the skin's colour there to paint with")),
    ActionSpec("show_mask", tr("Show Mas&k"), ("Shift+M",), "mask",
               tr("Tint what the mask tool hides or locks, on face and chart"), "", True),
    ActionSpec("mirror", tr("&Mirror"), ("X",), "mirror", tr("Work on both halves of the face"), "", True),
    ActionSpec("smaller", tr("Smaller"), ("[",), "minus", tr("Make the tool smaller (Shift: much)")),
    ActionSpec("larger", tr("Larger"), ("]",), "plus", tr("Make the tool larger (Shift: much)")),
    ActionSpec("much_smaller", tr("Much Smaller"), ("Shift+[", "{")),
    ActionSpec("much_larger", tr("Much Larger"), ("Shift+]", "}")),
    ActionSpec("brush_size", tr("Tool Si&ze by the Pointer"), (), "",
               tr("Move the pointer to make the tool larger or smaller, click to keep it")),
    ActionSpec("brush_strength", tr("Tool St&rength by the Pointer"), (), "",
               tr("Move the pointer to draw deeper or shallower, click to keep it")),
    ActionSpec("palette", tr("Find &Command..."), ("Ctrl+Shift+P",), "search",
               tr("Every command and slider by a few letters of its name")),
    ActionSpec("radial", tr("Menu Round the &Pointer"), ("Space",), "", tr("Tools, views and lights round the pointer"),
               local=True),
    ActionSpec("hide_panels", tr("&Hide Panels"), ("Tab",), "", tr("The face alone; again brings the panels back"),
               local=True),
    ActionSpec("workspace_draw", tr("&Draw"), (), "", tr("Tool, strokes, reference and chart")),
    ActionSpec("workspace_expression", tr("&Expression"), (), "", tr("Expression, action units and pad")),
    ActionSpec("workspace_age", tr("&Age"), (), "", tr("Age, identity and pad")),
    ActionSpec("workspace_export", tr("E&xport"), (), "", tr("Identity, photo and detail")),
    ActionSpec("workspace_animation", tr("A&nimation"), (), "", tr("Timeline, expression and age")),
    ActionSpec("keep_workspace", tr("&Keep Layout As..."), (), "",
               tr("Keep the present layout of panels under a name")),
    ActionSpec("flicker", tr("Flic&ker A/B"), (), "", tr("A and B in turn, so that the eye sees what differs"), "",
               True),
    ActionSpec("difference", tr("Difference &Map"), ("Alt+D",), "view_displacement",
               tr("How the relief of B differs from that of A, in micrometres"), checkable=True),
    ActionSpec("difference_finer", tr("Finer Difference"), ("Alt+[",), "", tr("Let the colours span less")),
    ActionSpec("difference_coarser", tr("Coarser Difference"), ("Alt+]",), "", tr("Let the colours span more")),
    ActionSpec("wrinkle_meter", tr("Wrinkle &Meter..."), (), "",
               tr("Count, length, depth and area of the lines that show, beside those of A")),
    ActionSpec("contact_sheet", tr("Contact &Sheet..."), (), "grid",
               tr("The pad's expression at several strengths and ages, drawn behind; a click goes there")),
    ActionSpec("show_strokes", tr("Show &Strokes"), ("S",), "strokes", tr("Lines over the face"), "", True),
    ActionSpec("tension_lines", tr("Skin &Tension Lines"), ("G",), "guides",
               tr("Lines of relaxed skin tension over the face: wrinkles run along them"), "", True),
    ActionSpec("muscle_fibres", tr("Muscle Fi&bres"), ("Shift+G",), "guides",
               tr("Fibres of the muscles below the skin: wrinkles run across them"), "", True),
    ActionSpec("other_parts", tr("&Other Parts"), (), "",
               tr("Body, hair and clothes that came with the head in its file"), "", True),
    *(
        ActionSpec(f"view_{mode.value}", mode.text, (str(i),), f"view_{mode.value}", mode.tip, "view", True)
        for i, mode in enumerate(ViewMode, start=1)
    ),
    ActionSpec("through_photo", tr("Through the P&hoto's Camera"), ("P",), "photo",
               tr("The photo with the head over it; drag the head there to pin it"), "", True),
    ActionSpec("in_photo", tr("&In the Photo"), ("I",), "in_photo",
               tr("The photo with every edit in it; tools work there, hold Q to see it as it was"), "", True),
    ActionSpec("photo_network", tr("Render Edits in the Photo by &Network"), (), "",
               tr("Gloss, shadows and folds by the rendering network, once nothing moves; else ratio images alone"),
               "", True),
    ActionSpec("frame_face", tr("&Frame Face"), ("F",), "frame", tr("Frame what is under the pointer, or the face")),
    ActionSpec("frame_all", tr("Frame &All"), ("A",), "", tr("Frame the whole head")),
    ActionSpec("look_front", tr("Front"), ("Num+1",), "view_front", tr("Look from the front")),
    ActionSpec("look_left", tr("Subject's Left"), ("Num+3",), "view_left", tr("From the subject's left")),
    ActionSpec("look_right", tr("Subject's Right"), ("Ctrl+Num+3",), "view_right", tr("From the subject's right")),
    ActionSpec("look_top", tr("Top"), ("Num+7",), "", tr("Look from above")),
    *(
        ActionSpec(f"light_{name}", look.text, (f"Ctrl+{number}",), "light", look.tip)
        for number, (name, look) in enumerate(LOOKS.items(), start=1)
    ),
    ActionSpec("show_canvas", tr("&Chart"), ("C",), "grid", tr("Show the chart beside the face"), "", True),
    ActionSpec("keep_a", tr("&Keep as A"), ("K",), "pin",
               tr("Keep the face as it is now, to compare what follows with it")),
    ActionSpec("split", tr("Spli&t View A/B"), ("D",), "split",
               tr("A left and B right of a divider; arrow keys move it"),
               "", True),
    ActionSpec("see_a", tr("See &A Alone"), (), "", tr("Show A in the whole view; hold Q for a look"), "", True),
    ActionSpec("swap_ab", tr("S&wap A and B"), ("Shift+D",), "swap", tr("Go on with A; what you have now becomes A")),
    ActionSpec("statistics", tr("&Speed in Status Bar"), (), "", tr("Frames per second and latency"), "", True),
    ActionSpec("reset_layout", tr("&Reset Layout"), (), "", tr("Panels back to where they were at first")),
    ActionSpec("full_screen", tr("F&ull Screen"), ("F11",), "", tr("Window without frame"), "", True),
    ActionSpec("head_default", tr("&Default Head"), (), "", tr("The head that comes with the program")),
    ActionSpec("head_open", tr("&Open Head..."), (), "open", tr("A head file, or a folder of ICT-FaceKit")),
    ActionSpec("head_fit", tr("&Fit This Head..."), (), "pin",
               tr("Put landmarks of the head in place where wrinkles do not lie where they belong")),
    ActionSpec("head_color", tr("Take &Colour of Its File"), (), "",
               tr("The picture that the head's file has on the skin becomes the colour of the face")),
    ActionSpec("remove_color", tr("&Remove Skin Colour"), (), "",
               tr("Take away a colour from a file or photo: that of the panel Skin Colour is seen again")),
    ActionSpec("head_save", tr("&Save Head As..."), (), "save",
               tr("Keep the head as it is registered, so that it opens at once")),
    ActionSpec("extract_lines", tr("E&xtract Lines"), (), "scan", tr("Imported wrinkles as strokes")),
    ActionSpec("adopt", tr("&Adopt Generated Wrinkles"), (), "adopt", tr("Generated wrinkles as strokes")),
    ActionSpec("mirror_selected", tr("&Mirror Selected"), ("Ctrl+M",), "mirror", tr("Twins on the other half")),
    ActionSpec("smooth_selected", tr("S&mooth Selected"), (), "smooth", tr("Calm the selected strokes")),
    ActionSpec("join_selected", tr("&Join Selected"), ("Ctrl+J",), "join",
               tr("One stroke of the selected ones, joined at their nearest ends")),
    ActionSpec("taper_selected", tr("&Taper Ends"), ("Ctrl+T",), "taper", tr("Let the ends run out, shallow and thin")),
    ActionSpec("line_move", tr("M&ove Lines"), ("W",), "move", tr("Drag a wrinkle to move it"), "handling", True),
    ActionSpec("line_bend", tr("Be&nd Lines"), ("Shift+W",), "bend",
               tr("Drag a wrinkle to bend it there; what is far along it stays"), "handling", True),
    ActionSpec("line_scale", tr("Sca&le Lines"), ("Shift+S",), "scale",
               tr("Drag away from the middle of a wrinkle to make it longer, towards it to make it shorter"),
               "handling", True),
    ActionSpec("line_branch", tr("Br&anch Lines"), ("Shift+T",), "branch",
               tr("Drag out of a wrinkle to draw a finer one that leaves it"), "handling", True),
    ActionSpec("line_cut", tr("&Cut Lines"), ("Shift+X",), "cut", tr("Click a wrinkle to part it there"),
               "handling", True),
    ActionSpec("bind", tr("&Bind to Expression"), ("Ctrl+B",), "bind_expression",
               tr("Let the selected strokes come and go with the present expression")),
    ActionSpec("unbind", tr("Show A&lways"), (), "bind_always", tr("Free the selected strokes from expressions")),
    ActionSpec("show_me", tr("S&how Me"), ("Ctrl+H",), "play",
               tr("Make the expression that brings the selected strokes out, and come back; Esc stops")),
    ActionSpec("check_lines", tr("Chec&k Lines"), (), "warning",
               tr("Say which drawn lines look wrong, why, and mend them")),
    ActionSpec("library_save", tr("&Keep in Library..."), (), "save", tr("Keep the selected strokes in the library")),
    ActionSpec("library_import", tr("Bring &File into Library..."), (), "import",
               tr("Take a file of wrinkles into the library")),
    ActionSpec("library_export", tr("&Copy Library Item to File..."), (), "",
               tr("Copy the chosen item to a file that can be handed on")),
    ActionSpec("detail_both", tr("Static &and Dynamic"), (), "", tr("Show all detail"), "detail", True),
    ActionSpec("detail_static", tr("&Static Only"), (), "", tr("Only what the person always has"), "detail", True),
    ActionSpec("detail_dynamic", tr("&Dynamic Only"), (), "", tr("Only what the expression brings"), "detail", True),
    ActionSpec("play_clip", tr("&Play or Pause"), ("Shift+Space",), "play", tr("Play the clip, or pause it")),
    ActionSpec("set_key", tr("&Set Key"), ("Ctrl+K",), "key",
               tr("Key the slider under the pointer, or all of the expression, at the playhead")),
    ActionSpec("remove_key", tr("&Remove Key"), ("Ctrl+Shift+K",), "",
               tr("Remove the key at the playhead of the slider under the pointer, or of all")),
    ActionSpec("auto_key", tr("&Auto Key"), (), "auto_key", tr("A slider that is changed gets a key by itself"),
               checkable=True),
    ActionSpec("previous_key", tr("Pre&vious Key"), (",",), "key_previous", tr("To the key before"), local=True),
    ActionSpec("next_key", tr("&Next Key"), (".",), "key_next", tr("To the next key"), local=True),
    ActionSpec("previous_frame", tr("Previous Frame"), ("Alt+,",), "", tr("A frame back")),
    ActionSpec("next_frame", tr("Next Frame"), ("Alt+.",), "", tr("A frame on")),
    ActionSpec("import_keys", tr("&Import Keys..."), (), "import",
               tr("A recording of Live Link Face or a clip as keys")),
    ActionSpec("live_link", tr("&Live Link..."), (), "", tr("Let a telephone with Live Link Face drive the face")),
    ActionSpec("freeze_live", tr("Free&ze Live Expression"), ("Ctrl+L",), "",
               tr("Keep the expression that Live Link shows, to draw on it; again goes on")),
    ActionSpec("export_keys", tr("Export &Keys..."), (), "export",
               tr("The clip as JSON, or as a recording for other programs")),
    ActionSpec("export_clip", tr("Export &Film..."), (), "camera",
               tr("The clip or a turn round the head as a film, or as numbered pictures")),
    ActionSpec("refit_photo", tr("Re&fine from Photo"), (), "regenerate",
               tr("Read the photo again from here, with its pins")),
    ActionSpec("remove_photo", tr("Remove Photo"), (), "", tr("Go on without the photo; head and lines stay")),
    ActionSpec("random_face", tr("&Random Face"), ("Ctrl+R",), "dice", tr("Another random person, shape and skin")),
    ActionSpec("blend_face", tr("&Blend with Another Face..."), (), "blend",
               tr("A face between this one and another's")),
    ActionSpec("take_wrinkles", tr("&Take Wrinkles of Another Face..."), (), "",
               tr("Another face's wrinkles on this head")),
    ActionSpec("keep_mix", tr("&Keep the Mixture"), (), "", tr("Make the mixture of two faces this face's own detail")),
    ActionSpec("remove_second", tr("Remove Second Face"), (), "", tr("Go on without the face that is mixed in")),
    ActionSpec("welcome", tr("&Welcome Page"), (), "", tr("Faces to begin with, recent projects, a photo")),
    ActionSpec("tour", tr("One-Minute &Tour"), (), "play", tr("One thing after the other, by your own hand")),
    ActionSpec("start_young", tr("Young, Neutral Face"), (), "", tr("Start over with a face of 22 years")),
    ActionSpec("start_smiling", tr("Face Smiling at 45"), (), "", tr("Start over with a smiling face of 45 years")),
    ActionSpec("start_old", tr("Face of 70 Years"), (), "", tr("Start over with a face of 70 years")),
    ActionSpec("hint", tr("&First Steps"), (), "info", tr("The hint of the first start")),
    ActionSpec("manual", tr("&Manual\tF1"), (), "manual",
               tr("All about the program; F1 over a control shows its paragraph")),
    ActionSpec("explain", tr("Manual at What Is Under the Pointer"), ("F1",), "", tr("The paragraph about a control")),
    ActionSpec("shortcuts", tr("&Keys and Mouse"), ("Ctrl+F1",), "keyboard", tr("All shortcuts")),
    ActionSpec("about", tr("&About Rhytid"), (), "about", tr("Version, renderer and licences")),
)  # fmt: skip

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (tr("&File"), ("new", "start_young", "start_smiling", "start_old", "new_from_photo", "new_from_scan", "open",
               "#recent", "-", "save", "save_as", "-",
               "import_map", "import_color", "remove_source", "drive", "open_environment",
               "-", "export", "export_wrinkles", "save_picture", "save_in_photo", "-", "quit")),
    (tr("&Edit"), ("undo", "redo", "-", "delete", "duplicate", "copy", "paste", "select_all", "select_none", "-",
               "brush", "eraser", "select", "mask", "paint", "pick_color", "mirror", "-", "smaller", "larger",
               "brush_size", "brush_strength", "-", "palette", "radial", "preferences")),
    (tr("&View"), (*_VIEWS, "-", "show_strokes", "show_mask", "tension_lines",
               "muscle_fibres", "other_parts", "show_canvas", "through_photo", "in_photo",
               "photo_network", "-",
               "keep_a", "split", "see_a", "swap_ab", "flicker",
               "difference", "difference_finer", "difference_coarser",
               "wrinkle_meter", "contact_sheet", "-",
               "frame_face", "frame_all", "look_front", "look_left", "look_right", "look_top", "-",
               *(f"light_{name}" for name in LOOKS), "-",
               "#panels", "#workspaces", "hide_panels", "statistics", "reset_layout", "full_screen")),
    (tr("&Head"), ("head_default", "head_open", "head_fit", "head_save", "-",
               "head_color", "remove_color", "-", "refit_photo", "remove_photo")),
    (tr("&Wrinkles"), ("extract_lines", "adopt", "-", "mirror_selected", "smooth_selected", "join_selected",
                    "taper_selected", "-", "line_move", "line_bend", "line_scale", "line_branch", "line_cut",
                    "-", "bind", "unbind", "show_me", "check_lines", "-",
                    "library_save", "library_import", "library_export")),
    (tr("&Time"), ("play_clip", "-", "set_key", "remove_key", "auto_key", "-", "previous_key", "next_key",
                   "previous_frame", "next_frame", "-", "import_keys", "export_keys", "export_clip", "-",
                   "live_link", "freeze_live")),
    (tr("En&gine"), ("#engines", "detail_both", "detail_static", "detail_dynamic", "-", "random_face",
                  "blend_face", "take_wrinkles", "keep_mix", "remove_second")),
    (tr("H&elp"), ("manual", "welcome", "tour", "hint", "shortcuts", "-", "about")),
)  # fmt: skip

TOOLBAR: tuple[str, ...] = (
    "brush", "eraser", "select", "paint", "-", "mirror", "show_strokes", "-", "undo", "redo", "-",
    *_VIEWS, "-", "in_photo", "frame_face", "show_canvas", "split",
)  # fmt: skip


class Actions(QObject):
    """The QActions of a window, by name.

    Parameters
    ----------
    window : QWidget
        Owner; the shortcuts work in it.
    handlers : dict of name to callable
        What an action does. Checkable actions get the new check state.
    keys : KeyMap
    """

    def __init__(self, window: QWidget, handlers: dict[str, Callable[..., object]], keys: KeyMap) -> None:
        super().__init__(window)
        self._actions: dict[str, QAction] = {}
        groups: dict[str, QActionGroup] = {}
        for spec in SPECS:
            action = QAction(spec.text, window)
            action.setObjectName(f"action_{spec.name}")
            contexts = Qt.ShortcutContext
            action.setShortcutContext(contexts.WidgetShortcut if spec.local else contexts.WindowShortcut)
            if spec.icon:
                action.setIcon(icon(spec.icon))
            if spec.tip:
                action.setStatusTip(spec.tip)
            action.setCheckable(spec.checkable)
            if spec.group:
                if spec.group not in groups:
                    groups[spec.group] = QActionGroup(window)
                groups[spec.group].addAction(action)
            handler = handlers[spec.name]
            if spec.checkable:
                action.triggered.connect(lambda checked, run=handler: run(checked))
            else:
                action.triggered.connect(lambda _checked, run=handler: run())
            if not spec.local:
                window.addAction(action)
            self._actions[spec.name] = action
        self.take_keys(keys)

    def take_keys(self, keys: KeyMap) -> None:
        """Let the actions have these keys."""
        for spec in SPECS:
            action = self._actions[spec.name]
            action.setShortcuts([QKeySequence(key) for key in keys.of(spec.name)])
            if spec.tip:
                shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                action.setToolTip(f"{spec.tip}  ({shown})" if shown else spec.tip)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def set_enabled(self, **enabled: bool) -> None:
        """Enable and disable actions by name."""
        for name, value in enabled.items():
            self._actions[name].setEnabled(value)

    def set_checked(self, name: str, checked: bool = True) -> None:
        """Check an action without running it."""
        self._actions[name].setChecked(checked)
