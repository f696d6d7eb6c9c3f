"""Opening environments: an equirectangular .hdr or .exr becomes the light around the face."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rhytid.core.detail.engine import Control
from rhytid.core.document.commands import SetPanorama
from rhytid.core.language import tr
from rhytid.core.maps.panorama import Panorama
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.window.path_questions import ENVIRONMENT_FILTER, PathQuestions


class EnvironmentActions:
    """What these actions do.

    Parameters
    ----------
    session : EditorSession
    paths : PathQuestions
    """

    def __init__(self, session: EditorSession, paths: PathQuestions) -> None:
        self._session, self._paths = session, paths

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        return {"open_environment": self.ask}

    def ask(self) -> None:
        """Ask for a file and light the face by it."""
        path = self._paths.open(tr("Open Environment"), ENVIRONMENT_FILTER)
        if path is not None:
            self.take(path)

    @staticmethod
    def is_one(path: Path) -> bool:
        """Whether a map is taken for an environment."""
        from rhytid.core.io.environment_file import is_environment

        return is_environment(path)

    def take(self, path: Path) -> None:
        """Light the face by a file; it is read and blurred in the background."""

        def work(_control: Control) -> Panorama:
            from rhytid.core.io.environment_file import read_environment
            from rhytid.gui.render.environment import of_panorama

            panorama = read_environment(path)
            _ = of_panorama(panorama).levels  # kept with it: the first picture need not wait
            return panorama

        def done(panorama: Panorama) -> None:
            self._session.execute(SetPanorama(panorama))
            self._session.post(tr("Lit by {0}", path.name))

        self._session.jobs.start(tr("Open {0}", path.name), work, done)
