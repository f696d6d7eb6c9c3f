"""Which engines the program has, and which one draws a new document.

A project keeps the engine that it names. Where that one cannot run (its weights are missing or damaged, or this
program does not know it) the procedural engine draws instead: on the screen, in exports and in every command,
because all of them ask `Engines.runnable` through `core.face.resolve`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from rhytid.core.detail.engine import Control, EngineFailed
from rhytid.core.detail.engines import GROUP, Engines
from rhytid.core.document.state import DocumentState
from rhytid.core.learned.engines import learned_engines
from rhytid.core.lines.stroke import Stroke

PREFERRED = learned_engines()[0].name


def standard_engines() -> Engines:
    """The program's own engines and those of other packages, none of them made yet."""
    return Engines(learned_engines(), GROUP)


@lru_cache(maxsize=1)
def default_engines() -> Engines:
    """The engines of all faces of this process that are given no others, so that weights are read once."""
    return standard_engines()


def new_state(engines: Engines) -> DocumentState:
    """What a new document begins with: the default face, drawn by the best engine that can run."""
    return _begun(engines.reason_against(PREFERRED))


def new_state_so_far(engines: Engines) -> DocumentState:
    """`new_state` for a thread that must not wait, as far as it is known which engines can run."""
    return _begun(engines.reason_so_far(PREFERRED))


def _begun(reason: str | None) -> DocumentState:
    state = DocumentState()
    return replace(state, settings=replace(state.settings, name=PREFERRED)) if reason == "" else state


def generated_strokes(state: DocumentState, engines: Engines, *, wait: bool = False) -> tuple[Stroke, ...]:
    """The wrinkles that the state's engine brings by itself, without those that the document took over.

    Parameters
    ----------
    wait : bool
        Find out first whether the engine can run, which loads its weights: for jobs. Without, a pen or a pointer is
        never kept waiting, and there are none until that is known.
    """
    if not state.settings.generate_wrinkles:
        return ()
    settings = engines.runnable(state.settings) if wait else engines.runnable_so_far(state.settings)
    if settings is None:
        return ()
    try:
        with engines.watched(settings.name, Control()):
            return state.layering.left_to_engine(tuple(engines.get(settings.name).strokes(settings)))
    except EngineFailed as failure:
        engines.note_broken(failure.name, failure.reason, failure.__cause__)
        return generated_strokes(state, engines, wait=wait)
