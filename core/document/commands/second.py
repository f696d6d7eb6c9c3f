"""Commands on the second face, whose detail is mixed into the source."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands.base import Batch, Command, CommandError, changed, refusing
from rhytid.core.document.commands.complexion import RandomComplexion
from rhytid.core.document.commands.face import RandomIdentity
from rhytid.core.document.commands.scene import SetEngine
from rhytid.core.document.commands.source import ImportSource, RemoveSource
from rhytid.core.document.limits import check_second, clamp
from rhytid.core.document.state import DocumentState, Mix, SecondFace


@dataclass(frozen=True)
class SetSecondFace(Command):
    """Mix another face's detail into the source.

    Attributes
    ----------
    detail : SourceDetail
        The other face; its lines are dropped.
    mix : Mix
    share : float
        0..1, clamped.
    first : SourceDetail, optional
        What becomes the source where there is none: the generated detail of the face itself.
    """

    detail: SourceDetail
    mix: Mix = Mix.BLEND
    share: float = 0.5
    first: SourceDetail | None = None

    @property
    def label(self) -> str:
        verb = "Blend with" if self.mix is Mix.BLEND else "Wrinkles of"
        return f"{verb} {self.detail.name or 'another face'}"

    def apply(self, state: DocumentState) -> DocumentState:
        if state.source is None:
            if self.first is None:
                raise CommandError("there is no detail to mix another face into; import a map first")
            state = ImportSource(self.first).apply(state)
        with refusing():
            second = SecondFace(replace(self.detail, lines=()), clamp(self.share, (0.0, 1.0), "share"), self.mix)
            check_second(second)
        return replace(state, second=second)


@dataclass(frozen=True)
class SetMix(Command):
    """Change how much of the second face is mixed in, or what of it."""

    label = "Mix two faces"

    share: float | None = None
    mix: Mix | None = None

    def apply(self, state: DocumentState) -> DocumentState:
        second = state.second
        if second is None:
            raise CommandError("there is no second face")
        with refusing():
            share = second.share if self.share is None else clamp(self.share, (0.0, 1.0), "share")
        return changed(state, second=replace(second, share=share, mix=second.mix if self.mix is None else self.mix))


@dataclass(frozen=True)
class RemoveSecondFace(Command):
    """Back to the source alone."""

    label = "Remove second face"

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, second=None)


@dataclass(frozen=True)
class KeepMix(Command):
    """Let the mixed detail be the source from now on, with lines of its own to edit.

    Attributes
    ----------
    mixed : SourceDetail
        What `core.face.capture.mixed_face` made of this state.
    """

    label = "Keep the mixed face"

    mixed: SourceDetail

    def apply(self, state: DocumentState) -> DocumentState:
        return replace(ImportSource(self.mixed).apply(state), second=None)


def random_person(seed: int, n_modes: int) -> Command:
    """Another person: shape, skin and colours."""
    commands = RandomIdentity(seed, n_modes), RandomComplexion(seed), SetEngine(seed=seed)
    return Batch(commands, f"Random person {seed}")


def random_face(seed: int, n_modes: int) -> Command:
    """A random person without any imported detail; strokes that were drawn stay."""
    commands = random_person(seed, n_modes), SetEngine(generate_wrinkles=True), RemoveSource()
    return Batch(commands, f"Random face {seed}")
