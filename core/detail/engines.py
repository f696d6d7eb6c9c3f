"""The engines that there are: each made once, when it is first needed, and none that stops the program.

The program's own are named when `Engines` is made; the procedural one, which needs nothing, is always among them and
draws in the place of any that cannot. Other packages bring theirs by an entry point of the group `rhytid.engines`
that names an `EngineInfo` or a function that gives one. Their code runs only once somebody asks for all engines or
for one that is not the program's own.

Threads: everything may be called on any. What may take long (weights are loaded, other packages imported) says so;
a thread that must not wait has `reason_so_far`, `reasons_so_far` and `runnable_so_far`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from threading import Lock, RLock

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.engine import Control, Engine, EngineFailed, EngineInfo, UnknownEngineError
from rhytid.core.detail.request import FALLBACK, EngineSettings
from rhytid.core.files.failure_log import log_failure
from rhytid.core.language import tr
from rhytid.core.maps.array_cache import ArrayCache

GROUP = "rhytid.engines"


def _procedural(cache: ArrayCache) -> Engine:
    from rhytid.core.detail.procedural import ProceduralEngine

    return ProceduralEngine(cache)


PROCEDURAL = EngineInfo(FALLBACK, tr("Procedural"), tr("From anatomy and a seed; needs no weights"), _procedural)


class _Entry:
    """An engine as far as it is known: `reason` is why it cannot run, "" once it was made, None before."""

    def __init__(self, info: EngineInfo, foreign: bool, reason: str | None = None) -> None:
        self.info = info
        self.foreign = foreign
        self.reason = reason
        self.engine: Engine | None = None
        self.lock = RLock()


class Engines:
    """See the module.

    Parameters
    ----------
    infos : iterable of EngineInfo
        The program's own, the best one first.
    group : str, optional
        Of the entry points of other packages; none are looked for by default.
    cache : ArrayCache, optional
        For the arrays of all engines; one of its own by default.

    Attributes
    ----------
    cache : ArrayCache
    on_broken : callable
        Told once, on whatever thread, in words for an artist, of an engine that was done without from then on.
        It goes to the `logging` of Python unless somebody else wants to hear of it.
    """

    def __init__(
        self, infos: Iterable[EngineInfo] = (), group: str | None = None, cache: ArrayCache | None = None
    ) -> None:
        self.cache = ArrayCache() if cache is None else cache
        self.on_broken: Callable[[str], object] = logging.getLogger("rhytid").warning
        self._entries = {info.name: _Entry(info, False) for info in (*infos, PROCEDURAL)}
        self._entries[FALLBACK].reason = ""
        self._group = group
        self._remarks: tuple[str, ...] = ()
        self._lock = Lock()
        self._search = RLock()
        self._searching = False
        self._searched = group is None

    # ---- what there is -------------------------------------------------------------------------------

    def infos(self) -> tuple[EngineInfo, ...]:
        """The engines known so far, in the order of the menu; never slow."""
        return tuple(entry.info for entry in self._entries.values())

    def title(self, name: str) -> str:
        """How an engine is called on the screen, also one that nobody knows."""
        entry = self._entries.get(name)
        return name.replace("_", " ").capitalize() if entry is None else entry.info.title

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was wrong with engines of other packages, for a person; complete once all were asked for."""
        return self._remarks

    def get(self, name: str) -> Engine:
        """The engine of that name, made on first use and kept; may take long.

        Raises
        ------
        UnknownEngineError
            No engine of that name.
        EngineFailed
            It cannot be made, or failed before.
        """
        entry = self._entry(name)
        with entry.lock:
            if entry.reason:
                raise EngineFailed(name, entry.reason)
            if entry.engine is None:
                try:
                    entry.engine = entry.info.make(self.cache)
                except (Exception, SystemExit) as error:
                    entry.reason = _words(error)
                    if entry.foreign:
                        log_failure(error, f"Making the engine {name}")
                    raise EngineFailed(name, entry.reason) from error
                entry.reason = ""
            return entry.engine

    def is_foreign(self, name: str) -> bool:
        """Whether an engine is of another package."""
        entry = self._entries.get(name)
        return entry is not None and entry.foreign

    # ---- which can run -------------------------------------------------------------------------------

    def reason_against(self, name: str) -> str:
        """Why an engine cannot run, "" if it can; may take long."""
        try:
            self.get(name)
        except EngineFailed as failure:
            return failure.reason
        except UnknownEngineError:
            return _unknown(name)
        return ""

    def reasons(self) -> dict[str, str]:
        """Every engine by name with the reason why it cannot run, "" where it can; may take long."""
        self._find()
        return {name: self.reason_against(name) for name in self._entries}

    def reason_so_far(self, name: str) -> str | None:
        """`reason_against` for a thread that must not wait; None while nobody knows."""
        searched = self._searched
        entry = self._entries.get(name)
        if entry is None:
            return _unknown(name) if searched else None
        return entry.reason

    def reasons_so_far(self) -> dict[str, str]:
        """`reasons` of those engines that are known already; never slow."""
        return {name: entry.reason for name, entry in self._entries.items() if entry.reason is not None}

    def runnable(self, settings: EngineSettings) -> EngineSettings:
        """The settings, with the procedural engine in the place of one that cannot run; may take long."""
        return self._or_fallback(settings, self.reason_against(settings.name))

    def runnable_so_far(self, settings: EngineSettings) -> EngineSettings | None:
        """`runnable` for a thread that must not wait; None while nobody knows whether the engine can run."""
        reason = self.reason_so_far(settings.name)
        return None if reason is None else self._or_fallback(settings, reason)

    def mixers(self, settings: EngineSettings) -> tuple[str, ...]:
        """Names of the engines that can mix two faces, the one of the settings first; never slow."""
        names = [info.name for info in self.infos() if info.mixes]
        return tuple(sorted(names, key=lambda name: name != settings.name))

    @staticmethod
    def _or_fallback(settings: EngineSettings, reason: str) -> EngineSettings:
        return replace(settings, name=FALLBACK) if reason else settings

    # ---- those that fail -----------------------------------------------------------------------------

    def note_broken(self, name: str, reason: str, error: BaseException | None = None) -> None:
        """Do without an engine from now on. The first time, `on_broken` is told and `error` goes to the log."""
        entry = self._entries.get(name)
        if entry is None or name == FALLBACK:
            return
        with self._lock:
            if entry.reason:
                return
            entry.reason, entry.engine = reason, None
        if error is not None:
            log_failure(error, f"Drawing with the engine {name}")
        self.on_broken(
            f"The engine {entry.info.title} cannot go on: {reason}. The procedural engine draws in its place."
        )

    @contextmanager
    def watched(self, name: str, control: Control) -> Iterator[Control]:
        """Run an engine: whatever one of another package raises comes out as `EngineFailed`.

        Gives the control to hand to it. `Cancelled`, and what the control's own callables raise, pass as they are.
        """
        if not self.is_foreign(name):
            yield control
            return
        own: list[BaseException] = []

        def report(share: float) -> None:
            try:
                if control.progress is not None:
                    control.progress(share)
            except BaseException as error:
                own.append(error)
                raise

        try:
            yield Control(control.cancel, report)
        except Exception as error:
            if isinstance(error, Cancelled | EngineFailed) or any(error is one for one in own):
                raise
            if control.cancel is not None and control.cancel():
                raise Cancelled from error  # which the engine did not pass on as it came
            raise EngineFailed(name, _words(error)) from error

    # ---- those of other packages ---------------------------------------------------------------------

    def _entry(self, name: str) -> _Entry:
        if name not in self._entries:
            self._find()
        if name not in self._entries:
            raise UnknownEngineError(f"there is no engine {name!r}; there are: {', '.join(self._entries)}")
        return self._entries[name]

    def _find(self) -> None:
        """Look for engines of other packages, once; who asks meanwhile waits, but for the code that is looked at."""
        with self._search:
            if self._group is None or self._searched or self._searching:
                return
            self._searching = True
            try:
                points = tuple(entry_points(group=self._group))
            except Exception as error:  # metadata of any package may be damaged
                log_failure(error, "Looking for engines of other packages")
                points = ()
                self._remarks += (f"Engines of other packages cannot be looked for: {_words(error)}",)
            for point in points:
                self._take(point)
            self._searched = True

    def _take(self, point: EntryPoint) -> None:
        package = point.dist.name if point.dist is not None else point.value
        try:
            found = point.load()
            info = found if isinstance(found, EngineInfo) else found()
            if not isinstance(info, EngineInfo):
                raise TypeError(f"{point.value} is no EngineInfo and gives none")
        except (Exception, SystemExit) as error:
            log_failure(error, f"Looking for the engine {point.name} of {package}")
            reason = f"{package} cannot be used: {_words(error)}"
            info = EngineInfo(point.name, self.title(point.name), "", _procedural)
            entry = _Entry(info, True, reason)
            self._remarks += (f"The engine {point.name} of {reason}",)
        else:
            entry = _Entry(info, True)
        if info.name in self._entries:
            if entry.reason is None:
                self._remarks += (f"The engine {info.name} of {package} is left out: there is one of that name",)
            return
        self._entries = {**self._entries, info.name: entry}


def _words(error: BaseException) -> str:
    said = " ".join(str(error).split())
    return said if isinstance(error, ValueError | OSError) and said else f"{type(error).__name__} {said}".strip()


def _unknown(name: str) -> str:
    return f"this program has no engine {name!r}"
