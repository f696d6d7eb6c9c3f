"""The engines as the window shows them: titles, which can run, and a word when a project's own cannot.

Looking for weights may take a moment, so it happens on a thread of its own after the first frame.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot

from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.face import engine_choice
from rhytid.core.face.engine_choice import FALLBACK

_LONGEST_WAIT_S = 30.0

_TITLES = {
    "semm": ("SEMM", "Learned: one model of wrinkles, expression and age that obeys drawn lines"),
    "sd_detail": ("SD-DeTail", "Learned: static detail and what expressions add to it"),
    FALLBACK: ("Procedural", "From anatomy and a seed; needs no weights"),
}


def engine_title(name: str) -> str:
    """How an engine is called on the screen."""
    return _TITLES[name][0] if name in _TITLES else name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class EngineChoice:
    """One entry of the engine menu.

    Attributes
    ----------
    reason : str
        Why it cannot run; "" if it can.
    """

    name: str
    title: str
    tip: str
    reason: str = ""


class Engines(QObject):
    """What there is to choose from, for one document.

    Signals
    -------
    changed()
        Which engines can run became known, or one broke.
    noticed(text)
        The document names an engine that cannot run; for the person at the screen.
    """

    changed = Signal()
    noticed = Signal(str)
    _found = Signal()
    _broke = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._told = ""
        self.known = False
        self._looking: threading.Thread | None = None
        self._found.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._broke.connect(self._take_broken, Qt.ConnectionType.QueuedConnection)
        document.state_changed.connect(self._follow)
        document.path_changed.connect(self._follow_path)

    def look(self) -> None:
        """Find out in the background; `changed` follows."""
        self._looking = threading.Thread(target=self._look, name="engines", daemon=True)
        self._looking.start()

    def close(self) -> None:
        """Wait for the look: a thread inside native code must not outlive the interpreter."""
        if self._looking is not None:
            self._looking.join(timeout=_LONGEST_WAIT_S)

    def note_broken(self, name: str, reason: str) -> None:
        """An engine failed to load; may be called on any thread."""
        engine_choice.note_broken(name, reason)
        self._broke.emit(name)

    def choices(self) -> list[EngineChoice]:
        """Engines in the order of the menu, the document's own included even if nobody knows it."""
        reasons = engine_choice.reasons_so_far()
        own = self._document.state.settings.name
        names = [name for name in _TITLES if name in reasons]
        names += [name for name in reasons if name not in names]
        if own not in names:
            reasons[own] = f"this program has no engine {own!r}" if self.known else "not looked for yet"
            names.append(own)
        return [self._choice(name, reasons[name]) for name in names]

    def reason_against(self, name: str) -> str:
        """Why an engine cannot run, "" if it can or nobody knows yet."""
        return engine_choice.reason_against(name) if self.known else ""

    def new_state(self) -> DocumentState:
        """What a new document begins with: drawn by the best engine that can run, as far as anybody knows yet."""
        return engine_choice.new_state() if self.known else DocumentState()

    def drawing(self, state: DocumentState) -> str:
        """Name of the engine that draws a state."""
        return FALLBACK if self.reason_against(state.settings.name) else state.settings.name

    @staticmethod
    def _choice(name: str, reason: str) -> EngineChoice:
        tip = _TITLES[name][1] if name in _TITLES else ""
        return EngineChoice(name, engine_title(name), tip, reason)

    def _look(self) -> None:
        engine_choice.engine_reasons()
        self._found.emit()

    @Slot()
    def _take(self) -> None:
        self.known = True
        self.changed.emit()
        self._follow(self._document.state)

    @Slot(str)
    def _take_broken(self, name: str) -> None:
        self._told = self._told.replace(name, "")
        self._take()

    def _follow_path(self, _path: object) -> None:
        self._told = ""

    def _follow(self, new: DocumentState, _old: DocumentState | None = None) -> None:
        name = new.settings.name
        reason = self.reason_against(name)
        if not reason:
            self._told = ""
        elif name != self._told:
            self._told = name
            self.noticed.emit(
                f"This face asks for the engine {engine_title(name)}, which cannot run: {reason}. "
                "The procedural engine draws it; the project keeps its setting."
            )
