"""Project files: `.rhytid`, a zip of JSON, NPY and PNG.

Members, in this order: `project.json` (schema version, all scalars, strokes without points),
`points.npy` (float32 (N, 3): x, y, pressure of all strokes), `source.npy` (the imported map, bit-exact, packed as
`packed_map` does) and `second.npy` (that of a second face) where there is one, each with a list of its values where
it has few, `masks.npy` (those of layers), `smoothed.npy` (mask of skin without pores), `lock.npy` and `locked.npy`
(mask and detail of locked skin), `paint.npy` (tiles painted by hand), `photo.bin` (a photo's file as it was),
`photo_offsets.npy`, `photo_light.npy`, file and light of further photos, `albedo.npy` and `albedo_around.npy` (see
`project_photo`), `thumbnail.png` where the program put one. Equal states give equal bytes: order and time stamps are
fixed, JSON keys sorted, numbers the shortest text that reads back to the same value.

Nothing is unpickled or extracted to disk, and sizes are checked before memory is taken: the file's own, those of
its members, the number of JSON values, and what the headers of arrays say. Maps are unpacked last, when everything
else is known to be right.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.finish import SkinLock, SmoothedSkin
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.limits import (
    SOURCE_MIN_SIZE,
    check_albedo,
    check_photos,
    check_source,
    check_state,
)
from rhytid.core.document.project_archive import (
    ALBEDO,
    AROUND,
    HELD,
    JSON,
    LIGHT,
    LIMIT_BYTES,
    LOCK,
    MASKS,
    OFFSETS,
    OTHER_PHOTOS,
    PAINT,
    PHOTO,
    POINTS,
    REMEDY,
    SECOND,
    SMOOTHED,
    SOURCE,
    THUMBNAIL,
    ProjectArchive,
    ProjectError,
    write,
    write_array,
    write_map,
)
from rhytid.core.document.project_json import state_from_json, state_to_json
from rhytid.core.document.project_layers import layers_from_json, layers_to_json
from rhytid.core.document.project_paint import paint_from_json, paint_to_json
from rhytid.core.document.project_photo import (
    albedo_from_json,
    albedo_to_json,
    light_to_rows,
    photo_from_json,
    photo_to_json,
)
from rhytid.core.document.state import SCHEMA_VERSION, DocumentState
from rhytid.core.files.reading import FileRefused, count_values, parse_json
from rhytid.core.files.writing import replacing
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.maps.paint import Paint
from rhytid.core.photo.layer import PhotoLayer

Float32 = npt.NDArray[np.float32]

PROJECT_SUFFIX = ".rhytid"
_FORMAT = "rhytid project"
_MAX_JSON_VALUES = 1_500_000
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def save_project(
    path: str | PathLike[str], state: DocumentState, thumbnail: bytes | None = None, *, compress: bool = True
) -> None:
    """Write a project file; an older file of that name stays as it was unless all went well.

    Parameters
    ----------
    path : path
    state : DocumentState
    thumbnail : bytes, optional
        PNG to carry along.
    compress : bool
        False writes large maps much faster, as autosave wants.

    Raises
    ------
    ValueError
        The state holds something out of range, or the thumbnail is no PNG; nothing is written.
    OSError
        The file cannot be written.
    """
    check_state(state)
    if thumbnail is not None and not thumbnail.startswith(_PNG_SIGNATURE):
        raise ValueError("the thumbnail must be a PNG")
    document, points = state_to_json(state)
    layers, masks = layers_to_json(state.layers)
    content: dict[str, Any] = {"format": _FORMAT, "schema": SCHEMA_VERSION, "state": document, "layers": layers}
    if state.photo is not None:
        content["photo"] = photo_to_json(state.photo)
        content["other_photos"] = [photo_to_json(other) for other in state.other_photos]
    if state.albedo is not None:
        content["albedo"] = albedo_to_json(state.albedo)
    painted = None
    if state.paint is not None:
        content["paint"], painted = paint_to_json(state.paint)
    text = json.dumps(
        content,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )
    if len(text) > LIMIT_BYTES[JSON] or count_values(text.encode("ascii")) > _MAX_JSON_VALUES:
        raise ValueError(f"{path}: more strokes and bindings than a project can hold; delete some, then save")
    with (
        replacing(path, durable=True) as temporary,
        temporary.open("wb") as file,
        zipfile.ZipFile(file, "w") as archive,
    ):
        write(archive, JSON, text.encode("ascii"), compress)
        write_array(archive, POINTS, points, compress)
        if state.source is not None:
            write_map(archive, SOURCE, state.source.displacement, compress)
        if state.second is not None:
            write_map(archive, SECOND, state.second.detail.displacement, compress)
        if masks is not None:
            write_array(archive, MASKS, masks, compress)
        if state.smoothed is not None:
            write_array(archive, SMOOTHED, state.smoothed.mask[None], compress)
        if state.lock is not None:
            write_array(archive, LOCK, state.lock.mask[None], compress)
            write_array(archive, HELD, state.lock.held, compress)
        if painted is not None:
            write_array(archive, PAINT, painted, compress)
        if state.photo is not None:
            write(archive, PHOTO, state.photo.data, False)  # packed already, as photos are
            if state.photo.fit.offsets is not None:
                write_array(archive, OFFSETS, state.photo.fit.offsets, compress)
            if state.photo.light is not None:
                write_array(archive, LIGHT, light_to_rows(state.photo.light), compress)
        for other, (data, light) in zip(state.other_photos, OTHER_PHOTOS, strict=False):
            write(archive, data, other.data, False)
            if other.light is not None:
                write_array(archive, light, light_to_rows(other.light), compress)
        if state.albedo is not None:
            write_array(archive, ALBEDO, state.albedo.srgb, compress)
            if state.albedo.around is not None:
                write_array(archive, AROUND, state.albedo.around, compress)
        if thumbnail is not None:
            write(archive, THUMBNAIL, thumbnail, False)


def load_project(path: str | PathLike[str]) -> DocumentState:
    """Read a project file.

    Raises
    ------
    ProjectError
        The file is no project, is damaged, was written by a newer version, or holds values out of range.
    OSError
        The file cannot be opened.
    """
    return load_project_with_thumbnail(path)[0]


def load_project_with_thumbnail(path: str | PathLike[str]) -> tuple[DocumentState, bytes | None]:
    """Read a project file and the PNG it carries, None where there is none; raises as `load_project`."""
    with ProjectArchive(Path(path)) as archive:
        reader = _Reader(archive)
        return reader.state(), reader.thumbnail()


class _Reader:
    """An opened project file whose every failure is a `ProjectError` that names the file."""

    def __init__(self, archive: ProjectArchive) -> None:
        self._archive = archive

    def state(self) -> DocumentState:
        content = self._content()
        document = content.get("state")
        unknown = sorted(self._archive.names - set(LIMIT_BYTES))
        if unknown:
            raise self._archive.error(f"holds an unknown member {unknown[0]!r:.80}; save it again with the program")
        points = self._archive.array(POINTS)
        # Maps may be a quarter of a gigabyte each: they are unpacked once all else is right.
        stand_in = np.zeros((SOURCE_MIN_SIZE, SOURCE_MIN_SIZE), np.float32)
        try:
            state = state_from_json(
                document, points, *(stand_in if name in self._archive.names else None for name in (SOURCE, SECOND))
            )
            masks = self._archive.array(MASKS) if MASKS in self._archive.names else None
            state = replace(state, layers=layers_from_json(content.get("layers", []), masks))
            paint = self._paint(content.get("paint"))
            state = replace(state, smoothed=self._smoothed(), lock=self._lock(), paint=paint)
            check_state(state)
            if state.source is not None:
                state = replace(state, source=self._with_map(state.source, SOURCE))
            if state.second is not None:
                detail = self._with_map(state.second.detail, SECOND)
                state = replace(state, second=replace(state.second, detail=detail))
            state = replace(state, photo=self._photo(content.get("photo")), albedo=self._albedo(content.get("albedo")))
            if state.photo is not None:
                others = self._other_photos(content.get("other_photos", []), state.photo)
                check_photos(state.photo, others)
                state = replace(state, other_photos=others)
        except ProjectError:
            raise
        except (ValueError, OverflowError) as error:
            raise self._archive.error(f"holds a wrong value: {error}") from error
        return state

    def _smoothed(self) -> SmoothedSkin | None:
        mask = self._maybe(SMOOTHED)
        if mask is not None and len(mask) != 1:
            raise ValueError("smoothed skin: there must be one mask")
        return None if mask is None else SmoothedSkin(mask[0])

    def _lock(self) -> SkinLock | None:
        mask, held = self._maybe(LOCK), self._maybe(HELD)
        if mask is None and held is None:
            return None
        if mask is None or held is None or len(mask) != 1:
            raise ValueError("locked skin: mask and detail must be there both or not at all")
        return SkinLock(mask[0], held)

    def _paint(self, value: Any) -> Paint | None:
        if (value is None) != (PAINT not in self._archive.names):
            raise ValueError("paint: its tiles and its description must be there both or not at all")
        return None if value is None else paint_from_json(value, self._archive.array(PAINT))

    def _photo(self, value: Any) -> PhotoLayer | None:
        if (value is None) != (PHOTO not in self._archive.names):
            raise ValueError("photo: its file and its description must be there both or not at all")
        if value is None:
            return None
        return photo_from_json(value, self._archive.read(PHOTO), self._maybe(OFFSETS), self._maybe(LIGHT))

    def _other_photos(self, values: Any, photo: PhotoLayer) -> tuple[PhotoLayer, ...]:
        if not isinstance(values, list) or len(values) > len(OTHER_PHOTOS):
            raise ValueError(f"other_photos: must be a list of at most {len(OTHER_PHOTOS)}")
        missing = [data for data, _ in OTHER_PHOTOS[: len(values)] if data not in self._archive.names]
        if missing:
            raise ValueError(f"other_photos: {missing[0]} is missing")
        return tuple(
            photo_from_json(value, self._archive.read(data), photo.fit.offsets, self._maybe(light))
            for value, (data, light) in zip(values, OTHER_PHOTOS, strict=False)
        )

    def _maybe(self, name: str) -> npt.NDArray[Any] | None:
        return self._archive.array(name) if name in self._archive.names else None

    def _albedo(self, value: Any) -> AlbedoMap | None:
        if (value is None) != (ALBEDO not in self._archive.names):
            raise ValueError("albedo: its texels and its description must be there both or not at all")
        if value is None:
            return None
        albedo = albedo_from_json(value, self._archive.array(ALBEDO), self._maybe(AROUND))
        check_albedo(albedo)
        return albedo

    def _with_map(self, detail: SourceDetail, name: str) -> SourceDetail:
        detail = replace(detail, displacement=self._archive.map(name))
        check_source(detail)
        return detail

    def thumbnail(self) -> bytes | None:
        if THUMBNAIL not in self._archive.names:
            return None
        data = self._archive.read(THUMBNAIL)
        if not data.startswith(_PNG_SIGNATURE):
            raise self._archive.error(f"is damaged: {THUMBNAIL} is no PNG; open a backup")
        return data

    def _content(self) -> dict[str, Any]:
        try:
            told = f"{self._archive.path}: is damaged: {JSON}"
            document = parse_json(self._archive.read(JSON), told, _MAX_JSON_VALUES, REMEDY)
        except FileRefused as error:
            raise ProjectError(str(error)) from None
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise self._archive.error("is no Rhytid project; open a .rhytid file")
        schema = document.get("schema")
        if type(schema) is not int or schema < 1:
            raise self._archive.error(f"has the schema version {schema!r:.40}, which is none; open a backup")
        if schema > SCHEMA_VERSION:
            raise self._archive.error(
                f"was written by a newer version of Rhytid (schema {schema}, "
                f"this one reads up to {SCHEMA_VERSION}); update Rhytid to open it"
            )
        return document
