"""One output of a batch: which face, at which age, with which expression, and what is made of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from rhytid.core.files.digest import file_digest
from rhytid.core.io.export_options import ExportOptions, options_for
from rhytid.core.io.planned_export import planned_in
from rhytid.core.pack.options import PackOptions

OWN, EVERY = "own", "all"
Weights = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class BatchFace:
    """Where a face comes from: a project, photos of one person, a head, or a seed. Paths are absolute."""

    name: str
    project: str = ""
    photos: tuple[str, ...] = ()
    head: str = ""
    seed: int | None = None
    photo_age: float | None = None


@dataclass(frozen=True)
class BatchLook:
    """An expression; None keeps the face's own."""

    name: str = OWN
    weights: Weights | None = None
    action_units: Weights = ()


@dataclass(frozen=True)
class BatchOutput:
    """An export or a wrinkle pack (a folder), or a picture.

    Attributes
    ----------
    kind : str
        "exports", "packs" or "renders".
    options : str
        JSON: fields of `ExportOptions` or of `PackOptions`, or arguments of `face_picture`.
    suffix : str
        Of the picture; "" for a folder.
    """

    name: str
    kind: str
    options: str
    suffix: str = ""

    def files(self, target: Path) -> list[Path]:
        """What it writes."""
        if self.kind == "renders":
            return [target]
        if self.kind == "packs":
            return [target / name for name in pack_options(self.options).files()]
        return [target / name for name in planned_in(target, export_options(self.options))]


@dataclass(frozen=True)
class Task:
    """One face at one age with one expression, and what is made of it.

    Attributes
    ----------
    name : str
        Place within the output folder, with slashes.
    target : str
        The same as an absolute path.
    age : float or None
        None keeps the face's own.
    engine : str
        "" keeps the face's own.
    """

    name: str
    target: str
    face: BatchFace
    age: float | None
    look: BatchLook
    output: BatchOutput
    engine: str = ""

    @property
    def files(self) -> list[Path]:
        """What it writes."""
        return self.output.files(Path(self.target))

    def digest(self) -> str:
        """Changes when the task or a file that it reads does, and not with the place of the output."""
        content = {name: value for name, value in asdict(self).items() if name not in ("name", "target")}
        read = [self.face.project, *self.face.photos, self.face.head]
        content["files"] = [_content_of(path) for path in read if path]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def export_options(options: str) -> ExportOptions:
    """Those that a `BatchOutput` holds."""
    given = json.loads(options)
    return options_for(**given) if "client" in given else ExportOptions(**given)


def pack_options(options: str) -> PackOptions:
    """The same of a wrinkle pack."""
    return PackOptions(**json.loads(options))


@lru_cache(maxsize=4096)
def _content_of(path: str) -> str:
    """Digest of a file; of a folder names, sizes and dates, for heads are large."""
    place = Path(path)
    if not place.is_dir():
        return file_digest(place) or ""
    listed = [(str(one.relative_to(place)), one.stat().st_size, one.stat().st_mtime_ns)
              for one in sorted(place.rglob("*")) if one.is_file()]  # fmt: skip
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()
