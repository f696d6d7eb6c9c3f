"""The library on the disk: kept, read, changed and handed on; what is damaged costs a line."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from document_samples import rich_stroke, stroke
from hypothesis import given
from hypothesis import strategies as st

from rhytid.core.detail.wrinkles import generated_strokes
from rhytid.core.document.wrinkle_library import (
    MAX_FILE_BYTES,
    SUFFIX,
    USUAL_FOLDER,
    LibraryItem,
    WrinkleLibrary,
    read_wrinkles,
    tags_of,
)
from rhytid.core.document.wrinkle_set import WrinkleSet
from rhytid.core.files.reading import FileRefused

STROKES = (*generated_strokes(3)[:5], rich_stroke("a", 1))


@pytest.fixture
def library(tmp_path: Path) -> WrinkleLibrary:
    return WrinkleLibrary(tmp_path / "mine", tmp_path / "none")


def only(library: WrinkleLibrary) -> LibraryItem:
    (item,), problems = library.read()
    assert problems == []
    return item


def test_what_is_kept_comes_back_to_a_few_micrometres(library: WrinkleLibrary) -> None:
    library.keep(WrinkleSet(STROKES, "Smile", ("left", "young")), "Faces")
    item = only(library)
    assert (item.name, item.folder, item.wrinkles.tags, item.own) == ("Smile", "Faces", ("left", "young"), False)
    for old, new in zip(STROKES, item.wrinkles.strokes, strict=True):
        assert np.abs(old.points - new.points).max() < 1e-5
        assert np.abs(old.pressure - new.pressure).max() < 1e-5
        same = {"points": new.points, "pressure": new.pressure, "id": new.id, "from_source": False}
        assert replace(old, **same) == new


def test_two_items_of_one_name_are_two_files(library: WrinkleLibrary) -> None:
    first = library.keep(WrinkleSet(STROKES[:1], "Frown"))
    second = library.keep(WrinkleSet(STROKES[1:2], "Frown"))
    assert first != second
    assert {first.parent.name, second.parent.name} == {USUAL_FOLDER}
    assert len(library.read()[0]) == 2


def test_an_item_is_renamed_tagged_and_moved(library: WrinkleLibrary) -> None:
    library.keep(WrinkleSet(STROKES, "Old"))
    item = only(library)
    library.change(item, replace(item.wrinkles, name="New", tags=("a",)), "Elsewhere")
    new = only(library)
    assert (new.name, new.folder, new.wrinkles.tags) == ("New", "Elsewhere", ("a",))
    assert new.wrinkles.strokes == item.wrinkles.strokes
    assert not item.path.exists()


def test_tags_alone_leave_the_file_where_it_is(library: WrinkleLibrary) -> None:
    library.keep(WrinkleSet(STROKES, "Old"))
    item = only(library)
    assert library.change(item, replace(item.wrinkles, tags=("x",)), item.folder) == item.path
    assert only(library).wrinkles.tags == ("x",)


def test_an_item_is_deleted(library: WrinkleLibrary) -> None:
    path = library.keep(WrinkleSet(STROKES, "Gone"))
    library.delete(only(library))
    assert not path.exists()
    assert library.read() == ([], [])


def test_the_programs_own_items_stay(tmp_path: Path) -> None:
    WrinkleLibrary(tmp_path / "own").keep(WrinkleSet(STROKES, "Ours"), "Folder")
    library = WrinkleLibrary(tmp_path / "mine", tmp_path / "own")
    item = only(library)
    assert item.own
    with pytest.raises(ValueError, match="comes with the program"):
        library.delete(item)
    with pytest.raises(ValueError, match="comes with the program"):
        library.change(item, item.wrinkles, "Folder")
    assert only(library) == item


def test_a_file_of_somebody_else_is_copied_under_its_name(library: WrinkleLibrary, tmp_path: Path) -> None:
    path = WrinkleLibrary(tmp_path / "theirs").keep(WrinkleSet(STROKES, "Theirs", ("old",)))
    library.take(path)
    item = only(library)
    assert (item.name, item.wrinkles.tags) == ("Theirs", ("old",))
    assert item.path.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("data", [
    b"", b"{}", b"not json", b'{"format":"rhytid wrinkles","version":2}', b"\xff\xfe",
    b'{"format":"rhytid wrinkles","version":1,"strokes":[],"points":[]}',
    b" " * (MAX_FILE_BYTES + 1),
])  # fmt: skip
def test_a_bad_file_is_one_line_with_its_name_and_a_remedy(library: WrinkleLibrary, data: bytes) -> None:
    good = library.keep(WrinkleSet(STROKES, "Good"))
    bad = good.with_name(f"bad{SUFFIX}")
    bad.write_bytes(data)
    items, problems = library.read()
    assert [item.name for item in items] == ["Good"]
    assert len(problems) == 1
    assert bad.name in problems[0]
    assert "choose another file" in problems[0]
    assert "\n" not in problems[0]
    with pytest.raises(FileRefused, match="choose another file"):
        library.take(bad)
    assert len(library.read()[0]) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_among_the_files_holds_nothing_up(library: WrinkleLibrary) -> None:
    good = library.keep(WrinkleSet(STROKES, "Good"))
    os.mkfifo(good.with_name(f"pipe{SUFFIX}"))
    assert len(library.read()[1]) == 1


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_name_is_kept_inside_the_library_or_refused(tmp_path_factory, name: str, folder: str) -> None:
    root = tmp_path_factory.mktemp("names")
    library = WrinkleLibrary(root / "mine", root / "none")
    try:
        path = library.keep(WrinkleSet(STROKES[:1], name), folder)
    except ValueError:
        assert list(root.rglob(f"*{SUFFIX}")) == []
        return
    assert path.parent.parent == root / "mine"
    assert read_wrinkles(path)[0].strokes
    assert len(library.read()[0]) == 1


def test_too_many_strokes_are_refused_and_nothing_is_written(library: WrinkleLibrary) -> None:
    many = tuple(stroke(f"s{i}", i) for i in range(9000))
    with pytest.raises(ValueError, match="too many"):
        library.keep(WrinkleSet(many, "Many"))
    with pytest.raises(ValueError, match="select"):
        library.keep(WrinkleSet((), "None"))
    with pytest.raises(ValueError, match="a tag"):
        library.keep(WrinkleSet(STROKES, "Long", ("t" * 100,)))
    assert library.read() == ([], [])


def test_without_a_folder_the_programs_own_can_be_used_and_nothing_be_kept() -> None:
    library = WrinkleLibrary(None)
    assert len(library.read()[0]) >= 40
    with pytest.raises(OSError, match="RHYTID_STATE_DIR"):
        library.keep(WrinkleSet(STROKES, "Mine"))


def test_tags_are_typed_with_commas() -> None:
    assert tags_of(" left,  very old ,left,, ") == ("left", "very old")
