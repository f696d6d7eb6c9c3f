"""Detail maps of any states on any heads, by the engine that each names or by the one that steps in for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from rhytid.core.detail.engine import EngineFailed
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.request import FALLBACK, DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.face.resolve import ResolvedPose, resolve
from rhytid.core.head.head import Head
from rhytid.core.learned.runtime import RUNTIME
from rhytid.core.learned.weights import WeightsError


class DetailMaker:
    """A pipeline with its engines. Several threads may use one, but each waits for the others' maps.

    Parameters
    ----------
    engines : Engines
    on_device : bool
        Networks may run on the device in use: for maps that are only looked at.
    """

    def __init__(self, engines: Engines, on_device: bool = False) -> None:
        self.engines = engines
        self._pipeline = DetailPipeline(engines)
        self._place = RUNTIME.on_device if on_device else nullcontext

    def maps(
        self,
        state: DocumentState,
        head: Head,
        resolution: int,
        pose: ResolvedPose | None = None,
        generation: int = 0,
        cancel: Callable[[], bool] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> DetailMaps:
        """The detail of a state on a head; see `DetailPipeline.run`, which raises what comes out of here.

        An engine that cannot go on is done without from then on (`Engines.note_broken`).

        Parameters
        ----------
        pose : ResolvedPose, optional
            The head in the state's pose; saves posing it again.
        """
        while True:
            try:
                request = resolve(state, head, resolution, self.engines, pose)
                try:
                    with self._place():
                        return self._pipeline.run(request, generation, cancel, progress)
                except WeightsError as error:
                    raise EngineFailed(request.pose.settings.name, str(error)) from error
            except EngineFailed as failure:
                if failure.name == FALLBACK:
                    raise  # nothing steps in for the engine that needs nothing
                self.engines.note_broken(failure.name, failure.reason, failure.__cause__)
