"""Principal components of synthetic maps are read again to the bit, and made anew where the file is not right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.evaluation import kept_components
from rhytid.core.evaluation.kept_components import made_components, recipe_digest
from rhytid.core.evaluation.principal import Components
from rhytid.core.evaluation.tasks import Setup, Workers
from rhytid.core.files.state_folder import STATE_DIR_VARIABLE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """How many maps were made, each time that some were; maps are noise here."""
    calls: list[int] = []

    def maps(n_maps: int, _setup: Setup, _workers: Workers):
        calls.append(n_maps)
        noise = np.random.default_rng(n_maps).standard_normal((n_maps, 256, 256), dtype=np.float32)
        return lambda: [noise]

    monkeypatch.setattr(kept_components, "made_maps", maps)
    monkeypatch.setenv(STATE_DIR_VARIABLE, str(tmp_path))
    return calls


def components(n_maps: int) -> Components:
    return made_components(n_maps, Setup(Path()), Workers(1))


def same(a: Components, b: Components) -> bool:
    return a.n_maps == b.n_maps and a.mean.tobytes() == b.mean.tobytes() and a.vectors.tobytes() == b.vectors.tobytes()


def test_they_are_made_once_and_read_to_the_bit(made):
    first = components(4)
    assert same(components(4), first)
    assert made == [4]
    assert not same(components(3), first)
    assert made == [4, 3]


def cut_short(data: bytes) -> bytes:
    return data[:-1]


def one_byte_else(data: bytes) -> bytes:
    return data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]


def nothing(data: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [cut_short, one_byte_else, nothing])
def test_a_damaged_file_is_made_anew(made, tmp_path, damage):
    first = components(4)
    (path,) = (tmp_path / "components").iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert same(components(4), first)
    assert made == [4, 4]
    assert same(components(4), first)
    assert made == [4, 4]


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(made, tmp_path):
    (tmp_path / "components").write_text("no folder")
    assert same(components(4), components(4))
    assert made == [4, 4]


def test_only_two_files_stay(made, tmp_path):
    for n_maps in (3, 4, 5, 6):
        components(n_maps)
    assert len(list((tmp_path / "components").iterdir())) == 2


def test_all_code_that_makes_maps_is_part_of_the_name():
    code = (
        "import main, sys, rhytid.core.synthesis\n"
        "print(*(module.__file__ for name, module in sys.modules.items() if 'rhytid.' in name))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    counted = {path.resolve() for path in kept_components._recipe_files()}
    loose = {"cancelled.py", "given.py", "read_only.py", "resources.py"}  # they hand values on and change none
    left_out = {path.name for path in map(Path, told.split()) if path.resolve() not in counted}
    assert left_out <= {"__init__.py", *loose}


def test_the_name_tells_what_they_depend_on(monkeypatch):
    before = recipe_digest(4)
    assert before == recipe_digest(4) != recipe_digest(5)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert recipe_digest(4) != before
    files = list(kept_components._recipe_files())
    assert {path.name for path in files} >= {"principal.py", "sample.py", "relief.py", "ageing.py", "default.npz"}
    monkeypatch.setattr(kept_components, "_recipe_files", lambda: iter(files[1:]))
    assert recipe_digest(4) != before
