"""The pages of the manual: Markdown files of `resources/help`, in the order in which index.md lists them.

Headings have the anchors that code hosts give them, so that one set of links serves both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rhytid.core.resources import resource

START = "index"
SNIPPET_CHARS = 90
_HEADING = re.compile(r"^(#{1,4}) +(.+?) *$")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Section:
    """A heading and the text up to the next one.

    Attributes
    ----------
    page : str
        Name of the file without its suffix.
    anchor : str
        What links name it by, "" for the page's own title.
    title : str
    level : int
        1 for the page's title.
    text : str
        Its words, without marks of Markdown.
    """

    page: str
    anchor: str
    title: str
    level: int
    text: str

    @property
    def place(self) -> str:
        """As links say it: "drawing#depth"."""
        return f"{self.page}#{self.anchor}" if self.anchor else self.page


@dataclass(frozen=True)
class Page:
    """One file.

    Attributes
    ----------
    name, title : str
    path : Path
    sections : tuple of Section
    links : tuple of str
        Targets as they stand in the file: "strokes.md#depth", "#depth" or the path of a picture.
    """

    name: str
    title: str
    path: Path
    sections: tuple[Section, ...]
    links: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """A section that a search found, and some words around the first place."""

    section: Section
    snippet: str


def anchor_of(title: str) -> str:
    """Anchor of a heading: lower case, without punctuation, a hyphen for each space."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def plain(text: str) -> str:
    """Text without the marks of Markdown."""
    text = _LINK.sub(r"\1", text)
    text = re.sub(r"^\|[-| :]+\|$", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"[*`|]|^[#>]+ ", " ", text, flags=re.MULTILINE).split())


def help_folder() -> Path:
    """Where the pages are."""
    return resource("help")


@lru_cache(maxsize=1)
def manual_pages() -> tuple[Page, ...]:
    """The front page and all that it lists, in its order."""
    first = read_page(help_folder() / f"{START}.md")
    names = dict.fromkeys(link.partition("#")[0] for link in first.links if ".md" in link)
    return (first, *(read_page(help_folder() / name) for name in names))


def read_page(path: Path) -> Page:
    """Take a file apart at its headings."""
    text = path.read_text(encoding="utf-8")
    pieces: list[tuple[int, str, list[str]]] = []
    in_code = False
    for line in text.splitlines():
        in_code ^= line.startswith("```")
        heading = None if in_code else _HEADING.match(line)
        if heading:
            pieces.append((len(heading[1]), plain(heading[2]), []))
        elif pieces:
            pieces[-1][2].append(line)
    sections = tuple(
        Section(path.stem, anchor_of(title) if level > 1 else "", title, level, plain("\n".join(lines)))
        for level, title, lines in pieces
    )
    return Page(path.stem, sections[0].title, path, sections, tuple(target for _, target in _LINK.findall(text)))


def find(pages: Sequence[Page], query: str) -> list[Hit]:
    """Sections that hold every word of `query`; those with all of them in the heading come first."""
    words = query.casefold().split()
    if not words:
        return []
    in_title: list[Hit] = []
    in_text: list[Hit] = []
    for page in pages:
        for section in page.sections:
            title, text = section.title.casefold(), section.text.casefold()
            if all(word in title for word in words):
                in_title.append(Hit(section, _cut(section.text)))
            elif all(word in title or word in text for word in words):
                in_text.append(Hit(section, _around(section.text, words)))
    return in_title + in_text


def _around(text: str, words: Sequence[str]) -> str:
    at = min((place for word in words if (place := text.casefold().find(word)) >= 0), default=0)
    start = text.rfind(" ", 0, max(at - SNIPPET_CHARS // 3, 0)) + 1
    return ("… " if start else "") + _cut(text[start:])


def _cut(text: str) -> str:
    """The beginning of a text, ending with a whole word."""
    return text if len(text) <= SNIPPET_CHARS else text[: text.rfind(" ", 0, SNIPPET_CHARS)] + " …"
