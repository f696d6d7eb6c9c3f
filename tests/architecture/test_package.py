"""pyproject.toml maps every folder of the source into the installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no reader of TOML")
ROOT = Path(__file__).resolve().parents[2]


def test_every_package_of_the_source_is_installed():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    found = {
        "rhytid." + ".".join(start.parent.relative_to(ROOT).parts)
        for top in ("core", "gui", "resources", "shaders")
        for start in (ROOT / top).rglob("__init__.py")
    }
    assert set(listed) == found - {"rhytid.core.api"} | {"rhytid"}
    assert len(listed) == len(set(listed))
