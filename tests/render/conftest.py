from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import moderngl
import numpy as np
import pytest
from leak_guard import gl_objects, threads, watched
from render_samples import Picture, sheet

from rhytid.gui.render.offscreen import standalone_context
from rhytid.gui.render.quality import QualityController
from rhytid.gui.render.renderer import FaceRenderer


@pytest.fixture(scope="module")
def ctx() -> Iterator[moderngl.Context]:
    """One for a file: while it is current, Qt cannot make windows in this process."""
    with standalone_context() as context:
        yield context


@pytest.fixture(autouse=True)
def full_resolution(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, pictures that are compared have one resolution."""
    monkeypatch.setattr("rhytid.gui.render.renderer.QualityController", partial(QualityController, math.inf))


@pytest.fixture
def flat():
    return sheet(bend_mm=0.0)


@pytest.fixture
def bent():
    return sheet(bend_mm=25.0)


@pytest.fixture
def bump() -> np.ndarray:
    from render_samples import bump_map

    return bump_map(256)


@pytest.fixture
def picture(ctx) -> Iterator[Picture]:
    made = Picture(ctx)
    yield made
    made.release()


@pytest.fixture
def renderer(ctx, bent) -> Iterator[FaceRenderer]:
    made = FaceRenderer(ctx, bent)
    yield made
    made.release()


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """A test that leaves an object of OpenGL or a thread behind fails."""
    with watched(gl_objects, threads):
        yield
