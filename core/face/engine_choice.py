"""Which engines can draw here, and which one draws a document whose own cannot.

A project keeps the engine that it names. Where that one cannot run (its weights are missing or damaged, or this
program does not know it) the procedural engine draws instead: on the screen, in exports and in every command,
because all of them ask `runnable` through `core.face.resolve`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock

from rhytid.core.detail.engine import engine_names
from rhytid.core.detail.request import EngineSettings
from rhytid.core.document.state import DocumentState

PREFERRED, FALLBACK = "semm", "procedural"


@dataclass
class _Known:
    reasons: dict[str, str] | None = None
    broken: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


_known = _Known()


def engine_reasons() -> dict[str, str]:
    """Every engine by name with the reason why it cannot run, "" where it can.

    The first call registers the engines and looks for their weights, which may take a tenth of a second.
    """
    with _known.lock:
        if _known.reasons is None:
            # Not before they are asked for: the first frame of the editor does without.
            from rhytid.core.learned.register import available_engines, register

            register()
            _known.reasons = {name: reason or "" for name, reason in available_engines().items()}
        # Engines that were registered otherwise, or since, say by themselves when they fail.
        return {**dict.fromkeys(engine_names(), ""), **_known.reasons, **_known.broken}


def reasons_so_far() -> dict[str, str]:
    """`engine_reasons` if they are known already, else the procedural engine alone; never slow."""
    return {FALLBACK: ""} if _known.reasons is None else engine_reasons()


def note_broken(name: str, reason: str) -> None:
    """Do without an engine from now on: its weights turned out to be damaged when they were loaded."""
    if name != FALLBACK:
        _known.broken[name] = reason


def reason_against(name: str) -> str:
    """Why an engine cannot run, "" if it can."""
    return engine_reasons().get(name, f"this program has no engine {name!r}")


def runnable(settings: EngineSettings) -> EngineSettings:
    """The settings, with the procedural engine in the place of one that cannot run."""
    if settings.name == FALLBACK or not reason_against(settings.name):
        return settings
    return replace(settings, name=FALLBACK)


def runnable_so_far(settings: EngineSettings) -> EngineSettings | None:
    """`runnable` for a thread that must not wait; None while nobody knows which engines can run."""
    if settings.name == FALLBACK:
        return settings
    return None if _known.reasons is None else runnable(settings)


def new_state() -> DocumentState:
    """What a new document begins with: the default face, drawn by the best engine that can run."""
    state = DocumentState()
    if reason_against(PREFERRED):
        return state
    return replace(state, settings=replace(state.settings, name=PREFERRED))
