"""Every action of the window in one table: text, keys, icon and what it says in the status bar.

The table is data: menus, tool bar, shortcut list and tests read it, and `Actions` makes the QActions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

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
    ActionSpec("new", "&New", ("Ctrl+N",), "new", "Start over with a plain face"),
    ActionSpec("new_from_photo", "New from &Photo...", ("Ctrl+Shift+N",), "photo",
               "Make a face of a photo, or of several of one person"),
    ActionSpec("open", "&Open...", ("Ctrl+O",), "open", "Open a project"),
    ActionSpec("save", "&Save", ("Ctrl+S",), "save", "Save the project"),
    ActionSpec("save_as", "Save &As...", ("Ctrl+Shift+S",), "", "Save the project under another name"),
    ActionSpec("import_map", "&Import Displacement...", ("Ctrl+I",), "import", "Take the detail of a scan"),
    ActionSpec("drive", "&Drive Expression from...", (), "play",
               "Wear the expression of a photo or another face, or play a recording"),
    ActionSpec("remove_source", "Remove Imported Detail", (), "", "Go on without the imported map"),
    ActionSpec("export", "&Export...", ("Ctrl+E",), "export", "Write mesh, maps and textures"),
    ActionSpec("save_picture", "Save &Picture...", ("Ctrl+P",), "camera", "The viewport as a picture"),
    ActionSpec("save_in_photo", "Export Picture in the P&hoto...", (), "in_photo",
               "The photo with every edit in it, at its own size"),
    ActionSpec("quit", "&Quit", ("Ctrl+Q",), "", "Leave"),
    ActionSpec("undo", "&Undo", ("Ctrl+Z",), "undo", "One step back"),
    ActionSpec("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "One step forward"),
    ActionSpec("delete", "&Delete Strokes", ("Del",), "trash", "Delete the selected strokes"),
    ActionSpec("duplicate", "Dup&licate Strokes", ("Ctrl+D",), "duplicate", "Copy selected strokes"),
    ActionSpec("select_all", "Select &All", ("Ctrl+A",), "", "Select every stroke"),
    ActionSpec("select_none", "Select &None", ("Ctrl+Shift+A",), "", "Select nothing"),
    ActionSpec("copy", "&Copy Strokes", ("Ctrl+C",), "", "Copy the selected strokes, for this face or another"),
    ActionSpec("paste", "Pas&te", ("Ctrl+V",), "", "Paste strokes, or make a face of a picture in the clipboard"),
    ActionSpec("preferences", "&Preferences...", ("Ctrl+,",), "settings", "Mouse, pen, speed and files"),
    ActionSpec("brush", "&Brush", ("B",), "brush",
               "Draw wrinkles; Ctrl erases, Shift smooths, Shift+click draws straight", "tool", True),
    ActionSpec("eraser", "&Eraser", ("E",), "eraser", "Erase wrinkles", "tool", True),
    ActionSpec("select", "Selec&t", ("V",), "select", "Select, move and delete wrinkles", "tool", True),
    ActionSpec("mask", "Mas&k", ("Shift+K",), "mask", "Hide strokes of a layer, or lock skin; Ctrl takes it back",
               "tool", True),
    ActionSpec("mirror", "&Mirror", ("X",), "mirror", "Work on both halves of the face", "", True),
    ActionSpec("smaller", "Smaller", ("[",), "minus", "Make the tool smaller (Shift: much)"),
    ActionSpec("larger", "Larger", ("]",), "plus", "Make the tool larger (Shift: much)"),
    ActionSpec("much_smaller", "Much Smaller", ("Shift+[", "{")),
    ActionSpec("much_larger", "Much Larger", ("Shift+]", "}")),
    ActionSpec("brush_size", "Tool Si&ze by the Pointer", (), "",
               "Move the pointer to make the tool larger or smaller, click to keep it"),
    ActionSpec("brush_strength", "Tool St&rength by the Pointer", (), "",
               "Move the pointer to draw deeper or shallower, click to keep it"),
    ActionSpec("palette", "Find &Command...", ("Ctrl+Shift+P",), "search",
               "Every command and slider by a few letters of its name"),
    ActionSpec("radial", "Menu Round the &Pointer", ("Space",), "", "Tools, views and lights round the pointer",
               local=True),
    ActionSpec("hide_panels", "&Hide Panels", ("Tab",), "", "The face alone; again brings the panels back",
               local=True),
    ActionSpec("workspace_draw", "&Draw", (), "", "Tool, strokes, reference and chart"),
    ActionSpec("workspace_expression", "&Expression", (), "", "Expression, action units and pad"),
    ActionSpec("workspace_age", "&Age", (), "", "Age, identity and pad"),
    ActionSpec("workspace_export", "E&xport", (), "", "Identity, photo and detail"),
    ActionSpec("keep_workspace", "&Keep Layout As...", (), "", "Keep the present layout of panels under a name"),
    ActionSpec("flicker", "Flic&ker A/B", (), "", "A and B in turn, so that the eye sees what differs", "", True),
    ActionSpec("wrinkle_meter", "Wrinkle &Meter...", (), "",
               "Count, length, depth and area of the lines that show, beside those of A"),
    ActionSpec("contact_sheet", "Contact &Sheet...", (), "grid",
               "The pad's expression at several strengths and ages, drawn behind; a click goes there"),
    ActionSpec("show_strokes", "Show &Strokes", ("S",), "strokes", "Lines over the face", "", True),
    *(
        ActionSpec(f"view_{mode.value}", mode.text, (str(i),), f"view_{mode.value}", mode.tip, "view", True)
        for i, mode in enumerate(ViewMode, start=1)
    ),
    ActionSpec("through_photo", "Through the P&hoto's Camera", ("P",), "photo",
               "The photo with the head over it; drag the head there to pin it", "", True),
    ActionSpec("in_photo", "&In the Photo", ("I",), "in_photo",
               "The photo with every edit in it; tools work there, hold Q to see it as it was", "", True),
    ActionSpec("photo_network", "Render Edits in the Photo by &Network", (), "",
               "Gloss, shadows and folds by the rendering network, once nothing moves; ratio images alone otherwise",
               "", True),
    ActionSpec("frame_face", "&Frame Face", ("F",), "frame", "Frame what is under the pointer, or the face"),
    ActionSpec("frame_all", "Frame &All", ("A",), "", "Frame the whole head"),
    ActionSpec("look_front", "Front", ("Num+1",), "view_front", "Look from the front"),
    ActionSpec("look_left", "Subject's Left", ("Num+3",), "view_left", "From the subject's left"),
    ActionSpec("look_right", "Subject's Right", ("Ctrl+Num+3",), "view_right", "From the subject's right"),
    ActionSpec("look_top", "Top", ("Num+7",), "", "Look from above"),
    *(
        ActionSpec(f"light_{name}", look.text, (f"Ctrl+{number}",), "light", look.tip)
        for number, (name, look) in enumerate(LOOKS.items(), start=1)
    ),
    ActionSpec("show_canvas", "&Chart", ("C",), "grid", "Show the chart beside the face", "", True),
    ActionSpec("keep_a", "&Keep as A", ("K",), "pin", "Keep the face as it is now, to compare what follows with it"),
    ActionSpec("split", "Spli&t View A/B", ("D",), "split", "A left and B right of a divider; arrow keys move it",
               "", True),
    ActionSpec("see_a", "See &A Alone", (), "", "Show A in the whole view; hold Q for a look", "", True),
    ActionSpec("swap_ab", "S&wap A and B", ("Shift+D",), "swap", "Go on with A; what you have now becomes A"),
    ActionSpec("statistics", "&Speed in Status Bar", (), "", "Frames per second and latency", "", True),
    ActionSpec("reset_layout", "&Reset Layout", (), "", "Panels back to where they were at first"),
    ActionSpec("full_screen", "F&ull Screen", ("F11",), "", "Window without frame", "", True),
    ActionSpec("head_default", "&Default Head", (), "", "The head that comes with the program"),
    ActionSpec("head_open", "&Open Head...", (), "open", "A head file, or a folder of ICT-FaceKit"),
    ActionSpec("extract_lines", "E&xtract Lines", (), "scan", "Imported wrinkles as strokes"),
    ActionSpec("adopt", "&Adopt Generated Wrinkles", (), "adopt", "Generated wrinkles as strokes"),
    ActionSpec("mirror_selected", "&Mirror Selected", ("Ctrl+M",), "mirror", "Twins on the other half"),
    ActionSpec("smooth_selected", "S&mooth Selected", (), "smooth", "Calm the selected strokes"),
    ActionSpec("bind", "&Bind to Expression", ("Ctrl+B",), "bind_expression",
               "Let the selected strokes come and go with the present expression"),
    ActionSpec("unbind", "Show A&lways", (), "bind_always", "Free the selected strokes from expressions"),
    ActionSpec("detail_both", "Static &and Dynamic", (), "", "Show all detail", "detail", True),
    ActionSpec("detail_static", "&Static Only", (), "", "Only what the person always has", "detail", True),
    ActionSpec("detail_dynamic", "&Dynamic Only", (), "", "Only what the expression brings", "detail", True),
    ActionSpec("refit_photo", "Re&fine from Photo", (), "regenerate", "Read the photo again from here, with its pins"),
    ActionSpec("remove_photo", "Remove Photo", (), "", "Go on without the photo; head and lines stay"),
    ActionSpec("random_face", "&Random Face", ("Ctrl+R",), "dice", "Another random person, shape and skin"),
    ActionSpec("blend_face", "&Blend with Another Face...", (), "blend", "A face between this one and another's"),
    ActionSpec("take_wrinkles", "&Take Wrinkles of Another Face...", (), "", "Another face's wrinkles on this head"),
    ActionSpec("keep_mix", "&Keep the Mixture", (), "", "Make the mixture of two faces this face's own detail"),
    ActionSpec("remove_second", "Remove Second Face", (), "", "Go on without the face that is mixed in"),
    ActionSpec("welcome", "&Welcome Page", (), "", "Faces to begin with, recent projects, a photo"),
    ActionSpec("tour", "One-Minute &Tour", (), "play", "One thing after the other, by your own hand"),
    ActionSpec("start_young", "Young, Neutral Face", (), "", "Start over with a face of 22 years"),
    ActionSpec("start_smiling", "Face Smiling at 45", (), "", "Start over with a smiling face of 45 years"),
    ActionSpec("start_old", "Face of 70 Years", (), "", "Start over with a face of 70 years"),
    ActionSpec("hint", "&First Steps", (), "info", "The hint of the first start"),
    ActionSpec("manual", "&Manual\tF1", (), "manual", "All about the program; F1 over a control shows its paragraph"),
    ActionSpec("explain", "Manual at What Is Under the Pointer", ("F1",), "", "The paragraph about a control"),
    ActionSpec("shortcuts", "&Keys and Mouse", ("Ctrl+F1",), "keyboard", "All shortcuts"),
    ActionSpec("about", "&About Rhytid", (), "about", "Version, renderer and licences"),
)  # fmt: skip

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("&File", ("new", "start_young", "start_smiling", "start_old", "new_from_photo", "open", "#recent", "-",
               "save", "save_as", "-",
               "import_map", "remove_source", "drive", "-", "export", "save_picture", "save_in_photo", "-", "quit")),
    ("&Edit", ("undo", "redo", "-", "delete", "duplicate", "copy", "paste", "select_all", "select_none", "-",
               "brush", "eraser", "select", "mask", "mirror", "-", "smaller", "larger", "brush_size",
               "brush_strength", "-", "palette", "radial", "preferences")),
    ("&View", (*_VIEWS, "-", "show_strokes", "show_canvas", "through_photo", "in_photo", "photo_network", "-",
               "keep_a", "split", "see_a", "swap_ab", "flicker",
               "wrinkle_meter", "contact_sheet", "-",
               "frame_face", "frame_all", "look_front", "look_left", "look_right", "look_top", "-",
               *(f"light_{name}" for name in LOOKS), "-",
               "#panels", "#workspaces", "hide_panels", "statistics", "reset_layout", "full_screen")),
    ("&Head", ("head_default", "head_open", "-", "refit_photo", "remove_photo")),
    ("&Wrinkles", ("extract_lines", "adopt", "-", "mirror_selected", "smooth_selected",
                    "-", "bind", "unbind")),
    ("En&gine", ("#engines", "detail_both", "detail_static", "detail_dynamic", "-", "random_face",
                  "blend_face", "take_wrinkles", "keep_mix", "remove_second")),
    ("H&elp", ("manual", "welcome", "tour", "hint", "shortcuts", "-", "about")),
)  # fmt: skip

TOOLBAR: tuple[str, ...] = (
    "brush", "eraser", "select", "-", "mirror", "show_strokes", "-", "undo", "redo", "-",
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
