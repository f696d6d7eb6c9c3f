"""What an artist prefers on this machine: typed values over QSettings, no part of any document.

The environment variable ``RHYTID_STATE_DIR`` moves everything into an ini file of that folder, so that tests
and several installations do not touch each other.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

from psygnal import Signal
from PySide6.QtCore import QByteArray, QSettings

from rhytid.gui.controllers.view_settings import Navigation

T = TypeVar("T")
ORGANISATION, APPLICATION = "Rhytid", "Rhytid"
RECENT_LIMIT = 10


def open_settings() -> QSettings:
    """The settings store of this user, or the ini file in ``RHYTID_STATE_DIR``."""
    folder = os.environ.get("RHYTID_STATE_DIR")
    if folder:
        return QSettings(str(Path(folder) / "preferences.ini"), QSettings.Format.IniFormat)
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, APPLICATION)


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
        except (ValueError, TypeError):
            return self.default  # an ini file edited by hand must not keep the program from starting

    def __set__(self, instance: Preferences, value: T) -> None:
        value = self._parse(value)
        if value != self.__get__(instance, type(instance)):
            instance.store.setValue(self.key, value.value if isinstance(value, Navigation) else value)
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
    if value in (None, ""):
        return ()
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value)  # type: ignore[attr-defined]


class Preferences:
    """Typed access; every attribute has a default and survives a damaged store.

    Attributes
    ----------
    navigation : Navigation
        Mouse habits of the viewport.
    tablet_pressure_to_depth, tablet_pressure_to_width : bool
        Whether the pen's pressure acts when the program starts.
    pressure_exponent : float
        0.25..4, response of the pen; 1 = linear.
    autosave : bool
    autosave_interval_s : int
        10..3600.
    undo_memory_mb : int
        32..8192; older steps are forgotten beyond it.
    show_statistics : bool
        Frames per second and latency in the status bar.
    max_resolution : int
        256, 1024 or 2048: side of the maps that the viewport refines to.
    hint_dismissed : bool
        The first-run hint was read.

    Signals
    -------
    changed(str, object)
        Name and new value of a preference.
    """

    changed = Signal(str, object)

    navigation = _Value("view/navigation", Navigation.MAYA, Navigation)
    show_statistics = _Value("view/statistics", False, _boolean)
    max_resolution = _Value("view/max_resolution", 1024, _whole(256, 2048))
    tablet_pressure_to_depth = _Value("tablet/pressure_to_depth", True, _boolean)
    tablet_pressure_to_width = _Value("tablet/pressure_to_width", True, _boolean)
    pressure_exponent = _Value("tablet/pressure_exponent", 1.0, _within(0.25, 4.0))
    autosave = _Value("document/autosave", True, _boolean)
    autosave_interval_s = _Value("document/autosave_interval_s", 60, _whole(10, 3600))
    undo_memory_mb = _Value("document/undo_memory_mb", 256, _whole(32, 8192))
    hint_dismissed = _Value("window/hint_dismissed", False, _boolean)
    last_folder = _Value("files/last_folder", "", str)
    recent_files = _Value("files/recent", (), _names)

    def __init__(self, store: QSettings | None = None) -> None:
        self.store = store if store is not None else open_settings()

    def add_recent(self, path: str | Path) -> None:
        """Put a project on top of the list of recent ones."""
        text = str(path)
        self.recent_files = (text, *(p for p in self.recent_files if p != text))[:RECENT_LIMIT]

    def restore_defaults(self) -> None:
        """Forget every preference named above; layout and remembered dialogs stay."""
        for value in vars(type(self)).values():
            if isinstance(value, _Value) and value.key.split("/")[0] in ("view", "tablet", "document"):
                value.__set__(self, value.default)

    def layout(self, name: str) -> QByteArray | None:
        """Window geometry or dock state that was remembered under `name`."""
        stored = self.store.value(f"layout/{name}")
        return stored if isinstance(stored, QByteArray) else None

    def remember_layout(self, name: str, data: QByteArray) -> None:
        self.store.setValue(f"layout/{name}", data)

    def remembered(self, dialog: str) -> dict[str, Any]:
        """What a dialog was last used with; values come back as the text or number that was stored."""
        self.store.beginGroup(f"dialog/{dialog}")
        found = {key: self.store.value(key) for key in self.store.childKeys()}
        self.store.endGroup()
        return found

    def remember(self, dialog: str, values: dict[str, Any]) -> None:
        self.store.beginGroup(f"dialog/{dialog}")
        for key, value in values.items():
            self.store.setValue(key, value)
        self.store.endGroup()
