"""The manual's pages: reachable, linked without a dead end, and true about commands and keys."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence

from rhytid.gui.cli.program import COMMANDS
from rhytid.gui.manual.pages import Page, anchor_of, find, help_folder, manual_pages, plain, read_page
from rhytid.gui.manual.topic_table import TOPICS
from rhytid.gui.window.actions import SPECS

PAGES = manual_pages()
PLACES = {section.place for page in PAGES for section in page.sections}


def test_every_file_is_listed_on_the_front_page():
    assert {page.path.name for page in PAGES} == {path.name for path in help_folder().glob("*.md")}
    assert len(PAGES) > 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_one_title_and_no_anchor_twice(page: Page):
    assert [section.level for section in page.sections].count(1) == 1
    assert page.sections[0].level == 1
    anchors = [section.anchor for section in page.sections]
    assert len(anchors) == len(set(anchors))
    below = {section.title for section, after in pairwise(page.sections) if after.level > section.level}
    assert {section.title for section in page.sections if not section.text} <= below, "a heading without a paragraph"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Page):
    for link in page.links:
        name, _, anchor = link.partition("#")
        if name.endswith(".md") or not name:
            target = name.removesuffix(".md") or page.name
            assert (f"{target}#{anchor}" if anchor else target) in PLACES, link
        else:
            assert (page.path.parent / name).is_file(), link


def test_every_topic_is_a_paragraph():
    assert {place for place in TOPICS.values() if place not in PLACES} == set()


def test_every_key_of_a_menu_is_on_the_page_of_keys():
    text = (help_folder() / "keys.md").read_text("utf-8")
    in_series = {str(number) for number in range(1, 8)} | {"[", "]", "Shift+[", "Shift+]", "{", "}"}
    keys = {key for spec in SPECS for key in spec.keys} - in_series
    assert {key for key in keys if not re.search(rf"[| ]{re.escape(key)}[,| ]", text)} == set()
    assert all(QKeySequence(key).count() == 1 for key in keys)


def test_every_command_has_a_paragraph_and_every_paragraph_names_a_command():
    (page,) = (page for page in PAGES if page.name == "command-line")
    assert {section.title for section in page.sections if section.title.islower()} == set(COMMANDS)


def test_anchors_are_those_of_code_hosts():
    assert anchor_of("Duplicate, mirror, smooth, delete") == "duplicate-mirror-smooth-delete"
    assert anchor_of("Crow's feet & lids: 2 px") == "crows-feet--lids-2-px"


def test_a_page_is_taken_apart_at_its_headings_but_not_in_code(tmp_path: Path):
    path = tmp_path / "p.md"
    path.write_text("# Title\nsome *words*\n## One `two`\n```\n# no heading\n```\n[text](a.md#b)\n", "utf-8")
    page = read_page(path)
    assert [(s.level, s.title, s.anchor) for s in page.sections] == [(1, "Title", ""), (2, "One two", "one-two")]
    assert page.sections[0].text == "some words"
    assert page.sections[1].text.endswith("text")
    assert page.links == ("a.md#b",)
    assert plain("| a | b |\n|---|---|\n| **c** | d |") == "a b c d"


def test_a_search_finds_paragraphs_with_all_words_headings_first():
    hits = find(PAGES, "edge PADDING")
    assert hits[0].section.place == "exporting#edge-padding"
    assert all("padding" in f"{hit.section.title} {hit.section.text}".casefold() for hit in hits)
    assert find(PAGES, "edge unheardof") == []
    assert find(PAGES, "   ") == []
    (hit,) = [hit for hit in find(PAGES, "funnel") if hit.section.page == "face"]
    assert "funnel" in hit.snippet
