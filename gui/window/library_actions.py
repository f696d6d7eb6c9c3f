"""The actions of the wrinkle library."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rhytid.core.detail.engine import Control
from rhytid.core.document.wrinkle_library import SUFFIX
from rhytid.core.files.writing import replacing
from rhytid.core.language import tr
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.window.docks import Docks
from rhytid.gui.window.path_questions import PathQuestions

if TYPE_CHECKING:
    from rhytid.gui.panels.library import LibraryPanel


class LibraryActions:
    """What these actions do.

    Parameters
    ----------
    session : EditorSession
    docks : Docks
    paths : PathQuestions
    """

    def __init__(self, session: EditorSession, docks: Docks, paths: PathQuestions) -> None:
        self._session, self._docks, self._paths = session, docks, paths

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        return {
            "library_save": lambda: self._panel().ask_name(),
            "library_import": self.bring,
            "library_export": self.copy_out,
        }

    def take(self, paths: Sequence[Path]) -> None:
        """Bring files of wrinkles into the library and show it."""
        self._panel().take(paths)

    def bring(self) -> None:
        """Ask for files of wrinkles and take them into the library."""
        paths = self._paths.open_several(tr("Bring Wrinkles into the Library"), (SUFFIX,), tr("Wrinkles"))
        if paths:
            self.take(paths)

    def copy_out(self) -> None:
        """Copy the chosen item to a file that can be handed on."""
        item = self._panel().view.current_item()
        if item is None:
            self._session.post(tr("Choose an item of the library first"))
            return
        path = self._paths.save(tr("Copy Wrinkles to a File"), (SUFFIX,), tr("Wrinkles"))
        if path is None:
            return

        def write(_control: Control) -> None:
            with replacing(path) as temporary:
                shutil.copyfile(item.path, temporary)

        name = path.name
        self._session.jobs.start(tr("Save {0}", name), write, lambda _: self._session.post(tr("Saved {0}", name)))

    def _panel(self) -> LibraryPanel:
        from rhytid.gui.panels.library import LibraryPanel

        panel = self._docks.bring("library")
        assert isinstance(panel, LibraryPanel)
        return panel
