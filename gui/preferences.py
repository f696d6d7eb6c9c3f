"""What an artist prefers on this machine: typed values over a settings file, no part of any document.

The environment variable ``RHYTID_STATE_DIR`` moves the file into that folder, so that tests and several
installations do not touch each other.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

from psygnal import Signal

from rhytid.core.files.state_folder import config_dir
from rhytid.core.learned.runtime import AUTOMATIC, DEVICES
from rhytid.core.lines.response import LINEAR, PEN_WIDTH, Response
from rhytid.core.maps.array_cache import DEFAULT_BYTES
from rhytid.gui.settings_file import Plain, SettingsFile
from rhytid.gui.theme import THEMES

T = TypeVar("T")
FILE_NAME = "preferences.json"
_PREFERRED = ("view", "tablet", "document", "compute", "keys")  # beside layouts and what dialogs remember
RECENT_LIMIT = 10


class Navigation(str, Enum):
    """Whose mouse habits the viewport follows."""

    MAYA = "maya"  # Alt+left tumbles, Alt+middle tracks, Alt+right dollies
    BLENDER = "blender"  # middle orbits, Shift+middle pans, Ctrl+middle zooms; numpad 1, 3, 7


def open_settings() -> SettingsFile:
    """The settings of this user, or those in ``RHYTID_STATE_DIR``."""
    try:
        return SettingsFile(config_dir() / FILE_NAME)
    except OSError:
        return SettingsFile(None)


class _Value(Generic[T]):
    """A preference as an attribute: read through `parse`, which raises ValueError for what cannot be meant."""

    def __init__(self, key: str, default: T, parse: Callable[[Any], T]) -> None:
        self.key, self.default, self._parse = key, default, parse
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> _Value[T]: ...
    @overload
    def __get__(self, instance: Preferences, owner: type) -> T: ...
    def __get__(self, instance: Preferences | None, owner: type) -> T | _Value[T]:
        if instance is None:
            return self
        stored = instance.store.value(self.key)
        if stored is None:
            return self.default
        try:
            return self._parse(stored)
        except (ValueError, TypeError, OverflowError):
            return self.default  # a file edited by hand must not keep the program from starting

    def __set__(self, instance: Preferences, value: T) -> None:
        value = self._parse(value)
        if value != self.__get__(instance, type(instance)):
            plain: Any = value.value if isinstance(value, Navigation) else value
            if isinstance(value, Response):
                plain = [f"{x!r} {y!r}" for x, y in value.points]
            instance.keep({self.key: plain})
            instance.changed.emit(self.name, value)


def _boolean(value: object) -> bool:
    if isinstance(value, str):
        if value.lower() not in ("true", "false", "1", "0"):
            raise ValueError(value)
        return value.lower() in ("true", "1")
    return bool(value)


def _within(low: float, high: float) -> Callable[[Any], float]:
    return lambda value: min(max(float(value), low), high)


def _whole(low: int, high: int) -> Callable[[Any], int]:
    return lambda value: min(max(int(value), low), high)


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise ValueError(value)
    return tuple(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _curve(value: Any) -> Response:
    if isinstance(value, Response):
        return value
    pairs = (line.split(" ") for line in _names(value))
    return Response(tuple((float(x), float(y)) for x, y in pairs))


def _theme(value: object) -> str:
    if value not in THEMES:
        raise ValueError(value)
    return str(value)


def _device(value: object) -> str:
    if value != AUTOMATIC and not any(device.name == value for device in DEVICES):
        raise ValueError(value)
    return str(value)


class Preferences:
    """Typed access; every attribute has a default and survives a damaged store.

    Attributes
    ----------
    navigation : Navigation
        Mouse habits of the viewport.
    tablet_pressure_to_depth, tablet_pressure_to_width : bool
        Whether the pen's pressure acts when the program starts.
    tablet_depth_curve, tablet_width_curve : Response
        What the pen's pressure makes of depth and width.
    pressure_exponent : float
        0.25..4, response of the pen; 1 = linear.
    autosave : bool
    autosave_interval_s : int
        10..3600.
    undo_memory_mb : int
        32..8192; older steps are forgotten beyond it.
    cache_memory_mb : int
        64..16384; what was computed longest ago is computed again beyond it.
    theme : str
        "dark" or "light".
    show_statistics : bool
        Frames per second and latency in the status bar.
    max_resolution : int
        256, 1024 or 2048: side of the maps that the viewport refines to.
    compute_device : str
        Name of the device that networks run on (`core.learned.runtime`), "auto" for the fastest.
    key_preset : str
        Name of a preset of `controllers.key_map`.
    own_keys : tuple of str
        ``action=key key`` for each action whose keys were chosen by hand.
    welcome : bool
        The page of the start is shown.
    hint_dismissed : bool
        The first-run hint was read.

    Signals
    -------
    changed(str, object)
        Name and new value of a preference.
    not_kept(str)
        Values do not reach the file, and why; told once.
    """

    changed = Signal(str, object)
    not_kept = Signal(str)

    navigation = _Value("view/navigation", Navigation.MAYA, Navigation)
    theme = _Value("view/theme", "dark", _theme)
    show_statistics = _Value("view/statistics", False, _boolean)
    max_resolution = _Value("view/max_resolution", 1024, _whole(256, 2048))
    tablet_pressure_to_depth = _Value("tablet/pressure_to_depth", True, _boolean)
    tablet_pressure_to_width = _Value("tablet/pressure_to_width", True, _boolean)
    tablet_depth_curve = _Value("tablet/depth_curve", LINEAR, _curve)
    tablet_width_curve = _Value("tablet/width_curve", PEN_WIDTH, _curve)
    pressure_exponent = _Value("tablet/pressure_exponent", 1.0, _within(0.25, 4.0))
    autosave = _Value("document/autosave", True, _boolean)
    autosave_interval_s = _Value("document/autosave_interval_s", 60, _whole(10, 3600))
    undo_memory_mb = _Value("document/undo_memory_mb", 256, _whole(32, 8192))
    cache_memory_mb = _Value("document/cache_memory_mb", DEFAULT_BYTES >> 20, _whole(64, 16384))
    compute_device = _Value("compute/device", AUTOMATIC, _device)
    key_preset = _Value("keys/preset", "rhytid", _text)
    own_keys = _Value[tuple[str, ...]]("keys/own", (), _names)
    welcome = _Value("window/welcome", True, _boolean)
    hint_dismissed = _Value("window/hint_dismissed", False, _boolean)
    last_folder = _Value("files/last_folder", "", _text)
    recent_files = _Value[tuple[str, ...]]("files/recent", (), _names)

    def __init__(self, store: SettingsFile | None = None) -> None:
        self.store = store if store is not None else open_settings()
        self._told = False

    def keep(self, values: Mapping[str, Plain]) -> None:
        """Put plain values into the settings file."""
        self.store.put(values)
        if self.store.problem and not self._told:
            self._told = True
            self.not_kept.emit(self.store.problem)

    def add_recent(self, path: str | Path) -> None:
        """Put a project on top of the list of recent ones."""
        text = str(path)
        self.recent_files = (text, *(p for p in self.recent_files if p != text))[:RECENT_LIMIT]

    def restore_defaults(self) -> None:
        """Forget every preference named above; layout and remembered dialogs stay."""
        for value in vars(type(self)).values():
            if isinstance(value, _Value) and value.key.split("/")[0] in _PREFERRED:
                value.__set__(self, value.default)

    def layout(self, name: str) -> bytes | None:
        """Window geometry or dock state that was remembered under `name`."""
        stored = self.store.value(f"layout/{name}")
        if not isinstance(stored, str):
            return None
        try:
            return base64.b64decode(stored, validate=True)
        except (ValueError, binascii.Error):
            return None

    def remember_layout(self, layouts: Mapping[str, bytes]) -> None:
        """Keep geometry and dock states by name."""
        self.keep({f"layout/{name}": base64.b64encode(data).decode() for name, data in layouts.items()})

    def remembered(self, dialog: str) -> dict[str, Any]:
        """What a dialog was last used with; values come back as the text or number that was stored."""
        group = f"dialog/{dialog}/"
        return {key.removeprefix(group): self.store.value(key) for key in self.store.names(group)}

    def remember(self, dialog: str, values: Mapping[str, Plain]) -> None:
        """Keep what a dialog was used with."""
        self.keep({f"dialog/{dialog}/{key}": value for key, value in values.items()})
