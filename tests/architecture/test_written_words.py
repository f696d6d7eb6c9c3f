"""The words that come with the program: short enough, linked without a dead end, true about commands and licences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rhytid.core.photo import models_wheel
from rhytid.core.resources import resource
from rhytid.gui.cli.program import COMMANDS
from rhytid.gui.dialogs.about_dialog import libraries

ROOT = Path(__file__).resolve().parents[2]
WORDS = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "resources/README.md")
README_LINES = 150


def anchors(path: Path) -> set[str]:
    from rhytid.gui.manual.pages import read_page

    return {section.anchor for section in read_page(path).sections}


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= README_LINES


@pytest.mark.parametrize("name", WORDS)
def test_links_and_pictures_are_there(name: str):
    path = ROOT / name
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        target, _, anchor = link.partition("#")
        assert (path.parent / target).is_file(), link
        assert not anchor or anchor in anchors(path.parent / target), link


@pytest.mark.parametrize("name", WORDS)
def test_commands_exist(name: str):
    text = (ROOT / name).read_text("utf-8")
    named = re.findall(r"(?:rhytid|main\.py) ([a-z][a-z-]+)\b", "\n".join(_code(text)))
    assert set(named) <= set(COMMANDS)
    if name == "README.md":
        assert set(COMMANDS) <= set(named)


def _code(text: str) -> list[str]:
    """Spans and lines of code."""
    return re.findall(r"`([^`\n]+)`", text) + re.findall(r"^    (\S.*)", text, re.MULTILINE)


def test_every_library_is_listed_with_its_licence_and_no_other():
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no reader of TOML")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    wanted.append(models_wheel.REQUIREMENT)  # which the set-up installs apart
    assert set(libraries()) == {re.match(r"[\w.-]+", requirement)[0] for requirement in wanted}
    assert all(libraries().values())


def test_the_licence_is_stated_once_and_installed():
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no reader of TOML")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert project["license"] == "MIT"
    assert text.startswith("MIT License")
    assert "the Rhytid authors" in text
    assert all((ROOT / name).is_file() for name in project["license-files"])
    assert resource("head", "LICENSE-ICT-FaceKit.txt").is_file()
