"""Which keys run which action: a preset, and over it what the artist chose by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rhytid.gui.preferences import Navigation, Preferences

Keys = tuple[str, ...]


@dataclass(frozen=True)
class KeyPreset:
    """The keys of a program that an artist knows.

    Attributes
    ----------
    title : str
    navigation : Navigation
        Mouse habits that go with it.
    keys : dict of action to keys
        Where it differs from the program's own.
    """

    title: str
    navigation: Navigation
    keys: Mapping[str, Keys]


_VIEWS = ("detailed", "smooth", "normals", "displacement", "tension", "wireframe", "chart")
PRESETS: dict[str, KeyPreset] = {
    "rhytid": KeyPreset("Rhytid", Navigation.MAYA, {}),
    "maya": KeyPreset("Maya", Navigation.MAYA, {
        "undo": ("Ctrl+Z", "Z"), "redo": ("Ctrl+Y", "Shift+Z"), "hide_panels": ("Ctrl+Space",),
        "duplicate": ("Ctrl+D",), "full_screen": ("F11",),
    }),
    "blender": KeyPreset("Blender", Navigation.BLENDER, {
        "brush_size": ("F",), "brush_strength": ("Shift+F",), "frame_face": ("Num+.",), "frame_all": ("Home",),
        "select_all": ("A",), "select_none": ("Alt+A",), "duplicate": ("Shift+D",), "swap_ab": ("Ctrl+Shift+D",),
        "palette": ("F3", "Ctrl+Shift+P"), "radial": ("`", "Space"), "hide_panels": ("N", "Tab"),
    }),
    "zbrush": KeyPreset("ZBrush", Navigation.MAYA, {
        "brush_size": ("S",), "brush_strength": ("U",), "show_strokes": ("Shift+S",),
        "line_scale": ("Ctrl+Shift+L",), "frame_all": ("Shift+F",),
    }),
    "painter": KeyPreset("Painter", Navigation.MAYA, {
        "brush": ("1", "B"), "eraser": ("2", "E"), "select": ("3", "V"), "mirror": ("L",),
        "pick_color": ("Shift+P", "Shift+I"),
        **{f"view_{name}": (f"Alt+{number}",) for number, name in enumerate(_VIEWS, start=1)},
    }),
}  # fmt: skip


class KeyMap:
    """Keys by action.

    Parameters
    ----------
    own : dict of action to keys
        The program's keys, in Qt's portable notation.
    preferences : Preferences
    """

    def __init__(self, own: Mapping[str, Keys], preferences: Preferences) -> None:
        self._program = dict(own)
        self._preferences = preferences

    @property
    def preset(self) -> str:
        """Name of the preset in use."""
        name = self._preferences.key_preset
        return name if name in PRESETS else "rhytid"

    def use(self, preset: str) -> None:
        """Take the keys and mouse habits of a preset; keys chosen by hand stay."""
        self._preferences.key_preset = preset
        self._preferences.navigation = PRESETS[preset].navigation

    def follow(self, navigation: Navigation) -> None:
        """Take mouse habits, and the keys that go with them where the present ones go with others."""
        self._preferences.navigation = navigation
        if PRESETS[self.preset].navigation is not navigation:
            self._preferences.key_preset = "blender" if navigation is Navigation.BLENDER else "rhytid"

    def of(self, action: str) -> Keys:
        """Keys of an action, the one to show first."""
        return self._chosen().get(action, self.preset_keys(action))

    def preset_keys(self, action: str) -> Keys:
        """Keys that the preset gives an action."""
        return PRESETS[self.preset].keys.get(action, self._program[action])

    def is_own(self, action: str) -> bool:
        """The artist chose the keys of this action."""
        return action in self._chosen()

    def set(self, action: str, keys: Sequence[str]) -> None:
        """Choose the keys of an action; those of the preset are not kept as a choice."""
        chosen = self._chosen()
        chosen.pop(action, None)
        if tuple(keys) != self.preset_keys(action):
            chosen[action] = tuple(keys)
        self._keep(chosen)

    def reset(self) -> None:
        """Only the preset's keys."""
        self._keep({})

    def conflicts(self) -> dict[str, tuple[str, ...]]:
        """Keys that more than one action has, with the actions."""
        users: dict[str, list[str]] = {}
        for action in self._program:
            for key in self.of(action):
                users.setdefault(key.lower(), []).append(action)
        return {key: tuple(actions) for key, actions in users.items() if len(actions) > 1}

    def _chosen(self) -> dict[str, Keys]:
        pairs = (line.partition("=") for line in self._preferences.own_keys)
        return {action: tuple(keys.split()) for action, _, keys in pairs if action in self._program}

    def _keep(self, chosen: Mapping[str, Keys]) -> None:
        self._preferences.own_keys = tuple(f"{action}={' '.join(keys)}" for action, keys in sorted(chosen.items()))
