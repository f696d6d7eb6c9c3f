"""A small pack of a person of sixty, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from rhytid.core.face.face import Face
from rhytid.core.pack import making
from rhytid.core.pack.expressions import fit_samples, held_out_samples
from rhytid.core.pack.options import PackOptions
from rhytid.core.pack.writing import PackReport, write_pack

OPTIONS = PackOptions(budget=2, size=256, heights=True)


@pytest.fixture(scope="session")
def old_face() -> Face:
    face = Face()
    face.be_random(7)
    face.age = 60
    face.engine = "procedural"
    return face


def fit_on_few(patch: pytest.MonkeyPatch) -> None:
    """Fits on few expressions in small maps."""
    alone = [sample for sample in fit_samples(24) if not sample.name.endswith("0.5")]
    patch.setattr(making, "FIT_SIDE", 128)
    patch.setattr(making, "fit_samples", lambda: tuple(alone[::3]))
    patch.setattr(making, "held_out_samples", lambda: held_out_samples(8))


@pytest.fixture
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    fit_on_few(monkeypatch)


@pytest.fixture(scope="session")
def pack(old_face: Face, tmp_path_factory: pytest.TempPathFactory) -> PackReport:
    with pytest.MonkeyPatch.context() as patch:
        fit_on_few(patch)
        folder = Path(tmp_path_factory.mktemp("pack")) / "wrinkles"
        return write_pack(old_face.state, old_face.head, old_face.engines, folder, OPTIONS)
