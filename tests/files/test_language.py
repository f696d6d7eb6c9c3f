"""Texts in the language that was chosen."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from rhytid.core import language
from rhytid.core.language import PSEUDO, spoken, tr


def catalogue(texts: dict[str, str]) -> bytes:
    """A gettext catalogue as its manual lays it out ("The Format of GNU MO Files")."""
    pairs = [(key.encode(), text.encode()) for key, text in sorted(texts.items())]
    at = 28 + 16 * len(pairs)
    tables: list[bytes] = []
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[side]), at))
            at += len(pair[side]) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, at)
    return head + b"".join(tables) + b"".join(pair[side] + b"\0" for side in (0, 1) for pair in pairs)


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    head = "Content-Type: text/plain; charset=UTF-8\nLanguage: de\n"
    (folder / "rhytid.mo").write_bytes(catalogue({"": head, "{0} lines found in {name}": "{name}: {0} Linien"}))
    monkeypatch.setattr(language, "resource", lambda *_names: tmp_path)
    monkeypatch.setenv("RHYTID_LANGUAGE", "de")
    language._catalogue.cache_clear()
    yield
    language._catalogue.cache_clear()


def test_a_catalogue_is_spoken_and_what_it_lacks_stays_english(german):
    assert tr("{0} lines found in {name}", 3, name="a.exr") == "a.exr: 3 Linien"
    assert tr("Save {0}", "x") == "Save x"
    assert tr("") == ""
    assert spoken() == "de"


def test_without_a_catalogue_all_is_english(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RHYTID_LANGUAGE", "xx")
    language._catalogue.cache_clear()
    assert spoken() == ""
    assert tr("{0} of {n:.1f} mm", "Two", n=3) == "Two of 3.0 mm"
    assert tr("plain {braces}") == "plain {braces}"
    language._catalogue.cache_clear()


def test_the_pseudo_language_marks_a_text_before_its_values_come_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RHYTID_LANGUAGE", PSEUDO)
    assert tr("{0} of {n:.1f} mm", "Two", n=3) == "[Two of 3.0 mm~~~~~]"
