"""The engines as the window shows them: which can run, and a word when a project's own cannot.

Looking for weights may take a moment, so it happens on a thread of its own after the first frame.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import FALLBACK
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr

_LONGEST_WAIT_S = 30.0


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


class EngineChoices(QObject):
    """What there is to choose from, for one document.

    Signals
    -------
    changed()
        Of more engines it became known whether they can run, or one broke.
    noticed(text)
        The document names an engine that cannot run, or one broke, or one of another package cannot be used; for the
        person at the screen.
    """

    changed = Signal()
    noticed = Signal(str)
    _found = Signal()
    _broke = Signal(str)

    def __init__(self, document: Document, engines: Engines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._engines = engines
        self._told = ""
        self._remarks: tuple[str, ...] = ()
        self._looking: threading.Thread | None = None
        self._found.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._broke.connect(self._take_broken, Qt.ConnectionType.QueuedConnection)
        engines.on_broken = self._broke.emit
        document.state_changed.connect(self._follow)
        document.path_changed.connect(self._follow_path)

    def look(self) -> None:
        """Find out in the background; `changed` follows, first for the program's own engines."""
        self._looking = threading.Thread(target=self._look, name="engines", daemon=True)
        self._looking.start()

    def close(self) -> None:
        """Wait for the look: a thread inside native code must not outlive the interpreter."""
        if self._looking is not None:
            self._looking.join(timeout=_LONGEST_WAIT_S)

    def choices(self) -> list[EngineChoice]:
        """Engines in the order of the menu, the document's own included even if nobody knows it."""
        engines, own = self._engines, self._document.state.settings.name
        reasons = engines.reasons_so_far()
        choices = [
            EngineChoice(info.name, info.title, info.tip, reasons[info.name])
            for info in engines.infos()
            if info.name in reasons
        ]
        if own not in reasons:
            reason = engines.reason_so_far(own) or tr("not looked for yet")
            choices.append(EngineChoice(own, engines.title(own), "", reason))
        return choices

    def title(self, name: str) -> str:
        """How an engine is called on the screen."""
        return self._engines.title(name)

    def reason_against(self, name: str) -> str:
        """Why an engine cannot run, "" if it can or nobody knows yet."""
        return self._engines.reason_so_far(name) or ""

    def reason_against_mixing(self) -> str:
        """Why no second face can be mixed in, "" if one can or nobody knows yet."""
        reasons = [self.reason_against(name) for name in self._engines.mixers(self._document.state.settings)]
        return reasons[0] if reasons and all(reasons) else ""

    def drawing(self, state: DocumentState) -> str:
        """Name of the engine that draws a state."""
        return FALLBACK if self.reason_against(state.settings.name) else state.settings.name

    def _look(self) -> None:
        for info in self._engines.infos():
            self._engines.reason_against(info.name)
        self._found.emit()
        self._engines.reasons()
        self._found.emit()

    @Slot()
    def _take(self) -> None:
        self.changed.emit()
        self._follow(self._document.state)
        new = [remark for remark in self._engines.remarks if remark not in self._remarks]
        self._remarks += tuple(new)
        for remark in new:
            self.noticed.emit(remark)

    @Slot(str)
    def _take_broken(self, text: str) -> None:
        own = self._document.state.settings.name
        if self.reason_against(own):
            self._told = own  # by this
        self.changed.emit()
        self.noticed.emit(text)

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
                tr("This face asks for the engine {0}, which cannot run: {reason}. The procedural engine draws it; "
                   "the project keeps its setting.", self.title(name), reason=reason)
            )
