"""The wrinkles that come with the program: the committed files, what is in them, and that none of it is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import expression_array
from rhytid.core.detail.anatomy import EYE_RIGHT, MOUTH_OPENING, mirrored
from rhytid.core.detail.site_match import site_of
from rhytid.core.document.expression import action_units_of
from rhytid.core.document.own_wrinkles import own_wrinkles, write_own_wrinkles
from rhytid.core.document.wrinkle_library import OWN_FOLDER, STRENGTHS, LibraryItem, WrinkleLibrary, read_wrinkles
from rhytid.core.lines.activation import activation

SITES = ("Forehead lines", "Frown lines", "Crow's feet", "Under-eye lines", "Bunny lines", "Nasolabial fold",
         "Upper lip lines", "Marionette lines", "Chin crease and lines", "Cheek lines", "Neck lines")  # fmt: skip


@pytest.fixture(scope="module")
def items() -> dict[str, LibraryItem]:
    found, problems = WrinkleLibrary(None).read()
    assert problems == []
    return {item.name: item for item in found}


def test_the_committed_files_are_what_the_command_makes(tmp_path: Path) -> None:
    number = write_own_wrinkles(tmp_path)
    made = {path.relative_to(tmp_path): read_wrinkles(path)[0] for path in tmp_path.rglob("*.*")}
    committed = {path.relative_to(OWN_FOLDER): read_wrinkles(path)[0] for path in OWN_FOLDER.rglob("*.*")}
    assert len(made) == number >= 40
    assert made == committed
    assert sum(path.stat().st_size for path in OWN_FOLDER.rglob("*.*")) < 200_000


@pytest.mark.parametrize("site", SITES)
def test_every_site_comes_in_three_strengths_each_deeper_and_no_fewer_lines(items, site: str) -> None:
    strokes = [items[f"{site}, {strength}"].wrinkles.strokes for strength in STRENGTHS]
    depths = [float(np.mean([s.depth_mm for s in some])) for some in strokes]
    assert depths == sorted(depths)
    assert depths[2] > 1.3 * depths[0]
    assert [len(some) for some in strokes] == sorted(len(some) for some in strokes)


def test_most_lines_run_along_the_site_that_they_are_filed_under(items) -> None:
    own = [s for item in items.values() if item.folder != "Scars" for s in item.wrinkles.strokes]
    found = [site_of(stroke) for stroke in own]
    right = [f is not None and s.layer.startswith(f"site:{f[0].id}") for s, f in zip(own, found, strict=True)]
    assert np.mean(right) > 0.8


def test_no_line_crosses_the_openings_of_eyes_and_mouth(items) -> None:
    import cv2

    openings = [np.asarray(p, np.float32) for p in (EYE_RIGHT, mirrored(EYE_RIGHT), MOUTH_OPENING)]
    for item in items.values():
        for stroke in item.wrinkles.strokes:
            for x, y in stroke.points:
                assert all(cv2.pointPolygonTest(p, (float(x), float(y)), False) < 0 for p in openings), item.name


def test_a_deep_line_is_there_at_rest_a_light_one_hardly_and_both_grow_with_their_expression(items) -> None:
    neutral = expression_array({})
    smile = expression_array({"mouthSmileRight": 1.0, "cheekSquintRight": 1.0})
    rest, laughing = [], []
    for strength in STRENGTHS:
        stroke = items[f"Crow's feet, {strength}"].wrinkles.strokes[0]
        rest.append(activation(stroke, neutral, {}, 30.0))
        laughing.append(activation(stroke, smile, action_units_of(smile), 30.0))
    assert rest == sorted(rest)
    assert rest[0] < 0.2 < 0.5 < rest[2]
    assert min(laughing) > 0.95


def test_scars_are_always_there(items) -> None:
    scars = [item for item in items.values() if item.folder == "Scars"]
    assert len(scars) >= 4
    for item in scars:
        assert all(activation(s, expression_array({}), {}, 20.0) == 1.0 for s in item.wrinkles.strokes)


def test_items_are_found_by_words_of_name_folder_and_tags(items) -> None:
    def found(words: str) -> set[str]:
        return {name for name, item in items.items() if item.answers_to(words)}

    assert found("laugh eyes") == {f"Crow's feet, {strength}" for strength in STRENGTHS}
    assert found("corrugator DEEP") == {"Frown lines, deep"}
    assert found("") == set(items)
    assert found("nothing like it") == set()
    assert sum(1 for item in own_wrinkles().values() if "scar" in item.tags) == len(found("scar"))
