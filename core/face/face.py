"""`Face`: a document with its head, for whoever has no window."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.detail.engine import Control
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import VIEWPORT, DetailMaps, SourceDetail
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.commands import ImportSource, random_person
from rhytid.core.document.expression import checked_expression
from rhytid.core.document.limits import SEED_MAX, SOURCE_MAX_SIZE, SOURCE_MIN_SIZE, check_state
from rhytid.core.document.project import PROJECT_SUFFIX, load_project, save_project
from rhytid.core.document.state import AGE_DEFAULT, DocumentState, HeadReference
from rhytid.core.face.clip_weights import weights_over_time
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.engine_choice import default_engines, new_state
from rhytid.core.face.hair import hair_by_kind
from rhytid.core.face.identity import measures_of, set_measures
from rhytid.core.face.opening import opened_head, source_of, with_own_color
from rhytid.core.face.resolve import ResolvedPose, resolve_pose
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.given import (
    given_items,
    given_number,
    given_numbers,
    given_path,
    given_whole,
    known_options,
)
from rhytid.core.head.head import Head
from rhytid.core.io.export import export
from rhytid.core.io.export_options import ExportOptions, ExportReport, options_for
from rhytid.core.io.shown_face import ShownFace, posed_state
from rhytid.core.lines.stroke import Stroke

if TYPE_CHECKING:
    from typing_extensions import Self

Float32 = npt.NDArray[np.float32]
Weights = Mapping[str, float] | Iterable[tuple[str, float]]


class Face:
    """A head with everything that is set on it: expression, action units, age, strokes, imported detail.

    What is set is checked at once and kept in one frozen `state`; shapes, maps, pictures and files are made of it
    when they are asked for, by the same code that the editor runs.

    Parameters
    ----------
    path : path, optional
        A project (``.rhytid``), or a head as `core.head.load.load_head` opens it, with the colour that its file has
        on the skin. The default head otherwise.
    engines : Engines, optional
        What can draw it; by default what all faces of this process share.

    Attributes
    ----------
    remark : str
        What a person should know of the head that was opened; "" for nothing.

    Raises
    ------
    ValueError
        The file is no project and no head, or is damaged; the message names it.
    OSError
        It cannot be opened, or the head that a project names is not there.

    Examples
    --------
    >>> face = Face()
    >>> face.expression = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}
    >>> face.age = 60
    >>> maps = face.maps(256)
    >>> maps.displacement.shape, maps.displacement.dtype.name
    ((256, 256), 'float32')
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, engines: Engines | None = None) -> None:
        engines = default_engines() if engines is None else engines
        if path is not None and given_path(path).suffix.lower() == PROJECT_SUFFIX:
            self._begin(load_project(path), engines)
        else:
            state = new_state(engines)
            state = state if path is None else replace(state, head=HeadReference(os.fspath(path)))
            self._begin(state, engines, is_new_head=path is not None)

    @classmethod
    def of_project(cls, path: str | os.PathLike[str], head: str | os.PathLike[str] | None = None) -> Self:
        """The face of a project, whatever its file is called, on another head than its own if one is named."""
        state = load_project(given_path(path))
        face = cls.__new__(cls)
        state = state if head is None else replace(state, head=HeadReference(str(given_path(head))))
        face._begin(state, default_engines(), is_new_head=head is not None)
        return face

    @classmethod
    def of(cls, state: DocumentState, head: Head, engines: Engines | None = None) -> Self:
        """The face of a state on a head that is open already."""
        face = cls.__new__(cls)
        face._begin(state, default_engines() if engines is None else engines, head)
        return face

    @classmethod
    def from_photo(
        cls,
        photo: str | os.PathLike[str],
        *more: str | os.PathLike[str],
        age: float = AGE_DEFAULT,
        focal_mm: float | None = None,
        expression_photo: str | os.PathLike[str] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Self:
        """The face of a person in a photo: head, expression, light, skin colour, relief and wrinkle lines.

        Parameters
        ----------
        photo, *more : path
            Photos of one person; the first gives expression, light and relief.
        age : float
            Years of the person in the photos.
        focal_mm : float, optional
            Focal length on film of 36 x 24 mm, where it is known better than the photos tell.
        expression_photo : path, optional
            Another photo of the person, whose expression the face wears.
        cancel : callable, optional
            Ends the work with `core.detail.engine.Cancelled` once it returns True.

        Raises
        ------
        ValueError
            A file is no photo or shows no face that can be read; the message says what to do.
        core.photo.face_models.FaceModelsMissing
            The networks that find faces are not installed; the message gives the command.
        OSError
            A file cannot be opened.
        """
        from rhytid.core.face.from_photo import face_of_photos  # the networks' runtime is slow to import
        from rhytid.core.photo.photo_face import PhotoTools

        face = cls()
        years = given_number(age, "age")
        focal = None if focal_mm is None else given_number(focal_mm, "focal_mm")
        face._state, _ = face_of_photos(
            face.state, [given_path(path) for path in (photo, *more)], PhotoTools(face.head), age=years,
            focal_mm=focal, expression_photo=expression_photo, control=Control(cancel),
        )  # fmt: skip
        return face

    def _begin(
        self, state: DocumentState, engines: Engines, head: Head | None = None, is_new_head: bool = False
    ) -> None:
        self.remark = ""
        if head is None:
            head, self.remark = opened_head(state.head)
            state = replace(state, head=replace(state.head, digest=head.digest))
            state = with_own_color(state, head) if is_new_head else state
        self._state, self._head, self._engines = state, head, engines
        self._posed: ResolvedPose | None = None

    # ---- what is set ---------------------------------------------------------------------------------

    @property
    def state(self) -> DocumentState:
        """Everything that is set, frozen; a project keeps exactly this."""
        return self._state

    @state.setter
    def state(self, state: DocumentState) -> None:
        if not isinstance(state, DocumentState):
            raise ValueError(f"the state of a face is a DocumentState, not {type(state).__name__}")
        check_state(state)
        self._state = state

    @property
    def head(self) -> Head:
        """The head that it was opened with."""
        return self._head

    @property
    def expression(self) -> dict[str, float]:
        """ARKit weights 0..1 by name, those that are not 0. Setting replaces all of them.

        Raises
        ------
        ValueError
            A name that ARKit does not have, or a weight out of range.
        """
        pairs = zip(ARKIT_NAMES, self._state.expression, strict=True)
        return {name: weight for name, weight in pairs if weight}

    @expression.setter
    def expression(self, weights: Weights) -> None:
        self._change(expression=checked_expression(weights))

    @property
    def action_units(self) -> dict[str, float]:
        """Intensities 0..1 of FACS action units by name ("AU12", "AU12L"), on top of the expression.

        Raises
        ------
        ValueError
            A unit that the table does not have, or an intensity out of range.
        """
        return dict(self._state.action_units)

    @action_units.setter
    def action_units(self, intensities: Weights) -> None:
        known = action_unit_table().by_name
        given = given_numbers(intensities, "action units")
        for name in given:
            if name not in known:
                raise ValueError(f"{name!r} is not in the table of action units, e.g. AU12 or AU12L")
        self._change(action_units=tuple(sorted((n, v) for n, v in given.items() if v)))

    @property
    def age(self) -> float:
        """Years, 16..80; setting raises `ValueError` outside."""
        return self._state.age

    @age.setter
    def age(self, years: float) -> None:
        self._change(age=given_number(years, "age"))

    @property
    def shape_age(self) -> float | None:
        """Years of the head's shape alone, 16..80; None while they are those of `age`, which are the skin's too."""
        return self._state.shape_age

    @shape_age.setter
    def shape_age(self, years: float | None) -> None:
        self._change(shape_age=None if years is None else given_number(years, "age of the shape"))

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """All wrinkle lines: drawn ones and those of an imported map. Leaving one of the map's out erases it."""
        return self._state.strokes

    @strokes.setter
    def strokes(self, strokes: Iterable[Stroke]) -> None:
        self._change(strokes=given_items(strokes, Stroke, "strokes"))

    @property
    def engine(self) -> str:
        """Name of the engine that makes the detail; setting raises `ValueError` where that one cannot run."""
        return self._state.settings.name

    @engine.setter
    def engine(self, name: str) -> None:
        reason = self._engines.reason_against(name) if isinstance(name, str) else "an engine has a name"
        if reason:
            raise ValueError(f"engine {name}: {reason}")
        self._change(settings=replace(self._state.settings, name=name))

    @property
    def identity_measures(self) -> dict[str, float]:
        """What the person measures at rest by name, mm or degrees, and `sex` from -1, the mean woman, to 1, the man.

        Setting moves those that are named and holds the others as far as the head's people allow.

        Raises
        ------
        ValueError
            A measure that there is not, one beyond what people have, or a head without identity modes.
        """
        return measures_of(self._state, self._head)

    @identity_measures.setter
    def identity_measures(self, values: Weights) -> None:
        self.state = set_measures(self._state, self._head, given_numbers(values, "measures")).apply(self._state)

    def be_random(self, seed: int) -> None:
        """Another person: shape of the head, skin and colours by `seed`, 0..2**31 - 1."""
        seed = given_whole(seed, 0, SEED_MAX, "seed")
        self.state = random_person(seed, self._head.n_identity).apply(self._state)

    def wear(
        self, displacement: npt.ArrayLike | SourceDetail, expression: Weights = (), age: float = AGE_DEFAULT
    ) -> None:
        """Take an imported displacement map as the face's own detail; its wrinkle lines become strokes.

        Expression and age are set to those of the capture, in which the map shows bit for bit as it is.

        Parameters
        ----------
        displacement : float32 (H, H) or SourceDetail
            mm, outward positive, chart layout, 64..8192 texels wide; `read_displacement` gives such maps. A
            `SourceDetail` says itself how it was captured.
        expression : mapping of name to weight
            ARKit weights at capture.
        age : float
            Years at capture.
        """
        source = displacement if isinstance(displacement, SourceDetail) else source_of(displacement, expression, age)
        imported = ImportSource(source).apply(self._state)
        self.state = replace(imported, expression=source.expression, action_units=(), age=source.age)

    @property
    def engines(self) -> Engines:
        """What can draw it."""
        return self._engines

    # ---- what follows from it ------------------------------------------------------------------------

    def pose(self) -> ResolvedPose:
        """The head in identity and expression: vertices (V, 3) in mm and tension; kept until they change."""
        self._posed = resolve_pose(self._state, self._head, self._posed)
        return self._posed

    def maps(self, resolution: int = VIEWPORT, cancel: Callable[[], bool] | None = None) -> DetailMaps:
        """Detail in the chart.

        Parameters
        ----------
        resolution : int
            Texels per side, 64..8192.
        cancel : callable, optional
            Polled; `Cancelled` comes out once it says True.

        Returns
        -------
        DetailMaps
            ``displacement`` float32 (R, R) mm, ``line_map`` bool (R, R), ``distance_field`` float32 (R, R) 0..1.
        """
        resolution = given_whole(resolution, SOURCE_MIN_SIZE, SOURCE_MAX_SIZE, "resolution")
        return self._maps(self._state, resolution, cancel)

    def export(
        self,
        folder: str | os.PathLike[str],
        *,
        progress: Callable[[float], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        **options: Any,
    ) -> ExportReport:
        """Write meshes and maps, read them back and compare; all of them or none.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        progress, cancel : callable, optional
            As of `core.io.export.export`.
        **options
            Fields of `core.io.export_options.ExportOptions`: ``what``, ``mesh_format``, ``resolution``, ``name`` ...
            With a ``client`` the others begin as that program takes them.

        Raises
        ------
        ValueError
            An option that there is not, or one out of range.
        ExportError
            The folder cannot be written, or a file did not read back as it should; nothing is left.
        """
        known_options(options, (field.name for field in fields(ExportOptions)), "an export")
        made = options_for(**options) if "client" in options else ExportOptions(**options)
        return self.write(folder, made, progress, cancel)

    def write(
        self,
        folder: str | os.PathLike[str],
        options: ExportOptions,
        progress: Callable[[float], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> ExportReport:
        """`export` with options that were made before."""
        outdir, posed = given_path(folder), self.pose()
        # Where strands go along, brows are painted below them as in the viewport.
        color = partial(skin_colors, self._state, cache=self.engines.cache, strands="hair" in options.what)
        shown = posed_state(self._state, options.pose)
        face = ShownFace(
            self._state, self._head, posed.vertices, posed.rest,
            lambda resolution: self._maps(shown, resolution, cancel), color,
            partial(hair_by_kind, self._state, self._head), partial(weights_over_time, self._state, self._head),
        )  # fmt: skip
        return export(face, outdir, options, progress, cancel)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a project; raises as `core.document.project.save_project`."""
        save_project(given_path(path), self._state)

    @cached_property
    def _maker(self) -> DetailMaker:
        return DetailMaker(self._engines)

    def _maps(self, state: DocumentState, resolution: int, cancel: Callable[[], bool] | None) -> DetailMaps:
        return self._maker.maps(state, self._head, resolution, cancel=cancel)

    def _change(self, **changes: Any) -> None:
        self.state = replace(self._state, **changes)
