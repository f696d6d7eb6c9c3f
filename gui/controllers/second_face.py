"""Random faces and second faces for menus and panels; what takes time is a job that can be cancelled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import SystemRandom

from rhytid.core.detail.engine import Control
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands import KeepMix, SetSecondFace, random_face
from rhytid.core.document.state import DocumentState, Mix
from rhytid.core.face.resolve import ResolvedPose
from rhytid.core.head.head import Head
from rhytid.core.language import tr
from rhytid.core.read_only import read_only
from rhytid.gui.controllers.session import EditorSession

SEEDS = 100_000
Load = Callable[[Control], SourceDetail]


def roll_face(session: EditorSession, pose: ResolvedPose | None) -> None:
    """Another random person, shape and skin, as one undo step."""
    n_modes = pose.head.n_identity if pose is not None else 0
    session.document.execute(random_face(SystemRandom().randrange(1, SEEDS), n_modes))


def reason_against_mixing(session: EditorSession) -> str:
    """Why no second face can be mixed in, "" if one can."""
    return session.engine_choices.reason_against_mixing()


def face_of_project(path: Path, engines: Engines) -> Load:
    """All detail of a saved project in its own pose."""

    def load(control: Control) -> SourceDetail:
        from rhytid.core.document.project import load_project
        from rhytid.core.face.capture import whole_face
        from rhytid.core.head.load import default_head, load_head

        state = load_project(path)
        asked = state.head
        head = load_head(asked.path, pins=asked.pins, keep=True) if asked.path else default_head()
        return whole_face(state, head, engines, path.stem, control)

    return load


def face_of_map(path: Path, reading: object, expression: tuple[float, ...], age: float, head: Head | None) -> Load:
    """A displacement map and the pose it was captured in; `head` is the one in whose own layout it may lie."""

    def load(_control: Control) -> SourceDetail:
        from rhytid.core.detail.request import displacement_digest
        from rhytid.core.io.map_meaning import MapReading
        from rhytid.core.io.own_layout_reading import read_map_on

        assert isinstance(reading, MapReading)
        values = read_only(read_map_on(path, head, reading).displacement)
        return SourceDetail(values, expression, age, path.name, (), displacement_digest(values))

    return load


def mix_in(session: EditorSession, load: Load, name: str, mix: Mix, pose: ResolvedPose) -> None:
    """Load another face and mix it in as one undo step; a face without a source becomes one first."""
    state = session.document.state

    def work(control: Control) -> tuple[SourceDetail, SourceDetail | None]:
        if state.source is not None:
            return load(control.part(0.0, 0.9)), None
        return load(control.part(0.0, 0.5)), _generated(session.engines, state, pose, control.part(0.5, 1.0))

    def done(found: tuple[SourceDetail, SourceDetail | None]) -> None:
        share = 0.5 if mix is Mix.BLEND else 1.0
        session.execute(SetSecondFace(found[0], mix, share, found[1]))
        session.post(tr("{0} is mixed in; the share is in the Detail panel", found[0].name))

    session.jobs.start(tr("Open {name}", name=name), work, done)


def keep_mix(session: EditorSession, pose: ResolvedPose) -> None:
    """Let the mixture be the face's own detail, with lines to edit."""
    state = session.document.state

    def work(control: Control) -> SourceDetail:
        from rhytid.core.face.capture import mixed_face

        return mixed_face(state, pose.head, session.engines, control)

    def done(mixed: SourceDetail) -> None:
        session.execute(KeepMix(mixed))
        session.post(tr("Mixed: {0} lines found", len(mixed.lines)))

    session.jobs.start(tr("Keep the mixed face"), work, done)


def _generated(engines: Engines, state: DocumentState, pose: ResolvedPose, control: Control) -> SourceDetail:
    from rhytid.core.face.capture import generated_face

    return generated_face(state, pose.head, engines, control)
