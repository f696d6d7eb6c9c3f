"""A library of wrinkles: folders of small files, the program's own and the artist's.

Every item is a file by itself that may be handed on: strokes in the chart, a name, tags. Folders of the disk are the
folders of the library. The program's own items are never changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from rhytid.core.document.limits import MAX_NAME_LENGTH
from rhytid.core.document.wrinkle_set import WrinkleSet, wrinkle_set_from_json, wrinkle_set_to_json
from rhytid.core.files.names import name_problem
from rhytid.core.files.reading import FileRefused, read_file
from rhytid.core.files.text import shown, storable
from rhytid.core.files.writing import replacing
from rhytid.core.resources import resource

SUFFIX = ".rhytid-wrinkles"
MAX_FILE_BYTES = 1 << 20
MAX_ITEMS = 2000  # of the artist's own
OWN_FOLDER = resource("wrinkles")
USUAL_FOLDER = "My wrinkles"
STRENGTHS = ("light", "medium", "deep")
_REMEDY = "choose another file, or save the wrinkles again"
_LONGEST_NAME = 80  # of a file


@dataclass(frozen=True)
class LibraryItem:
    """One file of the library.

    Attributes
    ----------
    path : Path
    folder : str
    wrinkles : WrinkleSet
    digest : str
        Of the file; what was made of the item is kept under it.
    own : bool
        It comes with the program.
    """

    path: Path
    folder: str
    wrinkles: WrinkleSet
    digest: str
    own: bool

    @property
    def name(self) -> str:
        return self.wrinkles.name or self.path.stem

    def answers_to(self, words: str) -> bool:
        """Whether name, folder and tags together hold every word that is searched for."""
        text = " ".join((self.name, self.folder, *self.wrinkles.tags)).casefold()
        return all(word in text for word in words.casefold().split())


def read_wrinkles(path: Path) -> tuple[WrinkleSet, str]:
    """Content and digest of a file of wrinkles.

    Raises
    ------
    FileRefused
        It is none, is too large or holds what is wrong; the message names file and remedy.
    OSError
        It is not there or cannot be opened.
    """
    data = read_file(path, MAX_FILE_BYTES, _REMEDY)
    numbers = count()
    wrinkles = wrinkle_set_from_json(data, lambda: f"item{next(numbers)}", shown(path.name), _REMEDY)
    if not wrinkles.strokes:
        raise FileRefused(f"{shown(path.name)}: holds no wrinkle; {_REMEDY}")
    return wrinkles, hashlib.sha256(data).hexdigest()


class WrinkleLibrary:
    """The items on the disk.

    Parameters
    ----------
    folder : Path or None
        The artist's own; None where there is no place for one, and nothing can be kept.
    own_folder : Path
        The program's.
    """

    def __init__(self, folder: Path | None, own_folder: Path = OWN_FOLDER) -> None:
        self.folder = folder
        self._own_folder = own_folder

    def read(self, told: Callable[[], object] = lambda: None) -> tuple[list[LibraryItem], list[str]]:
        """All items by folder and name, and a line about each file that is none.

        Parameters
        ----------
        told : callable
            Called before each file; what it raises ends the reading.
        """
        items: list[LibraryItem] = []
        problems: list[str] = []
        for root, own in ((self._own_folder, True), (self.folder, False)):
            if root is None or not root.is_dir():
                continue
            paths = sorted(root.glob(f"*/*{SUFFIX}"))
            if len(paths) > MAX_ITEMS:
                problems.append(f"{root}: holds {len(paths)} files, the first {MAX_ITEMS} are shown; move some away")
            for path in paths[:MAX_ITEMS]:
                told()
                try:
                    wrinkles, digest = read_wrinkles(path)
                except (OSError, FileRefused) as error:
                    problems.append(str(error))
                else:
                    items.append(LibraryItem(path, path.parent.name, wrinkles, digest, own))
        return sorted(items, key=_order), problems

    def keep(self, wrinkles: WrinkleSet, folder: str = USUAL_FOLDER) -> Path:
        """Write an item of the artist's own under a name of a file that is free.

        Raises
        ------
        ValueError
            It has no name, no stroke or too many of them, or the folder's name cannot be one.
        OSError
            The disk refused, or there is no folder for it.
        """
        path = self._free_path(wrinkles.name, folder)
        self._write(path, wrinkles)
        return path

    def take(self, source: Path) -> Path:
        """Copy a file of somebody else into the library, where it has its own name; raises as `read_wrinkles`."""
        wrinkles, _ = read_wrinkles(source)
        return self.keep(replace(wrinkles, name=wrinkles.name or source.stem))

    def change(self, item: LibraryItem, wrinkles: WrinkleSet, folder: str) -> Path:
        """Give an item of the artist's own another name, folder or tags; raises as `keep`."""
        self._refuse_own(item)
        path = self._free_path(wrinkles.name, folder, item.path)
        self._write(path, wrinkles)
        if path != item.path:
            item.path.unlink(missing_ok=True)
        return path

    def delete(self, item: LibraryItem) -> None:
        """Delete an item of the artist's own; raises `OSError` when the disk refuses."""
        self._refuse_own(item)
        item.path.unlink(missing_ok=True)

    def _refuse_own(self, item: LibraryItem) -> None:
        if item.own:
            raise ValueError(f"{item.name} comes with the program; save a copy under another name")

    def _free_path(self, name: str, folder: str, present: Path | None = None) -> Path:
        if self.folder is None:
            raise OSError("there is no folder for a library; set RHYTID_STATE_DIR to one")
        name, folder = storable(name.strip()), storable(folder.strip())
        if not name or len(name) > MAX_NAME_LENGTH:
            raise ValueError(f"a wrinkle needs a name of 1 to {MAX_NAME_LENGTH} characters")
        problem = name_problem(folder) or ("a folder does not begin with a dot" if folder.startswith(".") else "")
        if problem or len(folder) > _LONGEST_NAME:
            raise ValueError(f"the folder {shown(folder)!r:.60} cannot be: {problem or 'its name is too long'}")
        stem = "".join("_" if name_problem(f"a{c}b") else c for c in name)[:_LONGEST_NAME].strip(" .") or "wrinkle"
        stem = f"{stem}_" if name_problem(stem) else stem
        for number in count(1):
            path = self.folder / folder / f"{stem if number == 1 else f'{stem} {number}'}{SUFFIX}"
            if path == present or not path.exists():
                return path
        raise AssertionError

    def _write(self, path: Path, wrinkles: WrinkleSet) -> None:
        if not wrinkles.strokes:
            raise ValueError("select the wrinkles to keep first")
        data = wrinkle_set_to_json(replace(wrinkles, name=storable(wrinkles.name.strip())))
        if len(data) > MAX_FILE_BYTES:
            raise ValueError(f"{len(wrinkles.strokes)} wrinkles are too many for one item; select fewer")
        numbers = count()  # what could not be read again is not written
        wrinkle_set_from_json(data, lambda: f"item{next(numbers)}", "the wrinkles", "change them and save again")
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(data)


def tags_of(text: str) -> tuple[str, ...]:
    """Tags as they are typed, with commas between them."""
    return tuple(dict.fromkeys(word for part in text.split(",") if (word := storable(part.strip()))))


def _order(item: LibraryItem) -> tuple[bool, str, str, int]:
    """The program's first, by folder and name; light before medium before deep."""
    bare, _, last = item.name.rpartition(", ")
    strength = STRENGTHS.index(last) if last in STRENGTHS else -1
    return not item.own, item.folder, item.name if strength < 0 else bare, strength
