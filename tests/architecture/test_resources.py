"""Every folder of assets is listed with its origin and licence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
SECTIONS = re.split(r"^## ", (RESOURCES / "README.md").read_text("utf-8"), flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("folder", sorted(path.name for path in RESOURCES.iterdir() if path.is_dir()))
def test_folder_has_origin_and_licence(folder: str) -> None:
    (section,) = [text for text in SECTIONS if f"{folder}/" in text.partition("\n")[0]]
    for word in ("**Origin.**", "**Licence.**"):
        assert word in section


def test_preset_files_are_described() -> None:
    section = next(text for text in SECTIONS if text.startswith("presets/"))
    assert set(re.findall(r"`(\w+\.json)` \|", section)) == {path.name for path in (RESOURCES / "presets").iterdir()}
